/**
 * Whole resources inside a custom resource (`x-kubernetes-embedded-resource`): they say what they are, and
 * their metadata reads and is judged as metadata of any object
 * (apiextensions-apiserver/pkg/apiserver/schema/objectmeta).
 */

import { setKey } from '../meta/own-key.ts';
import * as error from '../field/field-error.ts';
import { fieldErrorText, ROOT_PATH, type FieldError, type FieldPath } from '../field/field-error.ts';
import { deepEqual } from '../meta/equal.ts';
import { parseApiVersion } from '../meta/object.ts';
import { validateManagedFields, validateObjectMeta } from '../meta/validate-metadata.ts';
import { dns1035LabelProblem } from '../names/names.ts';
import { decodeObject, type Decoded } from '../schema/decode.ts';
import type { JsonObject, JsonValue, MessageSchema } from '../schema/schema.ts';
import type { ObjectMeta } from '../types.gen.ts';
import {
  additionalOf,
  isEmbedded,
  isList,
  isObject,
  itemsOf,
  propertyOf,
  type JsonSchema,
} from './structural.ts';

export type DecodeMetadata = (message: MessageSchema, json: JsonValue) => Decoded;

export interface Coercion {
  readonly objectMeta: MessageSchema;
  readonly decodeMetadata: DecodeMetadata;
  /** For objects that were stored before they were judged: fields of a wrong type go, nothing is refused. */
  readonly dropsInvalid: boolean;
}

export type Coerced =
  | { readonly ok: true; readonly value: JsonObject; readonly unknownFields: readonly string[] }
  | { readonly ok: false; readonly error: string };

/** Whether a value of the schema can hold a resource; asked once, so that most objects are not walked. */
export function holdsResources(schema: JsonSchema): boolean {
  if (isEmbedded(schema)) return true;
  const below = [itemsOf(schema), additionalOf(schema), ...Object.values(schema.properties ?? {})];
  return below.some((one) => one !== undefined && one !== true && holdsResources(one));
}

/** The embedded metadata in the form in which metadata is stored; the same object when it was so before. */
export function coerceEmbedded(schema: JsonSchema, object: JsonObject, how: Coercion): Coerced {
  const walk = new CoercionWalk(how);
  const value = walk.coerce(schema, object, ROOT_PATH) as JsonObject;
  if (walk.error !== undefined) return { ok: false, error: fieldErrorText(walk.error) };
  return { ok: true, value, unknownFields: walk.unknownFields.toSorted() };
}

class CoercionWalk {
  readonly unknownFields: string[] = [];
  error: FieldError | undefined;
  readonly #how: Coercion;

  constructor(how: Coercion) {
    this.#how = how;
  }

  coerce(schema: JsonSchema, value: JsonValue, path: FieldPath): JsonValue {
    if (isList(value)) {
      const items = itemsOf(schema);
      if (items === undefined) return value;
      const copy = value.map((item, i) => this.coerce(items, item, path.index(i)));
      return copy.some((item, i) => item !== value[i]) ? copy : value;
    }
    if (!isObject(value)) return value;
    const resource = isEmbedded(schema) ? this.#resource(value, path) : value;
    let copy: { [key: string]: JsonValue } | undefined;
    for (const [key, below, at] of steps(schema, resource, path)) {
      const inner = resource[key] ?? null;
      const coerced = this.coerce(below, inner, at);
      if (coerced !== inner) setKey((copy ??= { ...resource } as { [key: string]: JsonValue }), key, coerced);
    }
    return copy ?? resource;
  }

