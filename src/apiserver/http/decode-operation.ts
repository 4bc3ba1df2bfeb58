/** From a resource request to the `Operation` it asks for: query options and bodies, checked. */

import { notSupported, tooLong, type FieldError } from '../../api/field/field-error.ts';
import {
  ApiError,
  badRequestError,
  invalidError,
  unsupportedMediaTypeError,
} from '../../api/meta/api-error.ts';
import { jsonText, parseJson } from '../../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { DeleteRequest, Selection, WriteRequest } from '../../client/client.ts';
import type { Body, Operation, PatchBody } from '../../client/operation.ts';
import { headerText, type Exchange } from './exchange.ts';
import { contentType } from './media-type.ts';
import { flag, type RequestInfo } from './request-info.ts';

/** Upstream's limit for bodies of writes. */
export const BODY_MAX_BYTES = 3 * 1024 * 1024;

export type ResourceRequest = Extract<RequestInfo, { type: 'resource' }>;

/** Decodes formats other than JSON; the one for protobuf needs the kind and so is given by the caller. */
export interface BodyDecoders {
  yaml(text: string): Promise<Body>;
  protobuf(bytes: Uint8Array, request: ResourceRequest): JsonValue;
  cbor(bytes: Uint8Array): JsonValue;
}

export async function decodeOperation(
  request: ResourceRequest,
  exchange: Exchange,
  decoders: BodyDecoders,
): Promise<Operation> {
  const { verb, target, query } = request;
  if (verb === '' || ((verb === 'update' || verb === 'patch') && target.name === '')) {
    throw new ApiError(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    );
  }
  switch (verb) {
    case 'get':
      return { verb, target, ...readVersion(query) };
    case 'list':
      return { verb, target, selection: selectionOf(request), ...paging(query), ...readVersion(query) };
    case 'watch':
      return {
        verb,
        target,
        selection: selectionOf(request),
        allowWatchBookmarks: flag(query.get('allowWatchBookmarks')),
        ...(query.has('sendInitialEvents')
          ? { sendInitialEvents: flag(query.get('sendInitialEvents')) }
          : {}),
        ...readVersion(query),
      };
    case 'create':
    case 'update':
      return {
        verb,
        target,
        body: await readBody(request, exchange, decoders),
        options: writeOptions(query, verb),
      };
    case 'patch':
      return {
        verb,
        target,
        patch: await readPatch(exchange, decoders),
        options: {
          ...writeOptions(query, verb),
          ...(query.has('force') ? { force: flag(query.get('force')) } : {}),
        },
      };
    case 'delete':
      return { verb, target, options: await deleteOptions(request, exchange, decoders) };
    case 'deletecollection':
      return {
        verb,
        target,
        selection: selectionOf(request),
        options: await deleteOptions(request, exchange, decoders),
      };
  }
}

function readVersion(query: URLSearchParams): { resourceVersion?: string; resourceVersionMatch?: string } {
  const version = query.get('resourceVersion');
  const match = query.get('resourceVersionMatch');
  return {
    ...(version === null ? {} : { resourceVersion: version }),
    ...(match === null ? {} : { resourceVersionMatch: match }),
  };
}

