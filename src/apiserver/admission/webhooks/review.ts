/**
 * The AdmissionReview that a webhook is sent, and what its answer says: pure. Both versions of the API look
 * the same; answers in the older one are checked less, as they never were.
 * Upstream: `admission/plugin/webhook/request/admissionreview.go`.
 */

import type { GroupVersionKind } from '../../../api/meta/object.ts';
import type { Resource } from '../../../api/resource.ts';
import { decodeObject } from '../../../api/schema/decode.ts';
import { sentText } from '../../../api/schema/json.ts';
import type { JsonObject, JsonValue, MessageSchema } from '../../../api/schema/schema.ts';
import type { AdmissionResponse, AdmissionReview } from '../../../api/types.gen.ts';
import type { UserInfo } from '../../../client/operation.ts';
import type { AdmissionBody, AdmissionRequest } from '../admission.ts';
import { admissionName, admissionNamespace, spokenResource } from '../dynamic/attributes.ts';
import { requestKind } from '../dynamic/versions.ts';
import type { ReviewVersion } from './hook.ts';

export interface Asked {
  readonly request: AdmissionRequest;
  /** As what the request matched, and its objects in that version. */
  readonly matched: Resource;
  readonly body: AdmissionBody;
}

export function reviewOf({ request, matched, body }: Asked, uid: string, version: ReviewVersion): JsonObject {
  const { subresource } = request.target;
  const name = admissionName(request);
  const namespace = admissionNamespace(request);
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind: kindJson(body.kind),
      resource: resourceJson(matched),
      ...(subresource === '' ? {} : { subResource: subresource }),
      requestKind: kindJson(requestKind(request)),
      requestResource: resourceJson(spokenResource(request)),
      ...(subresource === '' ? {} : { requestSubResource: subresource }),
      ...(name === '' ? {} : { name }),
      ...(namespace === '' ? {} : { namespace }),
      operation: request.operation,
      userInfo: userJson(request.context.user),
      object: (body.object ?? null) as unknown as JsonValue,
      oldObject: (body.oldObject ?? null) as unknown as JsonValue,
      dryRun: request.dryRun,
      options: request.options ?? null,
    },
  };
}

function kindJson({ group, version, kind }: GroupVersionKind): JsonObject {
  return { group, version, kind };
}

function resourceJson({ definition: { group, version, plural } }: Resource): JsonObject {
  return { group, version, resource: plural };
}

function userJson({ name, uid = '', groups, extra = {} }: UserInfo): JsonObject {
  return {
    ...(name === '' ? {} : { username: name }),
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

export type Answer =
  | { readonly ok: true; readonly response: AdmissionResponse; readonly patchType: string }
  /** Why it counts as none: the call, or what came of it. */
  | { readonly ok: false; readonly problem: string };

export interface Expected {
  readonly uid: string;
  readonly version: ReviewVersion;
  readonly isMutating: boolean;
}

const NOT_CALLED = 'failed to call webhook: ';
const NOT_VALID = 'received invalid webhook response: ';

/** `schema`: of an AdmissionReview. */
export function readAnswer(json: JsonValue, schema: MessageSchema, expected: Expected): Answer {
  const sent = typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonObject) : {};
  const { kind = '', apiVersion = '' } = sent;
  const problem = kindProblem(sentText(kind), sentText(apiVersion), expected.version);
  if (problem !== undefined) return { ok: false, problem: NOT_CALLED + problem };
  const decoded = decodeObject(schema, json);
  if (!decoded.ok) return { ok: false, problem: NOT_CALLED + decoded.error };
  const { response } = decoded.value as unknown as AdmissionReview;
  const wrong = responseProblem(response, `${sentText(apiVersion)}, Kind=${sentText(kind)}`, expected);
  if (response === undefined || wrong !== undefined) {
    return { ok: false, problem: NOT_VALID + (wrong ?? 'webhook response was absent') };
  }
  const { patch = '', patchType = '' } = response;
  if (expected.version === 'v1') return { ok: true, response, patchType };
  return { ok: true, response, patchType: patch === '' ? '' : 'JSONPatch' };
}

/** What says nothing about itself is taken for what was asked for, at first. */
function kindProblem(kind: string, apiVersion: string, version: ReviewVersion): string | undefined {
  const known = [kind === '' ? 'AdmissionReview' : kind, apiVersion === '' ? GROUP + version : apiVersion];
  const other = version === 'v1' ? 'v1beta1' : 'v1';
  if (known[0] === 'AdmissionReview' && known[1] === GROUP + version) return undefined;
  if (known[0] === 'AdmissionReview' && known[1] === GROUP + other) {
    return `converting (${other}.AdmissionReview) to (${version}.AdmissionReview): unknown conversion`;
  }
  return `no kind ${JSON.stringify(known[0])} is registered for version ${JSON.stringify(known[1])} in scheme "pkg/runtime/scheme.go:110"`;
}

const GROUP = 'admission.k8s.io/';

function responseProblem(
  response: AdmissionResponse | undefined,
  type: string,
  { uid, version, isMutating }: Expected,
): string | undefined {
  if (response === undefined) return 'webhook response was absent';
  if (version !== 'v1') return undefined;
  if (response.uid !== uid) {
    return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid)}`;
  }
  const wanted = `${GROUP}v1, Kind=AdmissionReview`;
  // Of an answer that does not say, Go prints an empty group and version.
  const got = type === ', Kind=' ? '/, Kind=' : type;
  if (got !== wanted) return `expected webhook response of ${wanted}, got ${got}`;
  const { patch = '', patchType } = response;
  if (!isMutating) {
    if (patch !== '') return 'validating webhook may not return response.patch';
    return patchType === undefined ? undefined : 'validating webhook may not return response.patchType';
  }
  if (patch !== '' && patchType === undefined) {
    return 'webhook returned response.patch but not response.patchType';
  }
  if (patch === '' && patchType !== undefined) {
    return 'webhook returned response.patchType but not response.patch';
  }
  return patchType === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}
