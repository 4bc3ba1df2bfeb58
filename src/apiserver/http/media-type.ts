/** Content negotiation: what the client sent, and what it wants back. Pure. */

export type Format = 'json' | 'yaml' | 'protobuf' | 'cbor';

export type View = 'object' | 'table' | 'partial';

export interface Accepted {
  readonly format: Format;
  /** The object itself, a Table for people, or metadata only. */
  readonly view: View;
  /** The version of `meta.k8s.io` in which a Table or metadata are wanted. */
  readonly metaVersion?: 'v1' | 'v1beta1';
}

export const MEDIA_TYPES: { readonly [F in Format]: string } = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
  cbor: 'application/cbor',
};

/** What errors tell to clients. CBOR is served without being told of, as upstream does not by default. */
export const TOLD_MEDIA_TYPES: readonly string[] = [MEDIA_TYPES.json, MEDIA_TYPES.yaml, MEDIA_TYPES.protobuf];
/** The same, of watches, which YAML cannot carry. */
export const TOLD_STREAM_TYPES: readonly string[] = [MEDIA_TYPES.json, MEDIA_TYPES.protobuf].map(
  (type) => `${type};stream=watch`,
);

const FORMATS: { readonly [type: string]: Format } = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  'application/cbor': 'cbor',
  'application/cbor-seq': 'cbor',
  'application/*': 'json',
  '*/*': 'json',
};

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** In the order in which the client prefers them. */
function parseClauses(header: string): Clause[] {
  const clauses = header.split(',').map((clause) => {
    const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals > 0) parameters.set(parameter.slice(0, equals), parameter.slice(equals + 1));
    }
    const quality = Number(parameters.get('q') ?? 1);
    return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return clauses.toSorted((a, b) => b.quality - a.quality);
}

const PLAIN_JSON: Accepted = { format: 'json', view: 'object' };

const ALL_VIEWS: ReadonlySet<View> = new Set(['object', 'table', 'partial']);

/** The first clause that can be served; undefined: none (406). An absent header means JSON. */
export function negotiate(
  accept: string,
  formats: ReadonlySet<Format>,
  views: ReadonlySet<View> = ALL_VIEWS,
): Accepted | undefined {
  if (accept === '' || accept === '*/*' || accept === 'application/json') return PLAIN_JSON;
  for (const { type, parameters } of parseClauses(accept)) {
    const format = FORMATS[type];
    if (format === undefined || !formats.has(format) || !isServed(format, parameters)) continue;
    const shown = viewOf(parameters);
    if (shown === undefined || !views.has(shown.view)) continue;
    // Tables have no protobuf form.
    if (shown.view === 'table' && format === 'protobuf') continue;
    return { format, ...shown };
  }
  return undefined;
}

/** Other streams than watches there are none, nor versions of servers. */
function isServed(format: Format, parameters: ReadonlyMap<string, string>): boolean {
  const stream = parameters.get('stream') ?? '';
  if (stream !== '' && (stream !== 'watch' || format === 'yaml')) return false;
  return (parameters.get('sv') ?? '') === '';
}

function viewOf(parameters: ReadonlyMap<string, string>): Omit<Accepted, 'format'> | undefined {
  const as = parameters.get('as');
  if (as === undefined) return parameters.has('g') || parameters.has('v') ? undefined : { view: 'object' };
  const version = parameters.get('v');
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as === 'Table') return { view: 'table', metaVersion: version };
  const isPartial = as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList';
  return isPartial ? { view: 'partial', metaVersion: version } : undefined;
}

/** The bare type of a Content-Type header. */
export function contentType(header: string): string {
  return (header.split(';')[0] ?? '').trim().toLowerCase();
}
