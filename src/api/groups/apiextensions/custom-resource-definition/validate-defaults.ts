/**
 * Defaults in a schema: pruned, valid by the very schema they stand in, and by its rules. They are judged as
 * if they had been written, by creation and by an update that leaves them as they are.
 */

import * as error from '../../../field/field-error.ts';
import type { FieldError, FieldPath } from '../../../field/field-error.ts';
import type { JsonValue, MessageSchema } from '../../../schema/schema.ts';
import { validateEmbedded } from '../../../structural/embedded.ts';
import { pruneValue } from '../../../structural/prune.ts';
import { hasRules, SchemaRules } from '../../../structural/rules.ts';
import { isEmbedded, itemsOf, RESOURCE_FIELDS, type JsonSchema } from '../../../structural/structural.ts';
import { validateValue } from '../../../structural/validate.ts';

export interface DefaultParts {
  readonly objectMeta?: MessageSchema | undefined;
  readonly tolerance: { readonly unprunedDefaults: boolean };
}

export function validateDefaults(path: FieldPath, schema: JsonSchema, parts: DefaultParts): FieldError[] {
  return validateBelow(path, schema, parts, true, false);
}

function validateBelow(
  path: FieldPath,
  schema: JsonSchema,
  parts: DefaultParts,
  isResource: boolean,
  isInMetadata: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const inMetadata = isInMetadata && !isEmbedded(schema);
  if (schema.default !== undefined && schema.default !== null) {
    errors.push(...validateDefault(path.child('default'), schema, schema.default, parts, inMetadata));
  }
  const items = itemsOf(schema);
  if (items !== undefined) {
    errors.push(...validateBelow(path.child('items'), items, parts, isEmbedded(items), inMetadata));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMetadata = inMetadata || (isResource && RESOURCE_FIELDS.has(name));
    const at = path.child('properties').key(name);
    errors.push(...validateBelow(at, property, parts, isEmbedded(property), isMetadata));
  }
  return errors;
}

function validateDefault(
  path: FieldPath,
  schema: JsonSchema,
  value: JsonValue,
  parts: DefaultParts,
  isInMetadata: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!isInMetadata && !parts.tolerance.unprunedDefaults && pruneValue(schema, value) !== value) {
    errors.push(error.invalid(path, value, 'must not have unknown fields'));
  }
  const text = path.toString();
  const embedded = validateEmbedded(schema, value, text, parts.objectMeta);
  const found = embedded.length > 0 ? embedded : validateValue(schema, value, text);
  errors.push(...found);
  if (found.length > 0 || !hasRules(schema)) return errors;
  const rules = new SchemaRules(schema, isEmbedded(schema));
  const unchanged = rules.validateValue(value, value, path, false);
  errors.push(...unchanged);
  if (unchanged.length === 0) errors.push(...rules.validateValue(value, undefined, path, false));
  return errors;
}

export function hasUnprunedDefault(schema: JsonSchema): boolean {
  const { default: value } = schema;
  return value !== undefined && value !== null && pruneValue(schema, value) !== value;
}
