/**
 * One mutation of a MutatingAdmissionPolicy: an expression evaluated to a configuration that is merged into
 * the object as server-side apply merges, or to a JSON patch. Pure; as upstream's `policy/mutating/patch`.
 *
 * What the mutation sets is nobody's: `managedFields` say nothing of it.
 */

import { merge } from '../../../api/apply/merge.ts';
import { childType, deduce, isList, isObject, type OwnedType } from '../../../api/apply/field-type.ts';
import { builtJson, typeNameProblems } from '../../../api/cel/kubernetes/built-json.ts';
import {
  CelError,
  type CelValue,
  isList as isCelList,
  itemsOf,
  ObjectValue,
} from '../../../api/cel/values/value.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { ObjectSchema } from '../../../api/object-schema.ts';
import { applyJsonPatch } from '../../../api/patch/json-patch.ts';
import { strictDecodingErrorText, strictErrorTexts } from '../../../api/schema/strict.ts';
import type { JsonObject, JsonValue } from '../../../api/schema/schema.ts';
import type { CompiledMutation } from './compile.ts';
import { evaluateAll, type Row, type Steps } from '../dynamic/evaluation.ts';

export type Mutated =
  | { readonly ok: true; readonly object: KubernetesObject }
  | { readonly ok: false; readonly problem: string };

/** `object` is of the kind that `schema` describes; the result has no defaults yet. */
export function* mutate(
  { patchType, expression }: CompiledMutation,
  object: KubernetesObject,
  schema: ObjectSchema,
  row: Row,
): Steps<Mutated> {
  const { compiled } = expression;
  if (!compiled.ok) return { ok: false, problem: compiled.problem };
  const evaluated = yield* evaluateAll(row, [expression]);
  if ('exhausted' in evaluated) return { ok: false, problem: evaluated.exhausted };
  const [result] = evaluated.results;
  if (result?.ok !== true) return { ok: false, problem: result?.error ?? '' };
  try {
    return patchType === 'JSONPatch'
      ? patched(result.value, object, schema)
      : applied(result.value, object, schema);
  } catch (error) {
    if (error instanceof CelError) return { ok: false, problem: error.message };
    throw error;
  }
}

function applied(value: CelValue, object: KubernetesObject, schema: ObjectSchema): Mutated {
  const mismatches = typeNameProblems(value);
  if (mismatches.length > 0) return { ok: false, problem: `type mismatch: ${mismatches.join('\n')}` };
  const built = builtJson(value);
  if (!isObject(built)) return { ok: false, problem: 'an apply configuration must be an object' };
  const { apiVersion, kind } = object;
  const fail = (why: string): Mutated => ({ ok: false, problem: `error applying patch: ${why}` });
  const sparse = schema.decodeSparse({ ...built, apiVersion, kind });
  const unknown = sparse.ok
    ? sparse.unknownFields.map((path) => `.${path}: field not declared in schema`)
    : [sparse.error];
  if (!sparse.ok || unknown.length > 0) {
    return fail(`failed to convert patch object to typed object: ${unknown.join('\n')}`);
  }
  const atomics = atomicsIn(schema.owned, sparse.value, '');
  if (atomics.length > 0) {
    const what = `may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`;
    return fail(`invalid ApplyConfiguration: ${what}`);
  }
  const merged = merge(schema.owned, object as unknown as JsonObject, sparse.value);
  if (merged.problems.length > 0) {
    return fail(`failed to convert patch object to typed object: ${merged.problems.join('\n')}`);
  }
  return decoded(merged.value, object, schema, 'error applying patch: ');
}

/** What would be replaced as a whole, although the configuration may have meant a part of it. */
function atomicsIn(declared: OwnedType, value: JsonValue | undefined, path: string): readonly string[] {
  const type = deduce(declared, value);
  if (isObject(value)) {
    if (type.form === 'piece') return [path];
    if (type.form !== 'struct' && type.form !== 'map') return [];
    return Object.entries(value).flatMap(([key, inner]) => {
      const child = childType(type, key);
      return child.isNamed ? atomicsIn(child.type, inner, `${path}.${key}`) : [];
    });
  }
  if (!isList(value)) return [];
  if (type.form === 'piece') return [path];
  if (type.form !== 'keyedList') return [];
  return value.flatMap((item, i) => atomicsIn(type.items, item, `${path}[${i}]`));
}

/** A test that fails is no failure: the object stays as it is. */
function patched(value: CelValue, object: KubernetesObject, schema: ObjectSchema): Mutated {
  if (!isCelList(value)) {
    const problem = 'type mismatch: JSONPatchType.expression should evaluate to array';
    return { ok: false, problem };
  }
  const patch: JsonValue[] = [];
  for (const item of itemsOf(value)) {
    const operation = operationOf(item);
    if ('problem' in operation) return { ok: false, problem: operation.problem };
    patch.push(operation.json);
  }
  const outcome = applyJsonPatch(object as unknown as JsonObject, patch);
  if (outcome.ok) return decoded(outcome.value, object, schema, '');
  if (outcome.isTest === true) return { ok: true, object };
  return { ok: false, problem: `JSON Patch: ${outcome.why}` };
}

function operationOf(item: CelValue): { readonly json: JsonObject } | { readonly problem: string } {
  if (!(item instanceof ObjectValue)) {
    return { problem: 'type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch' };
  }
  const fields = item.entries();
  const value = fields.get('value');
  const mismatches = value instanceof ObjectValue ? typeNameProblems(value) : [];
  if (mismatches.length > 0) return { problem: `type mismatch: ${mismatches.join('\n')}` };
  const text = (name: string): JsonValue => builtJson(fields.get(name) ?? '');
  return {
    json: {
      op: text('op'),
      path: text('path'),
      ...(text('from') === '' ? {} : { from: text('from') }),
      ...(value === undefined ? {} : { value: builtJson(value) }),
    },
  };
}

/**
 * Upstream calls what a JSON patch leaves behind an error of its own (500) when it does not fit the kind;
 * here it is the policy's, so that `failurePolicy` has its say.
 */
function decoded(json: JsonValue, before: KubernetesObject, schema: ObjectSchema, head: string): Mutated {
  const fail = (why: string): Mutated => ({ ok: false, problem: `${head}${why}` });
  const { apiVersion, kind } = before;
  if (!isObject(json) || json['apiVersion'] !== apiVersion || json['kind'] !== kind) {
    return fail(`the result is no ${apiVersion}, Kind=${kind} any more`);
  }
  const result = schema.decode(json, { known: before as unknown as JsonObject });
  if (!result.ok) return fail(result.error);
  if (result.unknownFields.length > 0) {
    return fail(strictDecodingErrorText(strictErrorTexts(result.unknownFields, [])));
  }
  return { ok: true, object: result.value as unknown as KubernetesObject };
}
