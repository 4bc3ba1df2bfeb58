/**
 * What templates may call: Go's own functions, some of sprig's, and those of kwok that need nothing but
 * their arguments. Pure. What is not here is refused when a template is read.
 */

import type { JsonValue } from '../../../api/schema/schema.ts';
import { TemplateError } from './lexer.ts';

/** Undefined is Go's untyped nil. */
export type Value = JsonValue | undefined;
export type Call = (...args: readonly Value[]) => Value;

export function isTrue(value: Value): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'object') return value !== '' && value !== 0 && value !== false;
  return Object.keys(value).length > 0;
}

/** As an action prints it. */
export function printed(value: Value): string {
  if (value === undefined || value === null) return '<no value>';
  if (typeof value === 'object') throw new TemplateError('lists and maps can only be printed with YAML');
  return String(value);
}

const NODE_CONDITIONS: JsonValue = [
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['NetworkUnavailable', 'False', 'RouteCreated', 'RouteController created a route'],
].map(([type = '', status = '', reason = '', message = '']) => ({ type, status, reason, message }));

const COMPARISONS: { readonly [name: string]: (a: number | string, b: number | string) => boolean } = {
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

/** `and` and `or` are the evaluator's, since they stop at the first argument that decides. */
export const FUNCTIONS: { readonly [name: string]: Call } = {
  not: (value) => !isTrue(value),
  eq: (first, ...others) => others.some((other) => isEqual(first, other)),
  ne: (a, b) => !isEqual(a, b),
  ...Object.fromEntries(
    Object.entries(COMPARISONS).map(([name, holds]) => [
      name,
      (a: Value, b: Value) => compare(name, holds, a, b),
    ]),
  ),
  index: (value, ...keys) => keys.reduce<Value>(indexed, value),
  len: (value) => {
    if (typeof value === 'string') return Buffer.byteLength(value);
    if (typeof value === 'object' && value !== null) return Object.keys(value).length;
    throw new TemplateError(`len of ${printed(value)}`);
  },
  print: (...values) => values.map(printed).join(''),
  printf: (format, ...values) => formatted(printed(format), values),
  Quote: quoted,
  NodeConditions: () => NODE_CONDITIONS,
  Version: () => 'v1.36.0+k8ts',
  dict: (...pairs) => {
    const entries = pairs.flatMap((key, i) =>
      i % 2 === 0 ? [[printed(key), pairs[i + 1] ?? null] as const] : [],
    );
    return Object.fromEntries(entries);
  },
  list: (...values) => values.map((value) => value ?? null),
  default: (fallback, value) => (isTrue(value) ? value : fallback),
  empty: (value) => !isTrue(value),
  add: (...values) => values.map(integer).reduce((sum, value) => sum + value, 0),
  add1: (value) => integer(value) + 1,
  lower: (value) => printed(value).toLowerCase(),
  upper: (value) => printed(value).toUpperCase(),
  trim: (value) => printed(value).trim(),
};

function isEqual(a: Value, b: Value): boolean {
  const [left, right] = [a ?? undefined, b ?? undefined];
  if (left === undefined || right === undefined) return left === right;
  if (typeof left === 'object' || typeof right === 'object')
    throw new TemplateError('eq compares no lists or maps');
  if (typeof left !== typeof right) throw new TemplateError('incompatible types for comparison');
  return left === right;
}

function compare(
  name: string,
  holds: (a: number | string, b: number | string) => boolean,
  a: Value,
  b: Value,
): boolean {
  const isNumber = typeof a === 'number' && typeof b === 'number';
  const isText = typeof a === 'string' && typeof b === 'string';
  if (isNumber || isText) return holds(a, b);
  throw new TemplateError(`${name}: incompatible types for comparison`);
}

function indexed(value: Value, key: Value): Value {
  if (value === undefined || value === null) throw new TemplateError('index of untyped nil');
  if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value;
    if (typeof key !== 'number' || !(key in items))
      throw new TemplateError(`index out of range: ${printed(key)}`);
    return items[key];
  }
  if (typeof value !== 'object') throw new TemplateError(`can't index ${printed(value)}`);
  return (value as { readonly [name: string]: JsonValue | undefined })[printed(key)];
}

/** Always a text in quotes, whatever the value is. */
function quoted(value: Value): string {
  const json = JSON.stringify(value ?? null);
  return json.startsWith('"') ? json : JSON.stringify(json);
}

function integer(value: Value): number {
  const number = Number(value ?? 0);
  return Number.isNaN(number) ? 0 : Math.trunc(number);
}

function formatted(format: string, values: readonly Value[]): string {
  let next = 0;
  return format.replaceAll(/%(.)/g, (_whole, verb: string) => {
    switch (verb) {
      case '%':
        return '%';
      case 'v':
      case 's':
      case 'd':
        return printed(values[next++]);
      case 'q':
        return JSON.stringify(printed(values[next++]));
      default:
        throw new TemplateError(`printf: the verb %${verb} is not supported`);
    }
  });
}
