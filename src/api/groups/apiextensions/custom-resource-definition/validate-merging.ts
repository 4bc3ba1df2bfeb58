/** What a schema says about merging (`x-kubernetes-list-type` and its kin), worded as upstream's. */

import * as error from '../../../field/field-error.ts';
import type { FieldError, FieldPath } from '../../../field/field-error.ts';
import { asJson } from '../../../field/rules.ts';
import { itemsOf, propertyOf, type JsonSchema } from '../../../structural/structural.ts';

const LIST_TYPES = ['atomic', 'set', 'map'];
const MAP_TYPES = ['atomic', 'granular'];

export function checkMerging(
  schema: JsonSchema,
  path: FieldPath,
  requiresAtomicItems: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const at = path.child('x-kubernetes-preserve-unknown-fields');
    errors.push(error.invalid(at, false, 'must be true or undefined'));
  }
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  if (mapType !== undefined) {
    errors.push(...checkType(schema, path, 'object', 'x-kubernetes-map-type'));
    if (!MAP_TYPES.includes(mapType)) {
      errors.push(error.notSupported(path.child('x-kubernetes-map-type'), mapType, MAP_TYPES));
    }
  }
  if (listType !== undefined) {
    const wrong = checkType(schema, path, 'array', 'x-kubernetes-list-type');
    errors.push(...wrong);
    if (wrong.length === 0 && requiresAtomicItems) errors.push(...checkSetItems(schema, path));
    if (!LIST_TYPES.includes(listType)) {
      errors.push(error.notSupported(path.child('x-kubernetes-list-type'), listType, LIST_TYPES));
    }
  }
  return [...errors, ...checkListMap(schema, path)];
}

function checkType(schema: JsonSchema, path: FieldPath, wanted: string, because: string): FieldError[] {
  const { type = '' } = schema;
  if (type === wanted) return [];
  const detail = `must be ${wanted} if ${because} is specified`;
  const at = path.child('type');
  return [type === '' ? error.required(at, detail) : error.invalid(at, type, detail)];
}

/** Items of sets are compared as a whole, so nobody may own a part of one. */
function checkSetItems(schema: JsonSchema, path: FieldPath): FieldError[] {
  if (!isSetOfGranularItems(schema)) return [];
  const items = itemsOf(schema);
  const name = items?.type === 'array' ? 'x-kubernetes-list-type' : 'x-kubernetes-map-type';
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  return [error.invalid(path.child('items', name), asJson(items?.['x-kubernetes-list-type']), detail)];
}

export function isSetOfGranularItems(schema: JsonSchema): boolean {
  const items = itemsOf(schema);
  if (schema['x-kubernetes-list-type'] !== 'set' || items === undefined) return false;
  if (items.type === 'object') return items['x-kubernetes-map-type'] !== 'atomic';
  return items.type === 'array' && (items['x-kubernetes-list-type'] ?? 'atomic') !== 'atomic';
}

function checkListMap(schema: JsonSchema, path: FieldPath): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const errors: FieldError[] = [];
  const atKeys = path.child('x-kubernetes-list-map-keys');
  if (keys.length > 0 && listType !== 'map') {
    const at = path.child('x-kubernetes-list-type');
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? error.required(at, detail) : error.invalid(at, listType, detail));
  }
  if (listType !== 'map') return errors;
  if (keys.length === 0) {
    errors.push(error.required(atKeys, 'must not be empty if x-kubernetes-list-type is map'));
  }
  const atItems = path.child('items');
  const items = itemsOf(schema);
  if (items === undefined) {
    return [...errors, error.required(atItems, 'must have a schema if x-kubernetes-list-type is map')];
  }
  if (Array.isArray(schema.items)) {
    const detail = 'must only have a single schema if x-kubernetes-list-type is map';
    return [...errors, error.invalid(atItems, asJson(schema.items), detail)];
  }
  if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, error.invalid(atItems.child('type'), items.type ?? '', detail)];
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = propertyOf(items, key);
    if (property === undefined) {
      errors.push(error.invalid(atKeys, keys, 'entries must all be names of item properties'));
    } else if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(error.invalid(atItems.child('properties').key(key).child('type'), items.type, detail));
    }
    if (seen.has(key)) errors.push(error.invalid(atKeys, keys, 'must not contain duplicate entries'));
    seen.add(key);
  }
  return errors;
}

/** Items are told apart by their keys, so there is no item without them. */
export function validateMapKeys(schema: JsonSchema, path: FieldPath): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const items = itemsOf(schema);
  if (items === undefined || Array.isArray(schema.items)) return [];
  if (listType !== 'set' && listType !== 'map') return [];
  const errors: FieldError[] = [];
  const at = path.child('items');
  if (items.nullable === true) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(error.forbidden(at.child('nullable'), detail));
  }
  if (listType === 'set') return errors;
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = propertyOf(items, key);
    if (property === undefined) continue;
    const atKey = at.child('properties').key(key);
    const isGiven = (items.required ?? []).includes(key) || (property.default ?? null) !== null;
    if (!isGiven) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(error.required(atKey.child('default'), detail));
    }
    if (property.nullable === true) {
      const detail = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(error.forbidden(atKey.child('nullable'), detail));
    }
  }
  return errors;
}
