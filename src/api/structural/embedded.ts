/**
 * Whole resources inside a custom resource (`x-kubernetes-embedded-resource`): they say what they are, and
 * their metadata reads as metadata of any object.
 */

import * as error from '../field/field-error.ts';
import type { FieldError } from '../field/field-error.ts';
import { decodeObject } from '../schema/decode.ts';
import type { JsonValue, MessageSchema } from '../schema/schema.ts';
import {
  additionalOf,
  isEmbedded,
  isList,
  isObject,
  itemsOf,
  propertyOf,
  type JsonSchema,
} from './structural.ts';

export function validateEmbedded(
  schema: JsonSchema,
  value: JsonValue,
  path: string,
  objectMeta: MessageSchema | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  walk(schema, value, path, objectMeta, errors);
  return errors;
}

function walk(
  schema: JsonSchema,
  value: JsonValue,
  path: string,
  objectMeta: MessageSchema | undefined,
  errors: FieldError[],
): void {
  if (isList(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return;
    for (const [i, item] of value.entries()) walk(items, item, `${path}[${i}]`, objectMeta, errors);
    return;
  }
  if (!isObject(value)) return;
  const additional = additionalOf(schema);
  if (isEmbedded(schema)) checkResource(value, path, objectMeta, errors);
  for (const key of Object.keys(value)) {
    const below = propertyOf(schema, key) ?? (additional === true ? undefined : additional);
    if (below !== undefined) {
      walk(below, value[key] ?? null, path === '' ? key : `${path}.${key}`, objectMeta, errors);
    }
  }
}

function checkResource(
  resource: { readonly [key: string]: JsonValue | undefined },
  path: string,
  objectMeta: MessageSchema | undefined,
  errors: FieldError[],
): void {
  for (const name of ['apiVersion', 'kind']) {
    const text = resource[name];
    if (text === undefined || text === '') {
      errors.push(error.required(`${path}.${name}`, 'must not be empty'));
    } else if (typeof text !== 'string') {
      errors.push(error.invalid(`${path}.${name}`, text, 'must be a string'));
    }
  }
  const { metadata } = resource;
  if (metadata === undefined || objectMeta === undefined) return;
  const decoded = decodeObject(objectMeta, metadata);
  if (!decoded.ok) errors.push(error.invalid(`${path}.metadata`, metadata, decoded.error));
}
