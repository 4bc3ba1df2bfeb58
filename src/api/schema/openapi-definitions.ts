/**
 * OpenAPI definitions of messages: version 2 as in the official document, version 3 as upstream serves it.
 * Structure only comes from the schema; descriptions are looked up when there are any.
 */

import { unreachable } from '../../base/assert.ts';
import type {
  Field,
  FieldType,
  GroupVersionSchema,
  JsonObject,
  JsonValue,
  MessageSchema,
  ScalarType,
} from './schema.ts';

export type OpenApiVersion = 2 | 3;

/** Texts by definition (`io.k8s.api.core.v1.Pod`) and by field (`io.k8s.api.core.v1.Pod.spec`). */
export type Descriptions = Readonly<Record<string, string>>;

export interface DefinitionContext {
  readonly version: OpenApiVersion;
  readonly descriptions: Descriptions;
  /** Group-versions in which every server answers with DeleteOptions and WatchEvent. */
  readonly groupVersions: readonly { readonly group: string; readonly version: string }[];
}

type Writable = { [key: string]: JsonValue };

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Scalars that are definitions of their own. */
const NAMED_SCALARS: Readonly<Partial<Record<ScalarType, string>>> = {
  time: `${META}.Time`,
  microTime: `${META}.MicroTime`,
  duration: `${META}.Duration`,
  fieldsV1: `${META}.FieldsV1`,
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  rawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  json: `${EXTENSIONS}.JSON`,
  schemaOrBool: `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  schemaOrArray: `${EXTENSIONS}.JSONSchemaPropsOrArray`,
  schemaOrStringArray: `${EXTENSIONS}.JSONSchemaPropsOrStringArray`,
};

const PLAIN_SCALARS: Readonly<Partial<Record<ScalarType, JsonObject>>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};

/** The definitions that no message stands behind. */
export function scalarDefinitions(context: DefinitionContext): JsonObject {
  const isV3 = context.version === 3;
  const intOrString: JsonObject = isV3
    ? { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }
    : { type: 'string', format: 'int-or-string' };
  const quantity: JsonObject = isV3
    ? { oneOf: [{ type: 'string' }, { type: 'number' }] }
    : { type: 'string' };
  const shapes: Readonly<Partial<Record<ScalarType, JsonObject>>> = {
    time: { type: 'string', format: 'date-time' },
    microTime: { type: 'string', format: 'date-time' },
    duration: { type: 'string' },
    fieldsV1: { type: 'object' },
    quantity,
    intOrString,
    rawExtension: { type: 'object' },
    json: {},
    schemaOrBool: {},
    schemaOrArray: {},
    schemaOrStringArray: {},
  };
  const definitions: Writable = {};
  for (const [scalar, name] of Object.entries(NAMED_SCALARS)) {
    definitions[name] = described(context, name, shapes[scalar as ScalarType] ?? {});
  }
  definitions[`${META}.Patch`] = described(context, `${META}.Patch`, { type: 'object' });
  return definitions;
}

/** A reference to a definition, in the form of the version. */
export function reference(version: OpenApiVersion, name: string): JsonObject {
  return { $ref: version === 2 ? `#/definitions/${name}` : `#/components/schemas/${name}` };
}

