/** Operators: arithmetic, order, membership, size. */

import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  parameter,
  STRING,
  TIMESTAMP,
  typeOfType,
  UINT,
} from '../types/type.ts';
import { find, get } from '../evaluate/access.ts';
import { compareValues, isEqual } from '../values/equal.ts';
import {
  addInt, divideInt, type Int, moduloInt, multiplyInt, negateInt, subtractInt, uintOf,
} from '../values/int.ts'; // prettier-ignore
import { typeOf } from '../values/kind.ts';
import { joinLists } from '../values/list.ts';
import { lengthOf } from '../values/text.ts';
import { between, durationOf, shiftTimestamp } from '../values/time.ts';
import {
  CelError,
  type CelValue,
  Double,
  type Duration,
  itemAt,
  type ListValue,
  MapValue,
  type ObjectValue,
  OptionalValue,
  type Timestamp,
  TypeValue,
  type Uint,
} from '../values/value.ts';
import { fn, type FunctionDeclaration, global, type Library, onValue, type Overload } from './declare.ts';

const A = parameter('A');
const B = parameter('B');
const LIST = listOf(A);
const MAP = mapOf(A, B);

function arithmetic(
  name: string,
  id: string,
  int: (a: Int, b: Int) => Int,
  uint: (a: bigint, b: bigint) => bigint,
  double: ((a: number, b: number) => number) | undefined,
  ...more: readonly Overload[]
): FunctionDeclaration {
  const overloads = [
    global(`${id}_int64`, [INT, INT], INT, int),
    global(`${id}_uint64`, [UINT, UINT], UINT, (a: Uint, b: Uint) => uintOf(uint(a.value, b.value))),
  ];
  if (double !== undefined) {
    const evaluate = (a: Double, b: Double): Double => new Double(double(a.value, b.value));
    overloads.push(global(`${id}_double`, [DOUBLE, DOUBLE], DOUBLE, evaluate));
  }
  return fn(name, ...overloads, ...more);
}

function nonZero(what: string, divide: (a: bigint, b: bigint) => bigint): (a: bigint, b: bigint) => bigint {
  return (a, b) => {
    if (b === 0n) throw new CelError(`${what} by zero`);
    return divide(a, b);
  };
}

/** Longer texts could fill the memory within one operation. */
const TEXT_MAX = 2 ** 26;

export function boundedText(text: string): string {
  boundedLength(text.length);
  return text;
}

export function boundedLength(length: number): void {
  if (length > TEXT_MAX) throw new CelError(`string of more than ${TEXT_MAX} characters`);
}

function joinBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length + b.length > TEXT_MAX) throw new CelError(`bytes of more than ${TEXT_MAX}`);
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

const ARITHMETIC: readonly FunctionDeclaration[] = [
  arithmetic('_+_', 'add', addInt, (a, b) => a + b, (a, b) => a + b,
    global('add_string', [STRING, STRING], STRING, (a: string, b: string) => boundedText(a + b)),
    global('add_bytes', [BYTES, BYTES], BYTES, joinBytes),
    global('add_list', [LIST, LIST], LIST, joinLists),
    global('add_duration_duration', [DURATION, DURATION], DURATION, (a: Duration, b: Duration) =>
      durationOf(a.nanos + b.nanos)),
    global('add_duration_timestamp', [DURATION, TIMESTAMP], TIMESTAMP, (a: Duration, b: Timestamp) =>
      shiftTimestamp(b, a.nanos)),
    global('add_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) =>
      shiftTimestamp(a, b.nanos))),
  arithmetic('_-_', 'subtract', subtractInt, (a, b) => a - b, (a, b) => a - b,
    global('subtract_duration_duration', [DURATION, DURATION], DURATION, (a: Duration, b: Duration) =>
      durationOf(a.nanos - b.nanos)),
    global('subtract_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) =>
      shiftTimestamp(a, -b.nanos)),
    global('subtract_timestamp_timestamp', [TIMESTAMP, TIMESTAMP], DURATION, between)),
  arithmetic('_*_', 'multiply', multiplyInt, (a, b) => a * b, (a, b) => a * b),
  arithmetic('_/_', 'divide', divideInt, nonZero('division', (a, b) => a / b), (a, b) => a / b),
  arithmetic('_%_', 'modulo', moduloInt, nonZero('modulus', (a, b) => a % b), undefined),
  fn('-_',
    global('negate_int64', [INT], INT, negateInt),
    global('negate_double', [DOUBLE], DOUBLE, (a: Double) => new Double(-a.value))),
]; // prettier-ignore

