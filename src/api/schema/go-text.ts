/** JSON values as Go prints them with `%v`: `map[spec:map[replicas:1]]`, keys sorted. Pure. */

import type { JsonObject, JsonValue } from './schema.ts';

/** `isFloat`: numbers are floats, which Go writes with an exponent early on (`1e+06`). */
export function goText(value: JsonValue, isFloat = false): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return isFloat || !Number.isInteger(value) ? goFloat(value) : String(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    return `[${(value as readonly JsonValue[]).map((item) => goText(item, isFloat)).join(' ')}]`;
  }
  const entries = Object.entries(value as JsonObject).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, child]) => `${key}:${goText(child ?? null, isFloat)}`).join(' ')}]`;
}

/** A float with `%v`: the shortest digits, with an exponent below 10^-4 and from 10^6 on. */
export function goFloat(value: number): string {
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
