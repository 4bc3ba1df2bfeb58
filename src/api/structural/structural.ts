/**
 * The schema of a custom resource, as its CustomResourceDefinition has it, and how to walk it.
 *
 * Nothing is compiled and nothing copied: the walks over values (`prune.ts`, `default.ts`, `validate.ts`)
 * read the schema where it stands, in the stored CustomResourceDefinition. So a definition of a thousand
 * fields costs no more than its own text. A schema that is not structural is refused before it gets here.
 */

import type { JSONSchemaProps } from '../types.gen.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';

export type JsonSchema = JSONSchemaProps;

/** What every resource has, described by nobody's schema: at the root, and in embedded resources. */
export const RESOURCE_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Everything may be in it. */
export const ANYTHING: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

export function propertyOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** Of the values of a map; `true`: values of any kind. */
export function additionalOf({ additionalProperties }: JsonSchema): JsonSchema | true | undefined {
  return additionalProperties === false ? undefined : additionalProperties;
}

export function itemsOf({ items }: JsonSchema): JsonSchema | undefined {
  return isSchemaList(items) ? items[0] : items;
}

function isSchemaList(items: JsonSchema['items']): items is readonly JsonSchema[] {
  return Array.isArray(items);
}

export function preservesUnknown(schema: JsonSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}

export function isEmbedded(schema: JsonSchema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

export function isIntOrString(schema: JsonSchema): boolean {
  return schema['x-kubernetes-int-or-string'] === true;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
