/**
 * What a webhook's patch makes of an object: patched, decoded as a request would be, with defaults again. What the
 * kind does not know is dropped, as upstream does. Pure.
 */

import { internalError } from '../../../api/meta/api-error.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { objectSchemaOf, type ObjectSchema } from '../../../api/object-schema.ts';
import { applyJsonPatch } from '../../../api/patch/json-patch.ts';
import { jsonText, parseJson } from '../../../api/schema/json.ts';
import type { GroupVersionSchema, JsonObject } from '../../../api/schema/schema.ts';
import type { Said } from './call.ts';
import type { Asked } from './review.ts';

export type PatchOutcome =
  | { readonly type: 'unchanged' }
  | { readonly type: 'patched'; readonly object: KubernetesObject; readonly isChanged: boolean }
  /** The answer is no good: a matter of the webhook's `failurePolicy`. */
  | { readonly type: 'unusable'; readonly problem: string };

type Schemas = ReadonlyMap<string, GroupVersionSchema>;

/** Throws `InternalError` for a patch that does not fit the object, or makes something else of it. */
export function patchedBy(name: string, said: Said, asked: Asked, schemas: Schemas): PatchOutcome {
  const { patch = '' } = said.response;
  if (patch === '') return { type: 'unchanged' };
  const parsed = parseJson(jsonText(Buffer.from(patch, 'base64')));
  const undecodable = (why: string): PatchOutcome => {
    return { type: 'unusable', problem: `received undecodable patch in webhook response: ${why}` };
  };
  if (!parsed.ok) return undecodable(parsed.error);
  const operations = parsed.value ?? [];
  if (!Array.isArray(operations)) {
    return undecodable('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  if (operations.length === 0) return { type: 'unchanged' };
  const before = asked.body.object;
  if (before === undefined) {
    const what = 'attempted to modify the object, which is not supported for this operation';
    throw internalError(`admission webhook ${JSON.stringify(name)} ${what}`);
  }
  if (said.patchType !== 'JSONPatch') {
    return { type: 'unusable', problem: `unsupported patch type ${JSON.stringify(said.patchType)}` };
  }
  const outcome = applyJsonPatch(before as unknown as JsonObject, operations, parsed.literals);
  if (!outcome.ok) throw internalError(outcome.why);
  const schema = schemaOf(asked, schemas);
  const known = before as unknown as JsonObject;
  const decoded = schema.decode(outcome.value, { literals: outcome.literals, known });
  if (!decoded.ok) throw internalError(decoded.error);
  const object = decoded.value as unknown as KubernetesObject;
  if (object.kind !== before.kind || object.apiVersion !== before.apiVersion) {
    throw internalError(`admission webhook ${JSON.stringify(name)} made an object of another kind`);
  }
  return {
    type: 'patched',
    object: defaulted(object, schema, asked),
    isChanged: !deepEqual(object, before),
  };
}

/** Of the kind that a subresource speaks of, or of the object itself. */
function schemaOf({ request, matched, body }: Asked, schemas: Schemas): ObjectSchema {
  if (request.body === undefined) return matched.schema;
  const { group, version, kind } = body.kind;
  const message = schemas.get(`${group.split('.')[0] || 'core'}/${version}`)?.messages.get(kind);
  if (message !== undefined) return objectSchemaOf(message);
  throw internalError(`no kind ${JSON.stringify(kind)} is known in ${group}/${version}`);
}

function defaulted(
  object: KubernetesObject,
  schema: ObjectSchema,
  { request, matched }: Asked,
): KubernetesObject {
  const complete = schema.applyDefaults(object);
  if (request.body !== undefined) return complete;
  return matched.definition.defaults?.(complete) ?? complete;
}
