/** `kubernetes.Quantity`: resource quantities. */

import {
  addQuantities, compareQuantities, formatQuantity, parseQuantity, type Quantity, subtractQuantities,
} from '../../quantity/quantity.ts'; // prettier-ignore
import { fn, type FunctionDeclaration, global, type Library, onValue } from '../library/declare.ts';
import { BOOL, type CelType, DOUBLE, INT, sealedObject, STRING } from '../types/type.ts';
import { INT_MAX, INT_MIN, type Int, intOf } from '../values/int.ts';
import { CelError, type CelValue, Double, OpaqueValue } from '../values/value.ts';

export const QUANTITY = sealedObject('kubernetes.Quantity');
const NANO = 1_000_000_000n;

export class QuantityValue extends OpaqueValue {
  override readonly type: CelType = QUANTITY;
  readonly quantity: Quantity;
  /** Written without a fraction, so upstream holds it as a whole number. */
  readonly isWhole: boolean;

  constructor(quantity: Quantity, isWhole: boolean) {
    super();
    this.quantity = quantity;
    this.isWhole = isWhole;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0;
  }

  override toString(): string {
    return formatQuantity(this.quantity);
  }
}

/** Throws a `CelError` when the text is none. */
export function quantityFromText(text: string): QuantityValue {
  const quantity = parseQuantity(text);
  if (typeof quantity === 'string') throw new CelError(quantity);
  return new QuantityValue(quantity, !/\.\d|[num]$|[eE]-/.test(text));
}

/** Undefined when it is no whole number of 64 bits. */
function wholeNumber({ quantity, isWhole }: QuantityValue): bigint | undefined {
  const value = quantity.nanos / NANO;
  const fits = quantity.nanos % NANO === 0n && value >= INT_MIN && value <= INT_MAX;
  return isWhole && fits ? value : undefined;
}

function asInteger(quantity: QuantityValue): Int {
  const value = wholeNumber(quantity);
  if (value === undefined) throw new CelError('cannot convert value to integer');
  return intOf(value);
}

function compare(a: QuantityValue, b: QuantityValue): number {
  return compareQuantities(a.quantity, b.quantity);
}

function both(id: string, combine: (a: Quantity, b: Quantity) => Quantity): FunctionDeclaration['overloads'] {
  const withQuantity = (a: QuantityValue, b: QuantityValue): QuantityValue =>
    new QuantityValue(combine(a.quantity, b.quantity), a.isWhole && b.isWhole);
  const withInt = (a: QuantityValue, b: Int): QuantityValue => {
    const other: Quantity = { nanos: BigInt(b) * NANO, format: 'DecimalExponent' };
    return new QuantityValue(combine(a.quantity, other), a.isWhole);
  };
  return [
    onValue(`quantity_${id}`, [QUANTITY, QUANTITY], QUANTITY, withQuantity),
    onValue(`quantity_${id}_int`, [QUANTITY, INT], QUANTITY, withInt),
  ];
}

function sign({ quantity: { nanos } }: QuantityValue): number {
  return nanos < 0n ? -1 : nanos > 0n ? 1 : 0;
}

export const QUANTITIES: Library = {
  functions: [
    fn('quantity', global('string_to_quantity', [STRING], QUANTITY, quantityFromText)),
    fn('isQuantity', global('is_quantity_string', [STRING], BOOL, (text: string) =>
      typeof parseQuantity(text) !== 'string')),
    fn('sign', global('quantity_sign', [QUANTITY], INT, sign)),
    fn('isGreaterThan', onValue('quantity_is_greater_than', [QUANTITY, QUANTITY], BOOL, (a: QuantityValue, b: QuantityValue) =>
      compare(a, b) > 0)),
    fn('isLessThan', onValue('quantity_is_less_than', [QUANTITY, QUANTITY], BOOL, (a: QuantityValue, b: QuantityValue) =>
      compare(a, b) < 0)),
    fn('compareTo', onValue('quantity_compare_to', [QUANTITY, QUANTITY], INT, compare)),
    fn('asApproximateFloat', onValue('quantity_get_float', [QUANTITY], DOUBLE, ({ quantity }: QuantityValue): CelValue =>
      new Double(Number(quantity.nanos) / 1e9))),
    fn('asInteger', onValue('quantity_get_int', [QUANTITY], INT, asInteger)),
    fn('isInteger', onValue('quantity_is_integer', [QUANTITY], BOOL, (quantity: QuantityValue) =>
      wholeNumber(quantity) !== undefined)),
    fn('add', ...both('add', addQuantities)),
    fn('sub', ...both('sub', subtractQuantities)),
  ],
  macros: [],
}; // prettier-ignore
