/** Content negotiation: what the client sent, and what it wants back. Pure. */

export type Format = 'json' | 'yaml' | 'protobuf' | 'cbor';

export type View = 'object' | 'table' | 'partial';

export interface Accepted {
  readonly format: Format;
  /** The object itself, a Table for people, or metadata only. */
  readonly view: View;
}

export const MEDIA_TYPES: { readonly [F in Format]: string } = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
  cbor: 'application/cbor',
};

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

/** The first clause that can be served; undefined: none (406). An absent header means JSON. */
export function negotiate(
  accept: string,
  formats: ReadonlySet<Format>,
  hasNoTable = false,
): Accepted | undefined {
  if (accept === '' || accept === '*/*' || accept === 'application/json') return PLAIN_JSON;
  for (const { type, parameters } of parseClauses(accept)) {
    const format = FORMATS[type];
    if (format === undefined || !formats.has(format)) continue;
    const view = viewOf(parameters);
    // Tables have no protobuf form.
    if (view === 'table' && (hasNoTable || format === 'protobuf')) continue;
    if (view !== undefined) return { format, view };
  }
  return undefined;
}

function viewOf(parameters: ReadonlyMap<string, string>): View | undefined {
  const as = parameters.get('as');
  if (as === undefined) return 'object';
  const group = parameters.get('g') ?? 'meta.k8s.io';
  if (group !== 'meta.k8s.io' || (parameters.get('v') ?? 'v1') !== 'v1') return undefined;
  if (as === 'Table') return 'table';
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'partial';
  return undefined;
}

/** The bare type of a Content-Type header. */
export function contentType(header: string): string {
  return (header.split(';')[0] ?? '').trim().toLowerCase();
}
