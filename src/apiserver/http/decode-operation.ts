/** From a resource request to the `Operation` it asks for: query options and bodies, checked. */

import { ApiError, unsupportedMediaTypeError } from '../../api/meta/api-error.ts';
import { jsonText, parseJson } from '../../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { DeleteRequest, Selection } from '../../client/client.ts';
import type { Body, Operation, PatchBody } from '../../client/operation.ts';
import { headerText, type Exchange } from './exchange.ts';
import { contentType, TOLD_MEDIA_TYPES } from './media-type.ts';
import { flag, type RequestInfo } from './request-info.ts';
import {
  deleteOptions,
  getOptions,
  listOptions,
  patchOptions,
  watchOptions,
  writeOptions,
} from './request-options.ts';

/** Upstream's limit for bodies of writes. */
export const BODY_MAX_BYTES = 3 * 1024 * 1024;

export type ResourceRequest = Extract<RequestInfo, { type: 'resource' }>;

/** Decodes formats other than JSON; the one for protobuf needs the kind and so is given by the caller. */
export interface BodyDecoders {
  yaml(text: string): Promise<Body>;
  protobuf(bytes: Uint8Array, request: ResourceRequest): JsonValue;
  cbor(bytes: Uint8Array): JsonValue;
  /** The options of a deletion. Throws `BadRequest` for a body that is none. */
  deleteOptions(body: Body): JsonObject;
}

/** `isCustom`: custom resources have no merge keys, and so no strategic merge patches. Throws `ApiError`. */
export async function decodeOperation(
  request: ResourceRequest,
  exchange: Exchange,
  decoders: BodyDecoders,
  isCustom = false,
): Promise<Operation> {
  const { verb, target, query } = request;
  const isNamed = target.name !== '';
  const isMisplaced =
    verb === 'create' ? isNamed && target.subresource === '' : !isNamed && /^(?:update|patch)$/.test(verb);
  if (verb === '' || isMisplaced) {
    throw new ApiError(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    );
  }
  switch (verb) {
    case 'get':
      return { verb, target, ...getOptions(query) };
    case 'list':
      return { verb, target, selection: selectionOf(request), ...listOptions(query) };
    case 'watch':
      return {
        verb,
        target,
        selection: selectionOf(request),
        allowWatchBookmarks: flag(query.get('allowWatchBookmarks')),
        ...watchOptions(query),
      };
    case 'create':
    case 'update':
      return {
        verb,
        target,
        body: await readBody(request, exchange, decoders),
        options: writeOptions(query, verb === 'create' ? 'CreateOptions' : 'UpdateOptions'),
      };
    case 'patch': {
      const patch = await readPatch(exchange, decoders, isCustom);
      return { verb, target, patch, options: patchOptions(query, patch.type === 'apply') };
    }
    case 'delete':
      return { verb, target, options: await readDeleteOptions(request, exchange, decoders) };
    case 'deletecollection': {
      listOptions(query);
      const selection = selectionOf(request);
      return { verb, target, selection, options: await readDeleteOptions(request, exchange, decoders) };
    }
  }
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

async function readBody(request: ResourceRequest, exchange: Exchange, decoders: BodyDecoders): Promise<Body> {
  const bytes = await exchange.body(BODY_MAX_BYTES);
  const type = contentType(headerText(exchange.headers, 'content-type'));
  return bodyOf(bytes, type, request, decoders);
}

async function bodyOf(
  bytes: Uint8Array,
  type: string,
  request: ResourceRequest,
  decoders: BodyDecoders,
): Promise<Body> {
  switch (type) {
    case '':
    case 'application/json':
      return readJson(bytes);
    case 'application/yaml':
      return { ...(await decoders.yaml(jsonText(bytes))), summary: () => summaryOf(bytes) };
    case 'application/vnd.kubernetes.protobuf':
      return { json: decoders.protobuf(bytes, request), duplicateFields: [] };
    case 'application/cbor':
      return { json: decoders.cbor(bytes), duplicateFields: [] };
    default:
      throw unknownFormat(TOLD_MEDIA_TYPES);
  }
}

function unknownFormat(accepted: readonly string[]): ApiError {
  const head = 'the body of the request was in an unknown format - accepted media types include';
  return unsupportedMediaTypeError(`${head}: ${accepted.join(', ')}`);
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

/** CBOR is taken without being told of, as upstream does not know it unless it is asked to. */
const TOLD_PATCH_TYPES = Object.keys(PATCH_TYPES).filter((type) => !type.endsWith('+cbor'));

async function readPatch(exchange: Exchange, decoders: BodyDecoders, isCustom: boolean): Promise<PatchBody> {
  const mediaType = contentType(headerText(exchange.headers, 'content-type'));
  const type = PATCH_TYPES[mediaType];
  if (type === undefined || (isCustom && type === 'strategic')) {
    throw unknownFormat(TOLD_PATCH_TYPES.filter((told) => !isCustom || PATCH_TYPES[told] !== 'strategic'));
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

/** Options come in the body, or else in the query. */
async function readDeleteOptions(
  request: ResourceRequest,
  exchange: Exchange,
  decoders: BodyDecoders,
): Promise<DeleteRequest> {
  const { query } = request;
  const bytes = await exchange.body(BODY_MAX_BYTES);
  if (bytes.length === 0) return deleteOptions(query, undefined);
  const type = contentType(headerText(exchange.headers, 'content-type'));
  return deleteOptions(query, decoders.deleteOptions(await bodyOf(bytes, type, request, decoders)));
}
