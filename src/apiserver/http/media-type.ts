/** Content negotiation: what the client sent, and what it wants back. Pure. */

export type Format = 'json' | 'yaml' | 'protobuf';

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
};

const FORMATS: { readonly [type: string]: Format } = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  'application/*': 'json',
  '*/*': 'json',
};

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function parseClauses(header: string): Clause[] {
  return header.split(',').map((clause) => {
    const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals > 0) parameters.set(parameter.slice(0, equals), parameter.slice(equals + 1));
    }
    return { type: type.toLowerCase(), parameters };
  });
}

/** The first clause that can be served; undefined: none (406). An absent header means JSON. */
export function negotiate(accept: string, formats: ReadonlySet<Format>): Accepted | undefined {
  if (accept === '' || accept === '*/*' || accept === 'application/json')
    return { format: 'json', view: 'object' };
  for (const { type, parameters } of parseClauses(accept)) {
    const format = FORMATS[type];
    if (format === undefined || !formats.has(format)) continue;
    const view = viewOf(parameters);
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
