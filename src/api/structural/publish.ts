/**
 * How a custom resource is described to clients: its definitions for OpenAPI.
 *
 * Version 3 shows the schema as it is. Version 2 knows less: there, what may be null or of two types, or
 * keeps unknown fields, is left open, because older kubectl would refuse good objects otherwise (upstream's
 * apiextensions-apiserver/pkg/controller/openapi/v2/conversion.go).
 */

import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { isEmbedded, isObject, preservesUnknown, type JsonSchema } from './structural.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const TYPE_META: JsonObject = {
  apiVersion: {
    description:
      'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
    type: 'string',
  },
  kind: {
    description:
      'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
    type: 'string',
  },
};

export interface PublishedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
}

/** `com.example.stable.v1.CronTab` */
export function definitionName({ group, version }: PublishedKind, kind: string): string {
  return [...group.split('.').toReversed(), version, kind].join('.');
}

/** The definitions of the kind and of its list. `schema` undefined: nothing is known of it. */
export function publishedDefinitions(
  names: PublishedKind,
  schema: JsonSchema | undefined,
  openApiVersion: 2 | 3,
): JsonObject {
  const { group, version, kind, listKind } = names;
  const reference = (name: string): JsonObject => {
    return { $ref: `${openApiVersion === 2 ? '#/definitions/' : '#/components/schemas/'}${name}` };
  };
  const described = (name: string, description: string): JsonObject =>
    openApiVersion === 2 ? { description, ...reference(name) } : { description, allOf: [reference(name)] };
  const metadata = described(
    `${META}.ObjectMeta`,
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  );
  const isOpen = schema === undefined || (openApiVersion === 2 && preservesUnknown(schema));
  const shown = isOpen ? { type: 'object' } : shape(schema, openApiVersion, metadata);
  const properties = isOpen
    ? {}
    : { properties: { ...(shown['properties'] as JsonObject | undefined), ...TYPE_META, metadata } };
  const self = { ...shown, ...properties, 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
  const list: JsonObject = {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...TYPE_META,
      items: {
        description: `List of ${names.kind.toLowerCase()}s. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
        type: 'array',
        items: reference(definitionName(names, kind)),
      },
      metadata: described(
        `${META}.ListMeta`,
        'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
      ),
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
  };
  return { [definitionName(names, kind)]: self, [definitionName(names, listKind)]: list };
}

type Shape = { [key: string]: JsonValue };

const BELOW = ['properties', 'additionalProperties', 'items'] as const;
/** What version 2 has no words for. */
const ONLY_V3: ReadonlySet<string> = new Set(['nullable', 'oneOf', 'anyOf', 'not', 'allOf', 'default']);

function shape(schema: JsonSchema, version: 2 | 3, metadata: JsonObject): JsonObject {
  const json = schema as unknown as JsonObject;
  const result: Shape = {};
  const isOpen = version === 2 && (schema.nullable === true || preservesUnknown(schema));
  for (const [key, value] of Object.entries(json)) {
    if (value === undefined || (version === 2 && ONLY_V3.has(key))) continue;
    if (isOpen && (BELOW.some((name) => name === key) || (key === 'type' && schema.nullable === true)))
      continue;
    result[key] = shapeOfKey(key, value, version, metadata);
  }
  if (isEmbedded(schema) && !isOpen) {
    result['properties'] = { ...(result['properties'] as JsonObject | undefined), ...TYPE_META, metadata };
  }
  return result;
}

function shapeOfKey(key: string, value: JsonValue, version: 2 | 3, metadata: JsonObject): JsonValue {
  const below = (inner: JsonValue): JsonValue =>
    isObject(inner) ? shape(inner as unknown as JsonSchema, version, metadata) : inner;
  if (key === 'items' || key === 'additionalProperties') return below(value);
  if (key !== 'properties' || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, below(inner ?? {})]));
}
