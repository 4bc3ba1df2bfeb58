/** All schemas within a schema, wherever they stand. */

import type { JsonSchema } from '../../../structural/structural.ts';

type Test = (schema: JsonSchema) => boolean;

/** Makes nothing on its way: a definition may have thousands of schemas, and several rules walk over them. */
export function someSchema(schema: JsonSchema, isWanted: Test): boolean {
  return (
    isWanted(schema) ||
    someOf(schema.items, isWanted) ||
    someOf(schema.not, isWanted) ||
    someOf(schema.additionalProperties, isWanted) ||
    someOf(schema.additionalItems, isWanted) ||
    someOf(schema.allOf, isWanted) ||
    someOf(schema.anyOf, isWanted) ||
    someOf(schema.oneOf, isWanted) ||
    someIn(schema.properties, isWanted) ||
    someIn(schema.patternProperties, isWanted) ||
    someIn(schema.definitions, isWanted) ||
    someIn(schema.dependencies, isWanted)
  );
}

/** A schema, a list of them, or something else. */
function someOf(value: unknown, isWanted: Test): boolean {
  if (!Array.isArray(value)) return isSchema(value) && someSchema(value, isWanted);
  return value.some((item: unknown) => isSchema(item) && someSchema(item, isWanted));
}

function someIn(map: { readonly [name: string]: unknown } | undefined, isWanted: Test): boolean {
  if (map === undefined) return false;
  for (const name in map) {
    const value = map[name];
    if (isSchema(value) && someSchema(value, isWanted)) return true;
  }
  return false;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
