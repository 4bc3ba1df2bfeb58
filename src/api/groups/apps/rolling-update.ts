/** Amounts of pods in rolling updates: a number, or a percentage of the wanted ones. */

import { invalid, type FieldError, type FieldPath } from '../../field/field-error.ts';

export type Amount = number | string;

const PERCENT = /^(\d+)%$/;

/** Beyond the format, percentages may be bounded: no more than all pods can be unavailable. */
export function amountProblems(path: FieldPath, amount: Amount, maxPercent = 100): FieldError[] {
  if (typeof amount === 'number') {
    return amount >= 0 ? [] : [invalid(path, amount, 'must be greater than or equal to 0')];
  }
  const percent = PERCENT.exec(amount)?.[1];
  if (percent === undefined) {
    const detail =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex " +
      "used for validation is '[0-9]+%')";
    return [invalid(path, amount, detail)];
  }
  return Number(percent) > maxPercent ? [invalid(path, amount, 'must not be greater than 100%')] : [];
}

export function isZeroAmount(amount: Amount): boolean {
  return typeof amount === 'number' ? amount === 0 : Number(PERCENT.exec(amount)?.[1] ?? 1) === 0;
}

/** In pods; `round` decides about parts of one. */
export function amountOf(amount: Amount, of: number, round: (value: number) => number): number {
  if (typeof amount === 'number') return amount;
  return round((Number.parseInt(amount, 10) * of) / 100);
}
