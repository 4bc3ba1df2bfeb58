/**
 * Defaults in a schema: pruned, valid by the very schema they stand in, and by its rules. They are judged as
 * if they had been written, by creation and by an update that leaves them as they are.
 */

import * as error from '../../../field/field-error.ts';
import { fieldErrorText, ROOT_PATH, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { objectMetaSchema } from '../../../schema/object-meta.ts';
import type { JsonObject, JsonValue } from '../../../schema/schema.ts';
import { validateEmbedded } from '../../../structural/embedded.ts';
import { pruneValue } from '../../../structural/prune.ts';
import { hasRules, SchemaRules } from '../../../structural/rules.ts';
import { isEmbedded, itemsOf, RESOURCE_FIELDS, type JsonSchema } from '../../../structural/structural.ts';
import { validateValue } from '../../../structural/validate.ts';

export interface DefaultParts {
  readonly tolerance: { readonly unprunedDefaults: boolean };
}

export function validateDefaults(path: FieldPath, schema: JsonSchema, parts: DefaultParts): FieldError[] {
  return validateBelow(path, schema, parts, { resource: schema, around: asResource, isInMetadata: false });
}

/** Where in a resource a schema stands. */
interface Surroundings {
  /** The schema of the resource. */
  readonly resource: JsonSchema;
  /** A resource that has the value in this place and nothing else. */
  readonly around: (value: JsonValue) => JsonValue;
  readonly isInMetadata: boolean;
}

function asResource(value: JsonValue): JsonValue {
  return { apiVersion: 'validation/v1', kind: 'Validation', ...(value as JsonObject) };
}

function validateBelow(
  path: FieldPath,
  schema: JsonSchema,
  parts: DefaultParts,
  outside: Surroundings,
): FieldError[] {
  const errors: FieldError[] = [];
  const at: Surroundings = isEmbedded(schema)
    ? { resource: schema, around: asResource, isInMetadata: false }
    : outside;
  const { resource, around, isInMetadata } = at;
  if (schema.default !== undefined && schema.default !== null) {
    errors.push(...validateDefault(path.child('default'), schema, schema.default, parts, at));
  }
  const items = itemsOf(schema);
  if (items !== undefined) {
    const inItem = { resource, around: (value: JsonValue) => around([value]), isInMetadata };
    errors.push(...validateBelow(path.child('items'), items, parts, inItem));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMetadata = isInMetadata || (schema === resource && RESOURCE_FIELDS.has(name));
    const inProperty = {
      resource,
      around: (value: JsonValue) => around({ [name]: value }),
      isInMetadata: isMetadata,
    };
    errors.push(...validateBelow(path.child('properties').key(name), property, parts, inProperty));
  }
  return errors;
}

function validateDefault(
  path: FieldPath,
  schema: JsonSchema,
  value: JsonValue,
  parts: DefaultParts,
  at: Surroundings,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!at.isInMetadata && !parts.tolerance.unprunedDefaults && pruneValue(schema, value) !== value) {
    errors.push(error.invalid(path, value, 'must not have unknown fields'));
  }
  const ofResource = resourceErrors(path, schema, value, at);
  const found = ofResource.length > 0 ? ofResource : validateValue(schema, value, path.toString());
  errors.push(...found);
  if (found.length > 0 || !hasRules(schema)) return errors;
  const rules = new SchemaRules(schema, isEmbedded(schema));
  const unchanged = rules.validateValue(value, value, path, false);
  errors.push(...unchanged);
  if (unchanged.length === 0) errors.push(...rules.validateValue(value, undefined, path, false));
  return errors;
}

/** Of what the default is in a resource, or of the resources in it. */
function resourceErrors(
  path: FieldPath,
  schema: JsonSchema,
  value: JsonValue,
  { resource, around, isInMetadata }: Surroundings,
): readonly FieldError[] {
  const objectMeta = objectMetaSchema();
  if (!isInMetadata) return validateEmbedded(schema, value, path, objectMeta);
  const found = validateEmbedded(resource, around(value), ROOT_PATH, objectMeta, true);
  if (found.length === 0) return [];
  const texts = [...new Set(found.map(fieldErrorText))];
  const all = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  return [error.invalid(path, value, `must result in valid metadata: ${all}`)];
}

export function hasUnprunedDefault(schema: JsonSchema): boolean {
  const { default: value } = schema;
  return value !== undefined && value !== null && pruneValue(schema, value) !== value;
}
