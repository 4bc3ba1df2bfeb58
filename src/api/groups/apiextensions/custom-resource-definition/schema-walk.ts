/** All schemas within a schema, wherever they stand. */

import type { JsonSchema } from '../../../structural/structural.ts';

export function someSchema(schema: JsonSchema, isWanted: (schema: JsonSchema) => boolean): boolean {
  return isWanted(schema) || within(schema).some((below) => someSchema(below, isWanted));
}

function within(schema: JsonSchema): readonly JsonSchema[] {
  const { items, not, additionalProperties, additionalItems } = schema;
  const maybe = [items, not, additionalProperties, additionalItems].flat();
  const listed = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) => list ?? []);
  const named = [schema.properties, schema.patternProperties, schema.definitions, schema.dependencies];
  const values = named.flatMap((map): readonly unknown[] => Object.values(map ?? {}));
  return [...maybe, ...listed, ...values].filter(isSchema);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
