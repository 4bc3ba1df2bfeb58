/**
 * JSONPath as Kubernetes writes it (client-go's `jsonpath`): for printer columns and selectable fields.
 *
 * Input: a path such as `.status.conditions[?(@.type=="Ready")].status`. Output: a function from a value to
 * all that the path leads to. What is not there leads nowhere and is no error.
 */

import type { JsonObject, JsonValue } from '../schema/schema.ts';

export type JsonPath = (value: JsonValue) => readonly JsonValue[];
export type ParsedPath =
  | { readonly ok: true; readonly find: JsonPath }
  | { readonly ok: false; readonly error: string };

type Step = (value: JsonValue) => readonly JsonValue[];

const NAME = /^[^.[\]'"(){}\s=<>!]+/;
const STEPS_MAX = 100;

export function parseJsonPath(text: string): ParsedPath {
  const steps: Step[] = [];
  let rest = text.startsWith('$') ? text.slice(1) : text;
  while (rest !== '') {
    if (steps.length >= STEPS_MAX) return { ok: false, error: `the path has more than ${STEPS_MAX} steps` };
    const step = readStep(rest);
    if (step === undefined) return { ok: false, error: `unexpected ${JSON.stringify(rest)} in the path` };
    steps.push(step.step);
    rest = rest.slice(step.length);
  }
  return { ok: true, find: (value) => follow(steps, value) };
}

function follow(steps: readonly Step[], value: JsonValue): readonly JsonValue[] {
  let values: readonly JsonValue[] = [value];
  for (const step of steps) values = values.flatMap(step);
  return values;
}

interface ReadStep {
  readonly step: Step;
  readonly length: number;
}

function readStep(text: string): ReadStep | undefined {
  if (text.startsWith('..')) return { step: everythingBelow, length: text[2] === '[' ? 2 : 1 };
  if (text.startsWith('.*')) return { step: children, length: 2 };
  if (text.startsWith('.')) {
    const name = readName(text.slice(1));
    return name === undefined ? undefined : { step: field(name.name), length: name.length + 1 };
  }
  if (!text.startsWith('[')) return undefined;
  const end = closingBracket(text);
  if (end < 0) return undefined;
  const step = bracketStep(text.slice(1, end).trim());
  return step === undefined ? undefined : { step, length: end + 1 };
}

/** A field name; dots in it are written `\.`. */
function readName(text: string): { readonly name: string; readonly length: number } | undefined {
  let name = '';
  let at = 0;
  for (;;) {
    const part = NAME.exec(text.slice(at))?.[0].replace(/\\$/, '') ?? '';
    name += part;
    at += part.length;
    if (text.slice(at, at + 2) !== '\\.') break;
    name += '.';
    at += 2;
  }
  return at === 0 ? undefined : { name, length: at };
}

function closingBracket(text: string): number {
  let quote = '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '[') depth++;
    else if (char === ']' && --depth === 0) return i;
  }
  return -1;
}

function bracketStep(inner: string): Step | undefined {
  if (inner === '*') return children;
  const filter = /^\?\((.*)\)$/s.exec(inner)?.[1];
  if (filter !== undefined) return filterStep(filter.trim());
  const range = /^(-?\d*):(-?\d*)(?::(\d+))?$/.exec(inner);
  if (range !== null) return slice(range[1] ?? '', range[2] ?? '', Number(range[3] ?? 1));
  const parts = inner.split(',').map((part) => part.trim());
  const steps = parts.map((part) => {
    if (/^-?\d+$/.test(part)) return index(Number(part));
    const name = /^(?:'([^']*)'|"([^"]*)")$/.exec(part);
    return name === null ? undefined : field(name[1] ?? name[2] ?? '');
  });
  if (steps.includes(undefined)) return undefined;
  return (value) => steps.flatMap((step) => step?.(value) ?? []);
}

function field(name: string): Step {
  return (value) => {
    if (!isObject(value) || !Object.hasOwn(value, name)) return [];
    const found = value[name];
    return found === undefined ? [] : [found];
  };
}

function index(at: number): Step {
  return (value) => {
    const found = isList(value) ? value.at(at) : undefined;
    return found === undefined ? [] : [found];
  };
}

function slice(from: string, to: string, by: number): Step {
  return (value) => {
    if (!isList(value) || by < 1) return [];
    const part = value.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to));
    return part.filter((_, i) => i % by === 0);
  };
}

function children(value: JsonValue): readonly JsonValue[] {
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value).filter((child) => child !== undefined) : [];
}

function everythingBelow(value: JsonValue): readonly JsonValue[] {
  return [value, ...children(value).flatMap(everythingBelow)];
}

type Operand = (item: JsonValue) => JsonValue | undefined;

function filterStep(text: string): Step | undefined {
  const comparison = /^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/s.exec(text);
  if (comparison === null) {
    const path = operand(text);
    return path && ((value) => children(value).filter((item) => path(item) !== undefined));
  }
  const left = operand(comparison[1] ?? '');
  const right = operand(comparison[3] ?? '');
  const operator = comparison[2] ?? '';
  if (left === undefined || right === undefined) return undefined;
  return (value) => children(value).filter((item) => compare(left(item), operator, right(item)));
}

function operand(text: string): Operand | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('@')) {
    const path = parseJsonPath(trimmed.slice(1));
    return path.ok ? (item) => path.find(item)[0] : undefined;
  }
  const quoted = /^(?:'([^']*)'|"([^"]*)")$/.exec(trimmed);
  if (quoted !== null) return () => quoted[1] ?? quoted[2] ?? '';
  if (trimmed === 'true' || trimmed === 'false') return () => trimmed === 'true';
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? () => Number(trimmed) : undefined;
}

/** Values of different types are neither equal nor in an order. */
function compare(left: JsonValue | undefined, operator: string, right: JsonValue | undefined): boolean {
  if (left === undefined || left === null || right === undefined || right === null) return false;
  if (typeof left !== typeof right || typeof left === 'object') return false;
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