export function definitionOf(message: MessageSchema, context: DefinitionContext): JsonObject {
  const isTyped = hasTypeMeta(message);
  const properties: Writable = {};
  const required: string[] = [];
  const names = [...message.byName.keys(), ...(isTyped ? ['apiVersion', 'kind'] : [])].toSorted();
  for (const name of names) {
    const field = message.byName.get(name);
    const shape = field === undefined ? { type: 'string' } : propertyOf(field, context);
    properties[name] = described(context, `${message.name}.${name}`, shape);
  }
  for (const field of message.byName.values()) if (field.required) required.push(field.name);
  return {
    ...described(context, message.name, {}),
    type: 'object',
    ...(names.length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    ...(isTyped || isShared(message) ? { 'x-kubernetes-group-version-kind': kindsOf(message, context) } : {}),
    ...(message.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

/** Kinds, and the options of a deletion, which name theirs in their body. */
function hasTypeMeta(message: MessageSchema): boolean {
  return message.isKind || message.name === `${META}.DeleteOptions`;
}

/** Every group-version takes and gives these two in its own name. */
function isShared(message: MessageSchema): boolean {
  return message.name === `${META}.DeleteOptions` || message.name === `${META}.WatchEvent`;
}

function kindsOf(message: MessageSchema, context: DefinitionContext): JsonValue {
  const kind = message.shortName;
  if (message.groupVersion.openapiPrefix !== META) {
    return [{ group: message.groupVersion.group, version: message.groupVersion.version, kind }];
  }
  const own = { group: '', version: 'v1', kind };
  if (!isShared(message)) return [own];
  const others = context.groupVersions.filter(({ group, version }) => group !== '' || version !== 'v1');
  return [own, ...others.map(({ group, version }) => ({ group, version, kind }))];
}

function described(context: DefinitionContext, key: string, shape: JsonObject): JsonObject {
  const description = context.descriptions[key];
  return description === undefined ? shape : { description, ...shape };
}

function propertyOf(field: Field, context: DefinitionContext): JsonObject {
  const extensions = extensionsOf(field);
  const choices = context.version === 3 && field.enum !== undefined ? { enum: [...field.enum] } : {};
  if (field.type.form === 'list') {
    return { type: 'array', items: { ...itemOf(field.type.items, context), ...choices }, ...extensions };
  }
  const shape = typeOf(field.type, context);
  if (context.version === 2) return { ...shape, ...extensions };
  const fallback = defaultOf(field);
  const withDefault = fallback === undefined ? {} : { default: fallback };
  if (shape['$ref'] === undefined) return { ...shape, ...choices, ...withDefault, ...extensions };
  return { allOf: [shape], ...withDefault, ...extensions };
}

/** What version 3 tells of defaults: structs that are always there, zero of what is required. */
function defaultOf(field: Field): JsonValue | undefined {
  if (field.default !== undefined) return field.default;
  if (field.pointer) return undefined;
  if (field.type.form === 'message' && field.type.message.wraps === undefined) return {};
  if (!field.required || field.type.form !== 'scalar') return undefined;
  switch (field.type.scalar) {
    case 'string':
      return '';
    case 'int32':
    case 'int64':
      return 0;
    case 'bool':
      return false;
    default:
      return undefined;
  }
}

function extensionsOf(field: Field): JsonObject {
  const { list, map, patch } = field;
  const strategy =
    patch === undefined
      ? []
      : [...(patch.merge ? ['merge'] : []), ...(patch.retainKeys ? ['retainKeys'] : [])];
  return {
    ...(list === undefined ? {} : { 'x-kubernetes-list-type': list.kind }),
    ...(list?.kind === 'map' ? { 'x-kubernetes-list-map-keys': list.keys } : {}),
    ...(map === undefined ? {} : { 'x-kubernetes-map-type': map }),
    ...(patch?.mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': patch.mergeKey }),
    ...(patch === undefined
      ? {}
      : { 'x-kubernetes-patch-strategy': strategy.length === 0 ? 'replace' : strategy.join(',') }),
  };
}

function itemOf(type: FieldType, context: DefinitionContext): JsonObject {
  const shape = typeOf(type, context);
  if (context.version === 2) return shape;
  if (shape['$ref'] !== undefined) return type.form === 'message' ? { allOf: [shape], default: {} } : shape;
  return shape['type'] === 'string' && shape['format'] === undefined ? { ...shape, default: '' } : shape;
}

function typeOf(type: FieldType, context: DefinitionContext): JsonObject {
  switch (type.form) {
    case 'message':
      if (type.message.wraps !== undefined) return typeOf(type.message.wraps, context);
      return reference(context.version, type.message.name);
    case 'list':
      return { type: 'array', items: itemOf(type.items, context) };
    case 'map':
      return { type: 'object', additionalProperties: itemOf(type.values, context) };
    case 'scalar': {
      const name = NAMED_SCALARS[type.scalar];
      return name === undefined ? (PLAIN_SCALARS[type.scalar] ?? {}) : reference(context.version, name);
    }
    default:
      return unreachable(type);
  }
}

/** The names of all definitions that `roots` lead to, themselves included. */
export function reachableFrom(
  roots: readonly string[],
  schemas: ReadonlyMap<string, GroupVersionSchema>,
): ReadonlySet<string> {
  const messages = messagesByName(schemas);
  const found = new Set<string>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const field of messages.get(name)?.byName.values() ?? []) open.push(...namesIn(field.type));
  }
  return found;
}

function namesIn(type: FieldType): string[] {
  switch (type.form) {
    case 'message':
      return type.message.wraps === undefined ? [type.message.name] : namesIn(type.message.wraps);
    case 'list':
      return namesIn(type.items);
    case 'map':
      return namesIn(type.values);
    case 'scalar': {
      const name = NAMED_SCALARS[type.scalar];
      const props = type.scalar.startsWith('schemaOr') ? [`${EXTENSIONS}.JSONSchemaProps`] : [];
      return name === undefined ? props : [name, ...props];
    }
    default:
      return unreachable(type);
  }
}

/** Messages that are definitions; those that only wrap a list are written where they are used. */
export function messagesByName(
  schemas: ReadonlyMap<string, GroupVersionSchema>,
): ReadonlyMap<string, MessageSchema> {
  const messages = new Map<string, MessageSchema>();
  for (const groupVersion of schemas.values()) {
    for (const message of groupVersion.messages.values()) {
      if (message.wraps === undefined) messages.set(message.name, message);
    }
  }
  return messages;
}
