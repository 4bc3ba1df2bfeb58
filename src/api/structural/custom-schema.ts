/** A custom resource's `ObjectSchema`: the same questions as of a built-in kind, answered from its schema. */

import { declaredTypeOf, type DeclaredType } from '../apply/declared-type.ts';
import { ownedTypeOf, type StructType } from '../apply/field-type.ts';
import { celTypeOf, withFields } from '../cel/types/schema-type.ts';
import { type CelType, DYN } from '../cel/types/type.ts';
import { ROOT_PATH, type FieldError } from '../field/field-error.ts';
import type { KubernetesObject } from '../meta/object.ts';
import type { ScalePaths } from '../meta/resource-definition.ts';
import type { ObjectSchema, ValidatedPart } from '../object-schema.ts';
import { decodeObject, decodeSparse, type Decoded } from '../schema/decode.ts';
import type { JsonObject, JsonValue, MessageSchema } from '../schema/schema.ts';
import { celTypeOfSchema } from './cel-type.ts';
import { declaredTypeOfResource } from './declared-type.ts';
import { applyStructuralDefaults } from './default.ts';
import {
  coerceEmbedded,
  holdsResources,
  validateEmbedded,
  type Coerced,
  type DecodeMetadata,
} from './embedded.ts';
import { validateListTypes } from './list-types.ts';
import { ownedTypeOfResource } from './owned-type.ts';
import { prune } from './prune.ts';
import { definitionName, publishedDefinitions, type PublishedKind } from './publish.ts';
import { ratchet } from './ratchet.ts';
import { validateScaleSpec, validateScaleStatus } from './scale.ts';
import { ANYTHING, isObject, propertyOf, type JsonSchema } from './structural.ts';
import { validateStructural, validateValue } from './validate.ts';

/** Rules in CEL: given apart, since most kinds have none and the engine is loaded when one does. */
export interface RuleChecker {
  validate(
    object: JsonObject,
    old: JsonObject | undefined,
    errors: readonly FieldError[],
    warn: (text: string) => void,
  ): readonly FieldError[];
}

export interface CustomSchemaParts {
  readonly names: PublishedKind;
  /** Undefined: the version has none, and everything is kept. */
  readonly schema: JsonSchema | undefined;
  /** `meta/v1.ObjectMeta` */
  readonly objectMeta: MessageSchema;
  readonly rules?: RuleChecker;
  readonly scale?: ScalePaths;
}

export class CustomSchema implements ObjectSchema {
  readonly name: string;
  readonly #parts: CustomSchemaParts;
  readonly #schema: JsonSchema;
  #owned: StructType | undefined;
  #declared: DeclaredType | undefined;
  #holdsResources: boolean | undefined;

  constructor(parts: CustomSchemaParts) {
    this.#parts = parts;
    this.#schema = parts.schema ?? ANYTHING;
    this.name = definitionName(parts.names, parts.names.kind);
  }

