/**
 * Integers that a patch writes with a fraction or an exponent (`1.0`): Go refuses them where an integer
 * belongs, so a JSON patch, whose operations move values about, has to carry how they were written.
 *
 * While the operations run, a marker stands for each such number; behind them the markers become numbers
 * again, and where they stand then is told. A marker equals no number, as upstream's `test` compares texts.
 */

import type { Literals } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { isList, isObject } from './patch.ts';

export class WrittenNumbers {
  readonly #literals = new Map<JsonValue, string>();

  /** The patch with markers in it. */
  marked(patch: JsonValue, literals: Literals): JsonValue {
    return mapped(patch, '', (value, path) => {
      const literal = literals.get(path);
      if (literal === undefined || typeof value !== 'number') return value;
      const marker: JsonObject = { '': `number ${literal}` };
      this.#literals.set(marker, literal);
      return marker;
    });
  }

  /** The document without markers, and where they stood. */
  resolved(document: JsonValue): { readonly value: JsonValue; readonly literals: Literals } {
    const literals = new Map<string, string>();
    const value = mapped(document, '', (child, path) => {
      const literal = this.#literals.get(child);
      if (literal === undefined) return child;
      literals.set(path, literal);
      return Number(literal);
    });
    return { value, literals };
  }
}

/** A changed value is not walked into. */
function mapped(
  value: JsonValue,
  path: string,
  change: (value: JsonValue, path: string) => JsonValue,
): JsonValue {
  const changed = change(value, path);
  if (changed !== value) return changed;
  if (isList(value)) return value.map((item, i) => mapped(item, `${path}[${i}]`, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      mapped(child ?? null, path === '' ? key : `${path}.${key}`, change),
    ]),
  );
}
