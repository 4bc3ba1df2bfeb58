/**
 * Whether an applied configuration is of the types that the schema declares, in the words of
 * structured-merge-diff: `.spec.foo: field not declared in schema`. Pure.
 *
 * Looser than decoding: any number is a number, and null is of every type. Of the fields of one struct that
 * are not declared the first is told, as nothing of the struct is looked at behind it.
 */

import { goFloat, goText } from '../schema/go-text.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema, ScalarType } from '../schema/schema.ts';
import { stepText } from './field-set.ts';
import { isList, isObject, itemStep, ownedTypeOf, type KeyedListType, type OwnedType } from './field-type.ts';

export type DeclaredType =
  /** Whatever it is, the schema does not say. */
  | { readonly form: 'any' }
  | { readonly form: 'numeric' | 'string' | 'boolean' | 'untyped' }
  | {
      readonly form: 'list';
      readonly items: DeclaredType;
      /** How items are told apart; undefined: by their places. */
      readonly owned: AssociativeList | undefined;
    }
  | DeclaredMap;

export type AssociativeList = KeyedListType | { readonly form: 'set' };

export interface DeclaredMap {
  readonly form: 'map';
  /** Undefined: a field of this name is not declared. */
  field(name: string): DeclaredType | undefined;
}

/** What is wrong with a configuration, in the order of its fields' names. */
export function typeProblems(type: DeclaredType, config: JsonValue): readonly string[] {
  const problems: string[] = [];
  check(type, config, '', problems);
  return problems;
}

function check(type: DeclaredType, value: JsonValue, path: string, problems: string[]): void {
  if (value === null || type.form === 'any') return;
  const mismatch = mismatchOf(type, value);
  if (mismatch !== undefined) problems.push(withPath(path, mismatch));
  else if (type.form === 'list') checkItems(type, value as readonly JsonValue[], path, problems);
  else if (type.form === 'map') checkFields(type, value as JsonObject, path, problems);
}

function checkFields(type: DeclaredMap, value: JsonObject, path: string, problems: string[]): void {
  for (const name of Object.keys(value).toSorted()) {
    const at = `${path}.${name}`;
    const field = type.field(name);
    if (field === undefined) {
      problems.push(`${at}: field not declared in schema`);
      return;
    }
    check(field, value[name] ?? null, at, problems);
  }
}

function checkItems(
  { items, owned }: Extract<DeclaredType, { form: 'list' }>,
  list: readonly JsonValue[],
  path: string,
  problems: string[],
): void {
  const seen = new Set<string>();
  for (const [i, item] of list.entries()) {
    if (owned === undefined) {
      check(items, item, `${path}[${i}]`, problems);
      continue;
    }
    const step = itemStep(owned, item);
    if (typeof step !== 'string') {
      problems.push(withPath(path, `element ${i}: ${step.error}`));
      return;
    }
    const at = stepText(step);
    if (seen.has(step)) problems.push(withPath(path, `duplicate entries for key ${at}`));
    seen.add(step);
    check(items, item, path + at, problems);
  }
}

function withPath(path: string, text: string): string {
  return path === '' ? text : `${path}: ${text}`;
}

function mismatchOf({ form }: DeclaredType, value: JsonValue): string | undefined {
  const shown = (): string => `&{${goText(value, true)}}`;
  switch (form) {
    case 'any':
      return undefined;
    case 'numeric':
      return typeof value === 'number'
        ? undefined
        : `expected numeric (int or float), got ${goTypeName(value)}`;
    case 'string': {
      const given = (): string => `&value.valueUnstructured{Value:${goSyntax(value)}}`;
      return typeof value === 'string' ? undefined : `expected string, got ${given()}`;
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${shown()}`;
    case 'untyped':
      return typeof value === 'object' ? `expected any scalar, got ${shown()}` : undefined;
    case 'list':
      return isList(value) ? undefined : `expected list, got ${shown()}`;
    case 'map':
      return isObject(value) ? undefined : `expected map, got ${shown()}`;
  }
}

function goTypeName(value: JsonValue): string {
  if (isList(value)) return '[]interface {}';
  return isObject(value) ? 'map[string]interface {}' : value === null ? '<nil>' : goScalarName(value);
}

function goScalarName(value: string | number | boolean): string {
  return typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'float64' : 'string';
}

/** As Go prints values with `%#v`. */
function goSyntax(value: JsonValue): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'number') return goFloat(value);
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const fields = entries.map(([key, child]) => `${JSON.stringify(key)}:${goSyntax(child ?? null)}`);
  return `map[string]interface {}{${fields.join(', ')}}`;
}

const ANY: DeclaredType = { form: 'any' };
const STRING: DeclaredType = { form: 'string' };

const messages = new WeakMap<MessageSchema, DeclaredMap>();

/** Of a struct of the API. */
export function declaredTypeOf(message: MessageSchema): DeclaredMap {
  const known = messages.get(message);
  if (known !== undefined) return known;
  const fields = new Map<string, DeclaredType>();
  const owned = ownedTypeOf(message);
  const type: DeclaredMap = {
    form: 'map',
    field: (name) => {
      let found = fields.get(name);
      if (found !== undefined) return found;
      const field = message.byName.get(name);
      if (field !== undefined) found = ofField(field, owned.field(name));
      else if (message.isKind && (name === 'kind' || name === 'apiVersion')) found = STRING;
      else if (message.preserveUnknown === true) found = ANY;
      if (found !== undefined) fields.set(name, found);
      return found;
    },
  };
  messages.set(message, type);
  return type;
}

function ofField(field: Field, owned: OwnedType | undefined): DeclaredType {
  if (field.type.form !== 'list') return ofType(field.type);
  const isAssociative = owned?.form === 'keyedList' || owned?.form === 'set';
  return { form: 'list', items: ofType(field.type.items), owned: isAssociative ? owned : undefined };
}

function ofType(type: FieldType): DeclaredType {
  switch (type.form) {
    case 'scalar':
      return ofScalar(type.scalar);
    case 'list':
      return { form: 'list', items: ofType(type.items), owned: undefined };
    case 'map': {
      const values = ofType(type.values);
      return { form: 'map', field: () => values };
    }
    case 'message':
      return type.message.wraps === undefined ? declaredTypeOf(type.message) : ofType(type.message.wraps);
  }
}

function ofScalar(scalar: ScalarType): DeclaredType {
  switch (scalar) {
    case 'int32':
    case 'int64':
    case 'double':
      return { form: 'numeric' };
    case 'bool':
      return { form: 'boolean' };
    case 'string':
    case 'bytes':
    case 'duration':
      return STRING;
    case 'time':
    case 'microTime':
    case 'quantity':
    case 'intOrString':
      return { form: 'untyped' };
    default:
      return ANY;
  }
}