  get owned(): StructType {
    return (this.#owned ??= ownedTypeOfResource(this.#schema, ownedTypeOf(this.#parts.objectMeta)));
  }

  get declared(): DeclaredType {
    const metadata = declaredTypeOf(this.#parts.objectMeta);
    return (this.#declared ??= declaredTypeOfResource(this.#schema, metadata, this.owned));
  }

  get zero(): JsonObject {
    return ZERO;
  }

  /** Rules of the kind itself see less of the metadata. */
  get celType(): CelType {
    const type = celTypeOfSchema(this.#schema, true, this.name);
    const { objectMeta } = this.#parts;
    if (type?.kind !== 'object') return DYN;
    return withFields(type, { metadata: celTypeOf({ form: 'message', message: objectMeta }) });
  }

  decode(json: JsonValue): Decoded {
    return this.#decode(json, decodeObject);
  }

  decodeSparse(json: JsonValue): Decoded {
    return this.#decode(json, decodeSparse);
  }

  #decode(json: JsonValue, decodeMetadata: DecodeMetadata): Decoded {
    if (!isObject(json)) return { ok: false, error: 'the resource must be a JSON object' };
    const pruned = prune(this.#schema, json);
    const coerced = this.#coerce(pruned.value, decodeMetadata, false);
    if (!coerced.ok) return coerced;
    const { apiVersion, kind, metadata, ...content } = coerced.value;
    for (const [name, text] of [
      ['apiVersion', apiVersion],
      ['kind', kind],
    ] as const) {
      if (text !== undefined && typeof text !== 'string')
        return { ok: false, error: `${name} must be a string` };
    }
    const decoded = decodeMetadata(this.#parts.objectMeta, metadata ?? {});
    if (!decoded.ok) return { ok: false, error: decoded.error };
    const result: JsonObject = {
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(kind === undefined ? {} : { kind }),
      metadata: decoded.value,
      ...content,
    };
    const ofMetadata = decoded.unknownFields.map((path) => `metadata.${path}`);
    const unknownFields = [...ofMetadata, ...pruned.unknownFields, ...coerced.unknownFields];
    return { ok: true, value: result, unknownFields };
  }

  #coerce(object: JsonObject, decodeMetadata: DecodeMetadata, dropsInvalid: boolean): Coerced {
    this.#holdsResources ??= holdsResources(this.#schema);
    if (!this.#holdsResources) return { ok: true, value: object, unknownFields: [] };
    const { objectMeta } = this.#parts;
    return coerceEmbedded(this.#schema, object, { objectMeta, decodeMetadata, dropsInvalid });
  }

  /** A stored object as it reads now that the schema is this one; the same object when nothing changes. */
  complete(object: KubernetesObject): KubernetesObject {
    const { value } = prune(this.#schema, object as unknown as JsonObject);
    const coerced = this.#coerce(value, decodeObject, true);
    return this.applyDefaults(coerced.ok ? coerced.value : value) as unknown as KubernetesObject;
  }

  applyDefaults<T extends object>(object: T): T {
    return applyStructuralDefaults(this.#schema, object as unknown as JsonObject) as unknown as T;
  }

  validate(
    object: object,
    old: object | undefined,
    part: ValidatedPart,
    warn: (text: string) => void = () => {},
  ): readonly FieldError[] {
    const next = object as JsonObject;
    const before = old as JsonObject | undefined;
    const found = part === 'status' ? this.#statusErrors(next) : validateStructural(this.#schema, next);
    const errors = before === undefined ? found : ratchet(this.#schema, next, before, found);
    // What the server itself needs of an object is judged anew by each write.
    errors.push(...this.#scaleErrors(next, part));
    if (part === 'object') errors.push(...this.#embeddedErrors(next));
    const lists = (value: JsonObject): FieldError[] => validateListTypes(this.#schema, value, '');
    if (before === undefined || lists(before).length === 0) errors.push(...lists(next));
    return [...errors, ...(this.#parts.rules?.validate(next, before, errors, warn) ?? [])];
  }

  #scaleErrors(object: JsonObject, part: ValidatedPart): readonly FieldError[] {
    const { scale } = this.#parts;
    if (scale === undefined) return [];
    const ofSpec = part === 'status' ? [] : validateScaleSpec(scale, object);
    return [...ofSpec, ...validateScaleStatus(scale, object)];
  }

  #embeddedErrors(object: JsonObject): readonly FieldError[] {
    this.#holdsResources ??= holdsResources(this.#schema);
    if (!this.#holdsResources) return [];
    return validateEmbedded(this.#schema, object, ROOT_PATH, this.#parts.objectMeta, false);
  }

  #statusErrors({ status }: JsonObject): FieldError[] {
    const schema = propertyOf(this.#schema, 'status');
    return schema === undefined || status === undefined ? [] : validateValue(schema, status, 'status');
  }

  definitions(version: 2 | 3): JsonObject {
    return publishedDefinitions(this.#parts.names, this.#parts.schema, version);
  }
}

const ZERO: JsonObject = { metadata: {} };
