/**
 * The schema model: what the notation says, resolved. Everything that depends on the shape of an object
 * (decoding, defaults, validation, patches, field ownership, OpenAPI, protobuf) is a walk over this model,
 * and a CustomResourceDefinition builds the very same model at run time.
 */

export type ScalarType =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'double'
  /** Base64 in JSON. */
  | 'bytes'
  /** RFC 3339 with seconds, UTC. */
  | 'time'
  /** RFC 3339 with microseconds. */
  | 'microTime'
  /** Go duration, `1h30m`. */
  | 'duration'
  /** `resource.Quantity`; kept as its canonical string. */
  | 'quantity'
  | 'intOrString'
  /** Any JSON object with its own apiVersion and kind. */
  | 'rawExtension'
  /** The field set of server-side apply. */
  | 'fieldsV1'
  /** Any JSON value (apiextensions `JSON`). */
  | 'json'
  | 'schemaOrBool'
  | 'schemaOrArray'
  | 'schemaOrStringArray';

export type FieldType =
  | { readonly form: 'scalar'; readonly scalar: ScalarType }
  | { readonly form: 'message'; readonly message: MessageSchema }
  | { readonly form: 'list'; readonly items: FieldType }
  | { readonly form: 'map'; readonly values: FieldType };

/** How server-side apply owns a list: as one value, as a set of values, or item by item under its keys. */
export type ListKind =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'map'; readonly keys: readonly string[] };

/** Strategic merge patch, from the field's `patchStrategy` and `patchMergeKey`. */
export interface PatchStrategy {
  readonly merge: boolean;
  readonly mergeKey: string | undefined;
  readonly retainKeys: boolean;
}

export interface Field {
  /** As in JSON; for an `inline` field the protobuf name, since JSON has none. */
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  /** Absent and zero differ (a pointer upstream); otherwise a zero value is dropped when decoding. */
  readonly pointer: boolean;
  readonly required: boolean;
  /** Printed even when empty: such a struct reads as `{}`, a scalar as its zero. */
  readonly always: boolean;
  /** The fields of this message stand in JSON beside those of its parent. */
  readonly inline: boolean;
  readonly list: ListKind | undefined;
  /** Overrides for server-side apply how the map, or the message behind the field, is owned. */
  readonly map: 'atomic' | 'granular' | undefined;
  readonly patch: PatchStrategy | undefined;
  readonly default: JsonValue | undefined;
  readonly enum: readonly string[] | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly immutable: boolean;
}

export interface MessageSchema {
  /** Unique: the OpenAPI definition's name, `io.k8s.api.apps.v1.DeploymentSpec`. */
  readonly name: string;
  readonly shortName: string;
  readonly groupVersion: GroupVersionSchema;
  /** Has apiVersion and kind of its own. */
  readonly isKind: boolean;
  /** Server-side apply owns the whole message as one value. */
  readonly atomic: boolean;
  /** In order of upstream's JSON, inline messages kept as one field. */
  readonly fields: readonly Field[];
  /** By JSON name, inline messages flattened. */
  readonly byName: ReadonlyMap<string, Field>;
  readonly byNumber: ReadonlyMap<number, Field>;
  /** Set when the message is only the protobuf clothing of a list (`ExtraValue`): in JSON it is that list. */
  readonly wraps: FieldType | undefined;
  /** Fields that the schema does not name are kept (custom resources may say so). */
  readonly preserveUnknown?: boolean;
}

export interface GroupVersionSchema {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly protobufPackage: string;
  readonly openapiPrefix: string;
  readonly messages: ReadonlyMap<string, MessageSchema>;
}

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}
