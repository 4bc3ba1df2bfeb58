/**
 * How a patch is refused whose result is no object of the kind. Upstream decodes the result of JSON patches
 * and merge patches as a text, and shows that text; it converts the result of a strategic merge patch field
 * by field, which has words of its own and lets integers with a fraction of zero pass (`1.0`), and shows the
 * patch.
 */

import { invalid } from '../../api/field/field-error.ts';
import { invalidError, type ApiError } from '../../api/meta/api-error.ts';
import type { DecodeOptions } from '../../api/schema/decode.ts';
import type { Literals } from '../../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { PatchBody } from '../../client/operation.ts';

export interface PatchedDecoding {
  readonly options: Pick<DecodeOptions, 'literals' | 'isConversion'>;
  refusal(why: string): ApiError;
}

/** `result`: what the patch makes of the object. */
export function decodingOfPatched(
  patch: PatchBody,
  result: JsonValue,
  literals: Literals | undefined,
): PatchedDecoding {
  const isConversion = patch.type === 'strategic';
  const options = literals === undefined ? { isConversion } : { isConversion, literals };
  return {
    options,
    refusal: (why) => {
      const shown = isConversion ? goText(patch.body) : JSON.stringify(result);
      return invalidError({ group: '', resource: '' }, '', [invalid('patch', shown, why)]);
    },
  };
}

/** As Go prints maps: `map[spec:map[replicas:1]]`, keys sorted. */
function goText(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(goText).join(' ')}]`;
  const entries = Object.entries(value as JsonObject).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, child]) => `${key}:${goText(child ?? null)}`).join(' ')}]`;
}