  #resource(resource: JsonObject, path: FieldPath): JsonObject {
    const { dropsInvalid } = this.#how;
    const copy: { [key: string]: JsonValue } = {};
    let isSame = true;
    for (const key of Object.keys(resource)) {
      const value = resource[key] ?? null;
      if ((key === 'apiVersion' || key === 'kind') && typeof value !== 'string') {
        isSame = false;
        if (!dropsInvalid) this.error ??= error.invalid(path.child(key), value, 'must be a string');
        continue;
      }
      const next = key === 'metadata' ? this.#metadata(value, path.child(key)) : value;
      isSame &&= next === value;
      setKey(copy, key, next);
    }
    return isSame ? resource : copy;
  }

  #metadata(metadata: JsonValue, path: FieldPath): JsonValue {
    const { objectMeta, decodeMetadata, dropsInvalid } = this.#how;
    const decoded = decodeMetadata(objectMeta, metadata ?? {});
    if (!decoded.ok) {
      if (dropsInvalid) return this.#withoutInvalid(metadata);
      this.error ??= error.invalid(path, metadata, decoded.error);
      return metadata;
    }
    for (const name of decoded.unknownFields) this.unknownFields.push(`${path.toString()}.${name}`);
    return deepEqual(decoded.value, metadata) ? metadata : decoded.value;
  }

  #withoutInvalid(metadata: JsonValue): JsonValue {
    if (!isObject(metadata)) return metadata;
    const { objectMeta, decodeMetadata } = this.#how;
    const fits = Object.entries(metadata).filter(
      ([key, value]) => value !== undefined && decodeMetadata(objectMeta, { [key]: value }).ok,
    );
    const decoded = decodeMetadata(objectMeta, Object.fromEntries(fits) as JsonObject);
    return decoded.ok ? decoded.value : metadata;
  }
}

/** What of the value the schema describes further, and where that is. */
function steps(
  schema: JsonSchema,
  value: JsonObject,
  path: FieldPath,
): readonly (readonly [string, JsonSchema, FieldPath])[] {
  const additional = additionalOf(schema);
  return Object.keys(value).flatMap((key) => {
    const property = propertyOf(schema, key);
    if (property !== undefined) return [[key, property, path.child(key)] as const];
    if (additional === undefined || additional === true) return [];
    return [[key, additional, path.key(key)] as const];
  });
}

/** `isResource`: the value is a resource whatever its schema says. */
export function validateEmbedded(
  schema: JsonSchema,
  value: JsonValue,
  path: FieldPath,
  objectMeta: MessageSchema,
  isResource = isEmbedded(schema),
): FieldError[] {
  if (isList(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return [];
    return value.flatMap((item, i) => validateEmbedded(items, item, path.index(i), objectMeta));
  }
  if (!isObject(value)) return [];
  const errors = isResource ? checkResource(value, path, objectMeta) : [];
  for (const [key, below, at] of steps(schema, value, path)) {
    errors.push(...validateEmbedded(below, value[key] ?? null, at, objectMeta));
  }
  return errors;
}

function checkResource(resource: JsonObject, path: FieldPath, objectMeta: MessageSchema): FieldError[] {
  const { apiVersion, kind, metadata } = resource;
  const errors = [...checkApiVersion(apiVersion, path), ...checkKind(kind, path)];
  if (metadata === undefined) return errors;
  const at = path.child('metadata');
  const decoded = decodeObject(objectMeta, metadata);
  if (!decoded.ok) return [...errors, error.invalid(at, metadata, decoded.error)];
  const read = decoded.value as unknown as ObjectMeta;
  const { name = '', namespace = '' } = read;
  const rules = {
    nameFormat: 'pathSegment',
    namespaced: namespace !== '',
    finalizersAreKnown: false,
  } as const;
  // Only the whole object has to have a name.
  errors.push(...validateObjectMeta(name === '' ? { ...read, name: 'any' } : read, rules, at));
  return [...errors, ...validateManagedFields(at.child('managedFields'), read.managedFields)];
}

function checkApiVersion(apiVersion: JsonValue | undefined, path: FieldPath): FieldError[] {
  const at = path.child('apiVersion');
  if (apiVersion === undefined) return [error.required(at)];
  const problem = textProblem(apiVersion);
  if (problem !== undefined) return [error.invalid(at, apiVersion, problem)];
  const isFit = parseApiVersion(String(apiVersion)) !== undefined;
  const detail = `unexpected GroupVersion string: ${String(apiVersion)}`;
  return isFit ? [] : [error.invalid(at, apiVersion, detail)];
}

function checkKind(kind: JsonValue | undefined, path: FieldPath): FieldError[] {
  const at = path.child('kind');
  if (kind === undefined) return [error.required(at)];
  const problem = textProblem(kind);
  if (problem !== undefined) return [error.invalid(at, kind, problem)];
  const shape = dns1035LabelProblem(String(kind).toLowerCase());
  if (shape === undefined) return [];
  return [error.invalid(at, kind, `may have mixed case, but should otherwise match: ${shape}`)];
}

function textProblem(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  return value === '' ? 'must not be empty' : undefined;
}