function paging(query: URLSearchParams): { limit?: number; continue?: string } {
  const token = query.get('continue');
  const limit = integer(query, 'limit');
  return { ...(limit === undefined ? {} : { limit }), ...(token === null ? {} : { continue: token }) };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw badRequestError(
      `unable to decode query: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

function selectionOf({ target, query }: ResourceRequest): Selection {
  const labelSelector = query.get('labelSelector');
  const fieldSelector = query.get('fieldSelector');
  return {
    namespace: target.namespace,
    ...(labelSelector === null ? {} : { labelSelector }),
    ...(fieldSelector === null ? {} : { fieldSelector }),
  };
}

/** The kinds whose validation answers for the options of a request. */
const OPTION_KINDS = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
} as const;
type OptionVerb = keyof typeof OPTION_KINDS;

function refuseOption(verb: OptionVerb, error: FieldError): never {
  throw invalidError({ group: 'meta.k8s.io', resource: OPTION_KINDS[verb] }, '', [error]);
}

function writeOptions(query: URLSearchParams, verb: OptionVerb): WriteRequest {
  const fieldManager = query.get('fieldManager');
  const validation = query.get('fieldValidation');
  if (fieldManager !== null && fieldManager.length > MANAGER_MAX) {
    refuseOption(verb, tooLong('fieldManager', MANAGER_MAX));
  }
  return {
    dryRun: isDryRun(query.getAll('dryRun'), verb),
    ...(fieldManager === null ? {} : { fieldManager }),
    ...(validation === null || validation === ''
      ? {}
      : { fieldValidation: fieldValidation(validation, verb) }),
  };
}

const MANAGER_MAX = 128;

function isDryRun(values: readonly string[], verb: OptionVerb): boolean {
  for (const value of values) if (value !== 'All') refuseOption(verb, notSupported('dryRun', value, ['All']));
  return values.length > 0;
}

const FIELD_VALIDATIONS = ['Ignore', 'Strict', 'Warn'];

function fieldValidation(value: string, verb: OptionVerb): 'Strict' | 'Warn' | 'Ignore' {
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  return refuseOption(verb, notSupported('fieldValidation', value, FIELD_VALIDATIONS));
}

async function readBody(request: ResourceRequest, exchange: Exchange, decoders: BodyDecoders): Promise<Body> {
  const bytes = await exchange.body(BODY_MAX_BYTES);
  const type = contentType(headerText(exchange.headers, 'content-type'));
  switch (type) {
    case '':
    case 'application/json':
    case '*/*':
      return readJson(bytes);
    case 'application/yaml':
      return { ...(await decoders.yaml(jsonText(bytes))), summary: () => summaryOf(bytes) };
    case 'application/vnd.kubernetes.protobuf':
      return { json: decoders.protobuf(bytes, request), duplicateFields: [] };
    case 'application/cbor':
      return { json: decoders.cbor(bytes), duplicateFields: [] };
    default:
      throw unsupportedMediaTypeError(
        `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/cbor`,
      );
  }
}

function readJson(bytes: Uint8Array): Body {
  const parsed = parseJson(jsonText(bytes));
  const summary = (): string => summaryOf(bytes);
  if (!parsed.ok) return { json: null, duplicateFields: [], unreadable: parsed.error, summary };
  const { value: json, duplicateFields, literals } = parsed;
  return { json, duplicateFields, summary, ...(literals === undefined ? {} : { literals }) };
}

const SUMMARY_BYTES = 30;

/** What upstream shows of a body that it does not recognize. */
function summaryOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const first = Buffer.from(bytes.subarray(0, SUMMARY_BYTES));
  const shown = first.toString(first[0] === 0x7b ? 'utf8' : 'hex');
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

const PATCH_TYPES: { readonly [type: string]: PatchBody['type'] } = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
  'application/apply-patch+cbor': 'apply',
};

async function readPatch(exchange: Exchange, decoders: BodyDecoders): Promise<PatchBody> {
  const mediaType = contentType(headerText(exchange.headers, 'content-type'));
  const type = PATCH_TYPES[mediaType];
  if (type === undefined) {
    const accepted = Object.keys(PATCH_TYPES).join(', ');
    throw unsupportedMediaTypeError(
      `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    );
  }
  const bytes = await exchange.body(BODY_MAX_BYTES);
  const read = mediaType.endsWith('+cbor')
    ? { json: decoders.cbor(bytes), duplicateFields: [] }
    : type === 'apply'
      ? await applyBody(bytes, decoders)
      : readJson(bytes);
  const { json: body, ...rest } = read;
  return { type, body, ...rest };
}

/** JSON is YAML, and its parser is much faster; but what is wrong with it is said as of YAML. */
async function applyBody(bytes: Uint8Array, decoders: BodyDecoders): Promise<Body> {
  const text = jsonText(bytes);
  if (!text.trimStart().startsWith('{')) return decoders.yaml(text);
  const parsed = parseJson(text);
  if (!parsed.ok || parsed.duplicateFields.length > 0) return decoders.yaml(text);
  return { json: parsed.value, duplicateFields: [] };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function deleteOptions(
  request: ResourceRequest,
  exchange: Exchange,
  decoders: BodyDecoders,
): Promise<DeleteRequest> {
  const { query } = request;
  const bytes = await exchange.body(BODY_MAX_BYTES);
  const type = contentType(headerText(exchange.headers, 'content-type'));
  const body = bytes.length === 0 ? {} : await deleteBody(bytes, type, request, decoders);
  const grace = integer(query, 'gracePeriodSeconds') ?? numberOf(body['gracePeriodSeconds']);
  const policy = query.get('propagationPolicy') ?? textOf(body['propagationPolicy']);
  const orphan = query.has('orphanDependents')
    ? flag(query.get('orphanDependents'))
    : body['orphanDependents'];
  const dryRun = [...query.getAll('dryRun'), ...stringsOf(body['dryRun'])];
  const preconditions = body['preconditions'];
  return {
    dryRun: isDryRun(dryRun, 'delete'),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...propagation(policy, orphan),
    ...(preconditions === undefined || preconditions === null
      ? {}
      : { preconditions: preconditions as JsonObject }),
  };
}

async function deleteBody(
  bytes: Uint8Array,
  type: string,
  request: ResourceRequest,
  decoders: BodyDecoders,
): Promise<JsonObject> {
  const json =
    type === 'application/vnd.kubernetes.protobuf'
      ? decoders.protobuf(bytes, request)
      : type === 'application/yaml'
        ? (await decoders.yaml(jsonText(bytes))).json
        : type === 'application/cbor'
          ? decoders.cbor(bytes)
          : readJsonOptions(bytes);
  if (!isObject(json)) throw badRequestError('the delete options must be an object');
  return json;
}

function readJsonOptions(bytes: Uint8Array): JsonValue {
  const { json, unreadable } = readJson(bytes);
  if (unreadable !== undefined) throw badRequestError(`the object provided is unrecognized: ${unreadable}`);
  return json;
}

function propagation(policy: string | undefined, orphan: unknown): Pick<DeleteRequest, 'propagationPolicy'> {
  if (policy === 'Foreground' || policy === 'Background' || policy === 'Orphan')
    return { propagationPolicy: policy };
  if (policy !== undefined && policy !== '') {
    throw badRequestError(
      `invalid propagation policy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
    );
  }
  if (orphan === true) return { propagationPolicy: 'Orphan' };
  return orphan === false ? { propagationPolicy: 'Background' } : {};
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
function stringsOf(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
