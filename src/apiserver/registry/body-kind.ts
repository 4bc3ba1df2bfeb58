/**
 * Whether a body is of the kind that a place wants, in upstream's words for what is none. What leaves its kind
 * or version out is of that kind.
 */

import { badRequestError, type ApiError } from '../../api/meta/api-error.ts';
import { apiVersionOf, type GroupVersionKind } from '../../api/meta/object.ts';
import { goKindOf } from '../../api/schema/decode-scalar.ts';
import type { JsonObject, JsonValue, MessageSchema } from '../../api/schema/schema.ts';
import { undecodableError } from '../../api/schema/strict.ts';
import type { Body } from '../../client/operation.ts';

export interface ExpectedKind extends GroupVersionKind {
  /** Of built-in kinds, whose names are registered. */
  readonly message?: MessageSchema | undefined;
}

const SCHEME = '"pkg/api/legacyscheme/scheme.go:30"';
const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

/** The object of the body, which names its kind and version; throws `BadRequest` for what is no such object. */
export function objectOfKind(expected: ExpectedKind, body: Body): JsonObject {
  const { json, unreadable } = body;
  const { version, kind } = expected;
  if (unreadable !== undefined) throw unrecognized(kind, unreadableText(unreadable), body);
  const problem = typeMetaProblem(json);
  if (problem !== undefined) throw unrecognized(kind, problem, body);
  const object = (json ?? {}) as JsonObject;
  const [givenVersion, givenKind] = typeMetaOf(object);
  const apiVersion = apiVersionOf(expected);
  const other = otherKind(expected, object);
  if (other !== undefined) {
    const given = givenVersion === '' ? version : (givenVersion.split('/').at(-1) ?? '');
    throw undecodableError(kind, given, other, givenKind === '' ? kind : givenKind);
  }
  if (givenVersion !== '' && givenVersion !== apiVersion) {
    throw badRequestError(
      `the API version in the data (${givenVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  return givenKind === '' || givenVersion === '' ? { ...object, kind, apiVersion } : object;
}

/** The same for what a patch made of an object, with why it is not of the kind. */
export function kindProblem(expected: ExpectedKind, json: JsonValue): string | undefined {
  const problem = typeMetaProblem(json);
  if (problem !== undefined) return problem;
  const object = (json ?? {}) as JsonObject;
  const [givenVersion] = typeMetaOf(object);
  const isOther = givenVersion !== '' && givenVersion !== apiVersionOf(expected);
  return otherKind(expected, object) ?? (isOther ? unregistered(expected.kind, givenVersion) : undefined);
}

function unrecognized(kind: string, why: string, { summary }: Body): ApiError {
  const tail = summary === undefined ? '' : ` (${summary()})`;
  return badRequestError(`the object provided is unrecognized (must be of type ${kind}): ${why}${tail}`);
}

/** What is said of a body that cannot be read: errors of YAML come before anybody looks for the kind. */
export function unreadableText(why: string): string {
  return /yaml: /.test(why) ? why : `couldn't get version/kind; json parse error: ${why}`;
}

/** Why nobody can tell the kind and version of a body. */
export function typeMetaProblem(json: JsonValue): string | undefined {
  const head = "couldn't get version/kind; json parse error: json: cannot unmarshal";
  if (json === null) return undefined;
  if (typeof json !== 'object' || Array.isArray(json)) {
    return `${head} ${goKindOf(json)} into Go value of type ${TYPE_META}`;
  }
  const object = json as JsonObject;
  for (const name of ['apiVersion', 'kind']) {
    const value = object[name] ?? '';
    if (typeof value !== 'string') {
      return `${head} ${goKindOf(value)} into Go struct field .${name} of type string`;
    }
  }
  const [apiVersion] = typeMetaOf(object);
  return apiVersion.split('/').length > 2 ? `unexpected GroupVersion string: ${apiVersion}` : undefined;
}

function typeMetaOf(object: JsonObject): readonly [apiVersion: string, kind: string] {
  return [(object['apiVersion'] ?? '') as string, (object['kind'] ?? '') as string];
}

/** Why an object of another kind, known or not, is none of this one. */
function otherKind(expected: ExpectedKind, object: JsonObject): string | undefined {
  const [givenVersion, givenKind] = typeMetaOf(object);
  const { group, kind, message } = expected;
  const apiVersion = givenVersion === '' ? apiVersionOf(expected) : givenVersion;
  const isSameGroup = groupOf(apiVersion) === group;
  if ((givenKind === '' || givenKind === kind) && (message === undefined || isSameGroup)) return undefined;
  const other = givenKind === '' ? kind : givenKind;
  const isKnown = apiVersion === apiVersionOf(expected) && message?.groupVersion.messages.get(other)?.isKind;
  if (isKnown !== true) return unregistered(other, apiVersion);
  const version = apiVersion.split('/').at(-1) ?? '';
  return `converting (${version}.${other}) to (${packageOf(group)}.${kind}): unknown conversion`;
}

function unregistered(kind: string, apiVersion: string): string {
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${SCHEME}`;
}

function groupOf(apiVersion: string): string {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? '' : first;
}

/** The Go package of a group's own types. */
function packageOf(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] ?? '');
}