const NAMES: readonly (readonly [string, CelType])[] = [
  ['bool', BOOL], ['int64', INT], ['uint64', UINT], ['double', DOUBLE], ['string', STRING], ['bytes', BYTES],
  ['timestamp', TIMESTAMP], ['duration', DURATION],
]; // prettier-ignore
const NUMBERS: readonly (readonly [string, CelType])[] = [['int64', INT], ['uint64', UINT], ['double', DOUBLE]]; // prettier-ignore

function comparison(name: string, id: string, holds: (order: number) => boolean): FunctionDeclaration {
  const evaluate = (a: CelValue, b: CelValue): boolean => {
    const order = compareValues(a, b);
    if (order === undefined) throw new CelError('no such overload');
    return holds(order);
  };
  const same = NAMES.map(([type, of]) => global(`${id}_${type}`, [of, of], BOOL, evaluate));
  const mixed = NUMBERS.flatMap(([left, a]) =>
    NUMBERS.filter(([right]) => right !== left).map(([right, b]) =>
      global(`${id}_${left}_${right}`, [a, b], BOOL, evaluate),
    ),
  );
  return fn(name, ...same, ...mixed);
}

function contains(item: CelValue, list: ListValue): boolean {
  for (let i = 0; i < list.length; i++) if (isEqual(itemAt(list, i), item)) return true;
  return false;
}

const RELATIONS: readonly FunctionDeclaration[] = [
  comparison('_<_', 'less', (order) => order < 0),
  comparison('_<=_', 'less_equals', (order) => order <= 0),
  comparison('_>_', 'greater', (order) => order > 0),
  comparison('_>=_', 'greater_equals', (order) => order >= 0),
  fn('_==_', global('equals', [A, A], BOOL, isEqual)),
  fn('_!=_', global('not_equals', [A, A], BOOL, (a: CelValue, b: CelValue) => !isEqual(a, b))),
  fn('@in',
    global('in_list', [A, LIST], BOOL, contains),
    global('in_map', [A, MAP], BOOL, (key: CelValue, map: MapValue | ObjectValue) =>
      map instanceof MapValue ? map.has(key) : typeof key === 'string' && map.has(key))),
]; // prettier-ignore

function same(value: CelValue): CelValue {
  return value;
}

const LOGIC: readonly FunctionDeclaration[] = [
  fn('_?_:_', global('conditional', [BOOL, A, A], A, (condition: CelValue, yes: CelValue, no: CelValue) =>
    condition === true ? yes : no)),
  fn('_&&_', global('logical_and', [BOOL, BOOL], BOOL, (a: CelValue, b: CelValue) => a === true && b === true)),
  fn('_||_', global('logical_or', [BOOL, BOOL], BOOL, (a: CelValue, b: CelValue) => a === true || b === true)),
  fn('!_', global('logical_not', [BOOL], BOOL, (a: boolean) => !a)),
  fn('@not_strictly_false', global('not_strictly_false', [BOOL], BOOL, same)),
  fn('_[_]', global('index_list', [LIST, INT], A, get), global('index_map', [MAP, A], B, get)),
]; // prettier-ignore

/** `a[?b]`, and steps within optionals; the evaluator has them built in, the checker needs the types. */
export function optionalIndex(list: CelValue, key: CelValue): CelValue {
  const inner = list instanceof OptionalValue ? list.value : list;
  return new OptionalValue(inner === undefined ? undefined : find(inner, key));
}

function sizeOfMap(map: MapValue | ObjectValue): number {
  return map instanceof MapValue ? map.size : map.entries().size;
}

function sizes(kind: string, type: CelType, size: (value: never) => number): readonly Overload[] {
  const evaluate = size as (value: CelValue) => number;
  return [global(`size_${kind}`, [type], INT, evaluate), onValue(`${kind}_size`, [type], INT, evaluate)];
}

const SIZE = fn('size',
  ...sizes('string', STRING, (text: string) => lengthOf(text)),
  ...sizes('bytes', BYTES, (bytes: Uint8Array) => bytes.length),
  ...sizes('list', LIST, (list: ListValue) => list.length),
  ...sizes('map', MAP, sizeOfMap)); // prettier-ignore

const TYPE = fn(
  'type',
  global('type', [A], typeOfType(A), (value: CelValue) => new TypeValue(typeOf(value))),
);

export const OPERATORS: Library = {
  functions: [...ARITHMETIC, ...RELATIONS, ...LOGIC, SIZE, TYPE, fn('dyn', global('to_dyn', [A], DYN, same))],
  macros: [],
};
