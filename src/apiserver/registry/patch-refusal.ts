/**
 * How a patch is refused: one that cannot be read, one that strict validation objects to, and one whose
 * result is no object of the kind. Upstream decodes the result of JSON patches and merge patches as a text,
 * and shows that text; it converts the result of a strategic merge patch field by field, which has words of
 * its own, lets integers with a fraction of zero pass (`1.0`), cuts off what is too large, and shows the patch.
 */

import { invalid } from '../../api/field/field-error.ts';
import { badRequestError, invalidError, type ApiError } from '../../api/meta/api-error.ts';
import { goKindOf } from '../../api/schema/decode-scalar.ts';
import type { DecodeOptions } from '../../api/schema/decode.ts';
import { goText } from '../../api/schema/go-text.ts';
import { STRICT_ERRORS_MAX, type Literals } from '../../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { duplicateFieldTexts, strictErrorTexts } from '../../api/schema/strict.ts';
import type { PatchBody } from '../../client/operation.ts';

export interface PatchedDecoding {
  readonly options: Pick<DecodeOptions, 'literals' | 'isConversion'>;
  /** What strict validation has to say about the patch itself. */
  readonly strictErrors: readonly string[];
  refusal(why: string): ApiError;
}

/** `result`: what the patch makes of the object, `current`. */
export function decodingOfPatched(
  patch: PatchBody,
  current: JsonValue,
  result: JsonValue,
  literals: Literals | undefined,
): PatchedDecoding {
  const isConversion = patch.type === 'strategic';
  const options = literals === undefined ? { isConversion } : { isConversion, literals };
  return {
    options,
    strictErrors: strictErrorsOfPatch(patch),
    refusal: (why) => {
      const shown = isConversion ? goText(patch.body) : resultText(patch.type, current, result);
      return invalidError({ group: '', resource: '' }, '', [invalid('patch', shown, why)]);
    },
  };
}

/**
 * The result as upstream writes it: what was opened on the way to a change has its keys sorted, what a merge
 * patch brought, too; everything else stands as it stood. Harmless in HTML.
 */
function resultText(type: PatchBody['type'], before: JsonValue | undefined, after: JsonValue): string {
  const write = (value: JsonValue, old: JsonValue | undefined): JsonValue => {
    if (value === old || !isObject(value)) return value;
    const from = isObject(old ?? null) ? (old as JsonObject) : undefined;
    if (from === undefined && type === 'json') return value;
    const entries = Object.entries(value).map(
      ([key, child]) => [key, write(child ?? null, from?.[key])] as const,
    );
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
  const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(write(after, before)).replaceAll(/[<>&\u2028\u2029]/g, escaped);
}

type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** Throws `BadRequest` for a patch that cannot be read, or is none of its type. */
export function requireReadable(patch: PatchBody, mode: FieldValidation): void {
  const why = patch.unreadable ?? shapeProblem(patch, mode);
  if (why === undefined) return;
  const checks = mode !== 'Ignore';
  switch (patch.type) {
    case 'json':
      throw badRequestError(checks ? `error decoding patch: ${why}` : why);
    case 'merge': {
      const isNull = patch.unreadable === undefined && patch.body === null;
      throw badRequestError(checks && !isNull ? `error decoding patch: ${why}` : 'Invalid JSON Patch');
    }
    case 'strategic':
      throw badRequestError(why);
    case 'apply':
      throw badRequestError(`error decoding YAML: ${why}`);
  }
}

function shapeProblem(patch: PatchBody, mode: FieldValidation): string | undefined {
  const { type, body } = patch;
  if (type === 'json') return mode === 'Ignore' ? undefined : operationsProblem(body);
  if (isObject(body) || (body === null && type !== 'merge')) return undefined;
  const why = `json: cannot unmarshal ${goKindOf(body)} into Go value of type map[string]interface {}`;
  return type === 'apply' ? `error unmarshaling JSON: while decoding JSON: ${why}` : why;
}

const OPERATION = 'handlers.jsonPatchOp';

function operationsProblem(body: JsonValue): string | undefined {
  if (body === null) return undefined;
  const unfit = (value: JsonValue, what: string): string =>
    `json: cannot unmarshal ${goKindOf(value)} into Go ${what}`;
  if (!Array.isArray(body)) return unfit(body, `value of type []${OPERATION}`);
  for (const operation of body as readonly JsonValue[]) {
    if (operation === null) continue;
    if (!isObject(operation)) return unfit(operation, `value of type ${OPERATION}`);
    for (const name of ['op', 'path', 'from']) {
      const value = operation[name] ?? '';
      if (typeof value !== 'string') return unfit(value, `struct field jsonPatchOp.${name} of type string`);
    }
  }
  return undefined;
}

function strictErrorsOfPatch({ type, body, duplicateFields }: PatchBody): readonly string[] {
  if (type !== 'json') return duplicateFieldTexts(duplicateFields);
  if (!Array.isArray(body)) return [];
  const operations = body as readonly JsonValue[];
  const texts = operations.flatMap((operation, i) => {
    if (!isObject(operation)) return [];
    return Object.keys(operation).flatMap((name) => {
      const path = `[${i}].${name}`;
      if (!MEMBERS.has(name)) return strictErrorTexts([path], []);
      return duplicateFieldTexts(duplicateFields.filter((field) => isWithin(field, path)));
    });
  });
  return texts.slice(0, STRICT_ERRORS_MAX).map((text) => `json patch ${text}`);
}

const MEMBERS: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

function isWithin(field: string, path: string): boolean {
  return field === path || (field.startsWith(path) && /^[.[]/.test(field.slice(path.length)));
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
