/**
 * How objects of a kind are read, completed, judged and owned. Built-in kinds have it from the schema
 * notation, custom resources from the schema of their CustomResourceDefinition; the server cannot tell them
 * apart.
 */

import { declaredTypeOf, type DeclaredType } from './apply/declared-type.ts';
import { ownedTypeOf, type StructType } from './apply/field-type.ts';
import { celTypeOf, withFields } from './cel/types/schema-type.ts';
import { type CelType, STRING } from './cel/types/type.ts';
import type { FieldError } from './field/field-error.ts';
import { decodeObject, decodeSparse, type Decoded, type DecodeOptions } from './schema/decode.ts';
import { applyDefaults } from './schema/default.ts';
import type { JsonObject, JsonValue, MessageSchema } from './schema/schema.ts';
import { validateSchema } from './schema/validate.ts';

/** What a write may have changed: the object, or through its subresource only the status. */
export type ValidatedPart = 'object' | 'status';

export interface ObjectSchema {
  /** Of the OpenAPI definition: `io.k8s.api.apps.v1.Deployment`. */
  readonly name: string;
  /**
   * The object in the form in which it is stored, without what the schema does not know. `known`: an object in
   * that form, whose parts need no second look where they come again. `literals`: how numbers were written.
   */
  decode(json: JsonValue, options?: DecodeOptions): Decoded;
  /** Only what the JSON says: for applied configurations, where saying nothing and saying zero differ. */
  decodeSparse(json: JsonValue, options?: DecodeOptions): Decoded;
  /** The very same object when nothing was missing. */
  applyDefaults<T extends object>(object: T): T;
  /**
   * What the schema says about values; `old` is what an update replaces. `warn` hears of what is wrong, but was
   * so before.
   */
  validate(
    object: object,
    old: object | undefined,
    part: ValidatedPart,
    warn?: (text: string) => void,
  ): readonly FieldError[];
  /** How server-side apply owns the fields. */
  readonly owned: StructType;
  /** Of which types an applied configuration has to be. */
  readonly declared: DeclaredType;
  /** What an object reads as before anything is said about it. */
  readonly zero: JsonObject;
  /** As expressions of admission see an object. */
  readonly celType: CelType;
  /** What protobuf and strategic merge patches need, which custom resources do not have. */
  readonly message?: MessageSchema;
  /** OpenAPI definitions of the kind and its list, where they are not those of a message. */
  definitions?(version: 2 | 3): JsonObject;
}

const known = new WeakMap<MessageSchema, ObjectSchema>();

/** Of a built-in kind; the same one every time. */
export function objectSchemaOf(message: MessageSchema): BuiltInSchema {
  let schema = known.get(message);
  if (schema === undefined) {
    schema = new BuiltInSchema(message);
    known.set(message, schema);
  }
  return schema as BuiltInSchema;
}

export class BuiltInSchema implements ObjectSchema {
  readonly message: MessageSchema;
  #zero: JsonObject | undefined;

  constructor(message: MessageSchema) {
    this.message = message;
  }

  get name(): string {
    return this.message.name;
  }

  get owned(): StructType {
    return ownedTypeOf(this.message);
  }

  get declared(): DeclaredType {
    return declaredTypeOf(this.message);
  }

  get celType(): CelType {
    const type = celTypeOf({ form: 'message', message: this.message });
    return type.kind === 'object' ? withFields(type, { apiVersion: STRING, kind: STRING }) : type;
  }

  get zero(): JsonObject {
    if (this.#zero === undefined) {
      const decoded = decodeObject(this.message, {});
      this.#zero = decoded.ok ? decoded.value : {};
    }
    return this.#zero;
  }

  decode(json: JsonValue, options?: DecodeOptions): Decoded {
    return decodeObject(this.message, json, options);
  }

  decodeSparse(json: JsonValue, options?: DecodeOptions): Decoded {
    return decodeSparse(this.message, json, options);
  }

  applyDefaults<T extends object>(object: T): T {
    return applyDefaults(this.message, object);
  }

  /** Status is written by controllers, and judged by the rules of the kind if at all. */
  validate(object: object, old: object | undefined, part: ValidatedPart): readonly FieldError[] {
    return part === 'status' && old !== undefined ? [] : validateSchema(this.message, object);
  }
}
