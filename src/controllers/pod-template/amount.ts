/** Amounts in rolling updates: a number of pods, or a share of those that are wanted (`25%`). Pure. */

export function amountOf(amount: number | string, of: number, round: (value: number) => number): number {
  if (typeof amount === 'number') return amount;
  return round((Number.parseInt(amount, 10) * of) / 100);
}
