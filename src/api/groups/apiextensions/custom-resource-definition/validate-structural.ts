/**
 * Whether a schema is structural: every field has a type, and what stands within `allOf`, `anyOf`, `oneOf` and
 * `not` only restricts values of fields that are described outside of them. Pruning and defaults rely on it.
 * Worded as upstream's apiextensions-apiserver/pkg/apiserver/schema/{validation,complete}.go.
 */

import * as error from '../../../field/field-error.ts';
import { fieldErrorText, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { compilePattern } from '../../../structural/pattern.ts';
import {
  additionalOf, isEmbedded, isIntOrString, itemsOf, preservesUnknown, propertyOf, type JsonSchema,
} from '../../../structural/structural.ts'; // prettier-ignore

type Level = 'root' | 'item' | 'field';

export function validateStructuralSchema(path: FieldPath, schema: JsonSchema): FieldError[] {
  const errors: FieldError[] = [];
  checkSpine(schema, 'root', path, errors);
  checkCompleteness(schema, schema, path, path, errors);
  const texts = new Map(errors.map((found) => [found, fieldErrorText(found)]));
  return errors.toSorted((a, b) => ((texts.get(a) ?? '') < (texts.get(b) ?? '') ? -1 : 1));
}

const UNSUPPORTED = ['id', '$schema', '$ref', 'patternProperties', 'dependencies', 'additionalItems', 'definitions'] as const; // prettier-ignore

/** What no structural schema can be made of; said only where nothing else is wrong. */
export function unsupportedProblem(schema: JsonSchema): string | undefined {
  for (const name of UNSUPPORTED) {
    const value = schema[name];
    const isSet =
      typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined && value !== '';
    const shown = name === '$schema' ? 'schema' : name;
    if (isSet || (name === 'additionalItems' && value !== undefined)) {
      return `OpenAPIV3Schema '${shown}' is not supported`;
    }
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (Array.isArray(schema.items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  for (const below of [...alternatives(schema).map(({ schema: one }) => one), ...children(schema)]) {
    const problem = unsupportedProblem(below);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function children(schema: JsonSchema): readonly JsonSchema[] {
  const items = itemsOf(schema);
  const additional = additionalOf(schema);
  return [
    ...(items === undefined ? [] : [items]),
    ...(additional === undefined || additional === true ? [] : [additional]),
    ...Object.values(schema.properties ?? {}),
  ];
}

interface Alternative {
  readonly at: (path: FieldPath) => FieldPath;
  readonly schema: JsonSchema;
  readonly of: 'allOf' | 'anyOf' | 'oneOf' | 'not';
  readonly index: number;
}

function alternatives({ anyOf = [], allOf = [], oneOf = [], not }: JsonSchema): readonly Alternative[] {
  const of = (name: 'allOf' | 'anyOf' | 'oneOf', list: readonly JsonSchema[]): readonly Alternative[] =>
    list.map((schema, index) => ({
      schema,
      of: name,
      index,
      at: (path) => path.child(name).index(index),
    }));
  const negated: readonly Alternative[] =
    not === undefined ? [] : [{ schema: not, of: 'not', index: 0, at: (path) => path.child('not') }];
  return [...of('anyOf', anyOf), ...of('allOf', allOf), ...of('oneOf', oneOf), ...negated];
}

function checkSpine(schema: JsonSchema, level: Level, path: FieldPath, errors: FieldError[]): void {
  const items = itemsOf(schema);
  if (schema.type === 'array' && items === undefined) {
    errors.push(error.required(path.child('items'), 'must be specified'));
  }
  if (items !== undefined) checkSpine(items, 'item', path.child('items'), errors);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkSpine(property, 'field', path.child('properties').key(name), errors);
  }
  checkAdditional(schema, level, path, errors);
  checkExtensions(schema, path, errors);
  const isFirstOpen = isIntOrStringPattern(schema.allOf?.[0]?.anyOf);
  checkValues(schema, path, errors, isIntOrStringPattern(schema.anyOf), isFirstOpen);
  checkType(schema, level, path, errors);
  checkResourceFields(schema, level, path, errors);
}

function checkAdditional(schema: JsonSchema, level: Level, path: FieldPath, errors: FieldError[]): void {
  if (schema.additionalProperties === undefined) return;
  const at = path.child('additionalProperties');
  if (level === 'root') errors.push(error.forbidden(at, 'must not be used at the root'));
  const additional = additionalOf(schema);
  if (additional !== undefined && additional !== true) checkSpine(additional, 'field', at, errors);
  if (isEmbedded(schema)) {
    errors.push(error.forbidden(at, 'must not be used if x-kubernetes-embedded-resource is set'));
  }
}

function checkExtensions(schema: JsonSchema, path: FieldPath, errors: FieldError[]): void {
  if (!isIntOrString(schema)) return;
  const detail = 'must be false if x-kubernetes-int-or-string is true';
  for (const name of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
    if (schema[name] === true) errors.push(error.invalid(path.child(name), true, detail));
  }
}

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function checkType(schema: JsonSchema, level: Level, path: FieldPath, errors: FieldError[]): void {
  const { type = '' } = schema;
  const at = path.child('type');
  if (isEmbedded(schema) && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? error.required(at, detail) : error.invalid(at, type, detail));
  } else if (type === '' && !isIntOrString(schema) && !preservesUnknown(schema)) {
    errors.push(error.required(at, EMPTY_TYPE[level]));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(error.invalid(at, type, 'must be object at the root'));
  }
}

function checkResourceFields(schema: JsonSchema, level: Level, path: FieldPath, errors: FieldError[]): void {
  const isResource = level === 'root' || isEmbedded(schema);
  for (const name of ['kind', 'apiVersion']) {
    const property = propertyOf(schema, name);
    if (!isResource || property === undefined || property.type === 'string') continue;
    const at = path.child('properties').key(name).child('type');
    errors.push(error.invalid(at, property.type ?? '', 'must be string'));
  }
  const metadata = propertyOf(schema, 'metadata');
  if (metadata !== undefined) {
    checkMetadata(metadata, isResource, level, path.child('properties').key('metadata'), errors);
  }
  if (isEmbedded(schema) && !preservesUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(error.required(path.child('properties'), detail));
  }
}

/** The server's own rules hold for metadata; a schema may only restrict names. */
function checkMetadata(
  metadata: JsonSchema,
  isResource: boolean,
  level: Level,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (isResource && metadata.type !== 'object') {
    errors.push(error.invalid(path.child('type'), metadata.type ?? '', 'must be object'));
  }
  if (level !== 'root') return;
  const { type: _type, default: _default, properties = {}, ...rest } = metadata;
  const names = Object.keys(properties);
  const isNamesOnly = names.every((name) => name === 'name' || name === 'generateName');
  const hasMore = Object.values(rest).some(isSet);
  if (isNamesOnly && !hasMore) return;
  const detail =
    'must not specify anything other than name and generateName, but metadata is implicitly specified';
  errors.push(error.forbidden(path, detail));
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== false && value !== '';
}

const INT_OR_STRING: readonly string[] = ['integer', 'string'];

/** The one place where types may stand in alternatives. */
function isIntOrStringPattern(anyOf: readonly JsonSchema[] | undefined): boolean {
  return (
    anyOf?.length === 2 &&
    anyOf.every((one, i) => one.type === INT_OR_STRING[i] && Object.values(one).filter(isSet).length === 1)
  );
}

function checkValues(
  schema: JsonSchema,
  path: FieldPath,
  errors: FieldError[],
  skipsAnyOf: boolean,
  skipsAnyOfInFirst: boolean,
): void {
  for (const { of, index, at, schema: one } of alternatives(schema)) {
    if (of === 'anyOf' && skipsAnyOf) continue;
    checkNested(one, at(path), errors, of === 'allOf' && index === 0 && skipsAnyOfInFirst);
  }
  const { pattern = '' } = schema;
  const compiled = pattern === '' ? undefined : compilePattern(pattern);
  if (compiled !== undefined && 'problem' in compiled) {
    const detail = `must be a valid regular expression, but isn't: ${compiled.problem}`;
    errors.push(error.invalid(path.child('pattern'), pattern, detail));
  }
}

/** What belongs to the description of a field, and says how it must be for the schema to be structural. */
const DESCRIPTIVE = [
  ['type', 'must be empty to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
] as const;

function checkNested(schema: JsonSchema, path: FieldPath, errors: FieldError[], skipsAnyOf: boolean): void {
  checkValues(schema, path, errors, skipsAnyOf, false);
  const items = itemsOf(schema);
  if (items !== undefined) checkNested(items, path.child('items'), errors, false);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkNested(property, path.child('properties').key(name), errors, false);
  }
  if (additionalOf(schema) !== undefined) {
    errors.push(error.forbidden(path.child('additionalProperties'), 'must be undefined to be structural'));
  }
  for (const [name, detail] of DESCRIPTIVE) {
    const value: unknown = schema[name];
    if (name === 'default' ? value !== undefined && value !== null : isSet(value)) {
      errors.push(error.forbidden(path.child(name), detail));
    }
  }
  if (propertyOf(schema, 'metadata') !== undefined) {
    const at = path.child('properties').key('metadata');
    errors.push(error.forbidden(at, 'must not be specified in a nested context'));
  }
}

/** Every field that alternatives speak of is described on the spine. Upstream looks at those of the root alone. */
function checkCompleteness(
  values: JsonSchema,
  spine: JsonSchema,
  at: FieldPath,
  from: FieldPath,
  errors: FieldError[],
): void {
  for (const { schema, at: step } of alternatives(values)) {
    checkNestedCompleteness(schema, spine, at, step(from), errors);
  }
}

function checkNestedCompleteness(
  values: JsonSchema,
  spine: JsonSchema | undefined,
  at: FieldPath,
  from: FieldPath,
  errors: FieldError[],
): void {
  if (spine === undefined) {
    errors.push(error.required(at, `because it is defined in ${from.toString()}`));
    return;
  }
  checkCompleteness(values, spine, at, from, errors);
  const items = itemsOf(values);
  if (items !== undefined) {
    checkNestedCompleteness(items, itemsOf(spine), at.child('items'), from.child('items'), errors);
  }
  for (const [name, property] of Object.entries(values.properties ?? {})) {
    const below = propertyOf(spine, name);
    const step = (path: FieldPath): FieldPath => path.child('properties').key(name);
    checkNestedCompleteness(property, below, step(at), step(from), errors);
  }
}
