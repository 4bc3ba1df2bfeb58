/**
 * What a URL and a method mean: a resource request with its verb, or a plain path. Pure.
 * Rules: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */

import type { Target } from '../../client/operation.ts';

export type RequestVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  /** A method without a meaning of its own (OPTIONS), which only proxied requests may have. */
  | '';

export type RequestInfo =
  | {
      readonly type: 'resource';
      readonly verb: RequestVerb;
      readonly target: Target;
      /** What follows the subresource: the path of a proxied request. */
      readonly rest: string;
      readonly query: URLSearchParams;
    }
  | { readonly type: 'path'; readonly path: string; readonly query: URLSearchParams }
  | { readonly type: 'malformed'; readonly message: string };

const METHODS: { readonly [method: string]: RequestVerb } = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  GET: 'get',
  HEAD: 'get',
  OPTIONS: '',
};

/** Subresources of namespaces, our own answer (`progress`) among them; other words there are resources in it. */
const OF_NAMESPACES: ReadonlySet<string> = new Set(['status', 'finalize', 'progress']);

export function parseRequest(method: string, url: string): RequestInfo {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  let parts: string[];
  try {
    parts = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodePart);
  } catch {
    return { type: 'malformed', message: `the path ${JSON.stringify(path)} is not valid percent-encoding` };
  }
  const place = groupVersion(parts);
  const verb = METHODS[method];
  if (place === undefined || place.rest.length === 0) return { type: 'path', path, query };
  if (verb === undefined) return { type: 'malformed', message: `method ${method} is not supported` };
  return resourceRequest(verb, place, query);
}

function decodePart(part: string): string {
  return part.includes('%') ? decodeURIComponent(part) : part;
}

interface Place {
  readonly group: string;
  readonly version: string;
  readonly rest: readonly string[];
}

function groupVersion(parts: readonly string[]): Place | undefined {
  const [root, first = '', second = ''] = parts;
  if (root === 'api' && parts.length >= 2) return { group: '', version: first, rest: parts.slice(2) };
  if (root === 'apis' && parts.length >= 3) return { group: first, version: second, rest: parts.slice(3) };
  return undefined;
}

function resourceRequest(
  verb: RequestVerb,
  { group, version, rest }: Place,
  query: URLSearchParams,
): RequestInfo {
  let parts = rest;
  let watch = flag(query.get('watch')) && (verb === 'get' || verb === 'list');
  // The old form /api/v1/watch/pods is still served upstream.
  if (parts[0] === 'watch' && parts.length > 1) {
    parts = parts.slice(1);
    watch = true;
  }
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    const below = parts[2];
    if (below !== undefined && !OF_NAMESPACES.has(below)) {
      namespace = parts[1] ?? '';
      parts = parts.slice(2);
    }
  }
  const [resource = '', name = '', subresource = '', ...tail] = parts;
  // Upstream counts a namespace as lying in itself.
  if (resource === 'namespaces' && name !== '' && group === '') namespace = name;
  if (watch && name !== '' && subresource === '') query.append('fieldSelector', nameSelector(query, name));
  const target = {
    group,
    version,
    resource,
    namespace,
    name: watch && subresource === '' ? '' : name,
    subresource,
  };
  const collection = target.name === '';
  const effective =
    verb === 'get' && collection
      ? watch
        ? 'watch'
        : 'list'
      : verb === 'delete' && collection
        ? 'deletecollection'
        : verb;
  return { type: 'resource', verb: effective, target, rest: tail.join('/'), query };
}

function nameSelector(query: URLSearchParams, name: string): string {
  const given = query.get('fieldSelector');
  query.delete('fieldSelector');
  return given === null || given === '' ? `metadata.name=${name}` : `${given},metadata.name=${name}`;
}

/** Booleans of queries: absent, `0` and `False` are false; everything else, also the empty value, is true. */
export function flag(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}
