/** A custom resource's `ObjectSchema`: the same questions as of a built-in kind, answered from its schema. */

import { ownedTypeOf, type StructType } from '../apply/field-type.ts';
import type { FieldError } from '../field/field-error.ts';
import type { KubernetesObject } from '../meta/object.ts';
import type { ObjectSchema, ValidatedPart } from '../object-schema.ts';
import { decodeObject, decodeSparse, type Decoded } from '../schema/decode.ts';
import type { JsonObject, JsonValue, MessageSchema } from '../schema/schema.ts';
import { applyStructuralDefaults } from './default.ts';
import { validateEmbedded } from './embedded.ts';
import { validateListTypes } from './list-types.ts';
import { ownedTypeOfResource } from './owned-type.ts';
import { prune } from './prune.ts';
import { definitionName, publishedDefinitions, type PublishedKind } from './publish.ts';
import { ratchet } from './ratchet.ts';
import { ANYTHING, isObject, propertyOf, type JsonSchema } from './structural.ts';
import { validateStructural, validateValue } from './validate.ts';

/** Rules in CEL: given apart, since most kinds have none and the engine is loaded when one does. */
export interface RuleChecker {
  validate(
    object: JsonObject,
    old: JsonObject | undefined,
    errors: readonly FieldError[],
  ): readonly FieldError[];
}

export interface CustomSchemaParts {
  readonly names: PublishedKind;
  /** Undefined: the version has none, and everything is kept. */
  readonly schema: JsonSchema | undefined;
  /** `meta/v1.ObjectMeta` */
  readonly objectMeta: MessageSchema;
  readonly rules?: RuleChecker;
}

export class CustomSchema implements ObjectSchema {
  readonly name: string;
  readonly #parts: CustomSchemaParts;
  readonly #schema: JsonSchema;
  #owned: StructType | undefined;

  constructor(parts: CustomSchemaParts) {
    this.#parts = parts;
    this.#schema = parts.schema ?? ANYTHING;
    this.name = definitionName(parts.names, parts.names.kind);
  }

  get owned(): StructType {
    return (this.#owned ??= ownedTypeOfResource(this.#schema, ownedTypeOf(this.#parts.objectMeta)));
  }

  get zero(): JsonObject {
    return ZERO;
  }

  decode(json: JsonValue): Decoded {
    return this.#decode(json, decodeObject);
  }

  decodeSparse(json: JsonValue): Decoded {
    return this.#decode(json, decodeSparse);
  }

  #decode(json: JsonValue, decodeMetadata: (message: MessageSchema, json: JsonValue) => Decoded): Decoded {
    if (!isObject(json)) return { ok: false, error: 'the resource must be a JSON object' };
    const { value, unknownFields } = prune(this.#schema, json);
    const { apiVersion, kind, metadata, ...content } = value;
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
    const unknown = [...decoded.unknownFields.map((path) => `metadata.${path}`), ...unknownFields];
    return { ok: true, value: result, unknownFields: unknown };
  }

  /** A stored object as it reads now that the schema is this one; the same object when nothing changes. */
  complete(object: KubernetesObject): KubernetesObject {
    const { value } = prune(this.#schema, object as unknown as JsonObject);
    return this.applyDefaults(value) as unknown as KubernetesObject;
  }

  applyDefaults<T extends object>(object: T): T {
    return applyStructuralDefaults(this.#schema, object as unknown as JsonObject) as unknown as T;
  }

  validate(object: object, old: object | undefined, part: ValidatedPart): readonly FieldError[] {
    const next = object as JsonObject;
    const before = old as JsonObject | undefined;
    const found = part === 'status' ? this.#statusErrors(next) : this.#errors(next);
    const errors = before === undefined ? found : ratchet(this.#schema, next, before, found);
    const lists = (value: JsonObject): FieldError[] => validateListTypes(this.#schema, value, '');
    if (before === undefined || lists(before).length === 0) errors.push(...lists(next));
    return [...errors, ...(this.#parts.rules?.validate(next, before, errors) ?? [])];
  }

  #errors(object: JsonObject): FieldError[] {
    return [
      ...validateStructural(this.#schema, object),
      ...validateEmbedded(this.#schema, object, '', this.#parts.objectMeta),
    ];
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
