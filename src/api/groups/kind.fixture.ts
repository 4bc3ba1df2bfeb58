/** For tests of kinds: complete objects from what a test says of them, and the errors in them as text. */

import assert from 'node:assert/strict';
import { fieldErrorText, type FieldError } from '../field/field-error.ts';
import { apiVersionOf, type KubernetesObject } from '../meta/object.ts';
import type { ResourceDefinition } from '../meta/resource-definition.ts';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import { decodeObject } from '../schema/decode.ts';
import { applyDefaults } from '../schema/default.ts';
import type { JsonObject, MessageSchema } from '../schema/schema.ts';
import { validateSchema } from '../schema/validate.ts';

const schemas = loadBuiltInSchemas();

export interface KindUnderTest<T extends KubernetesObject> {
  /** Decoded, with all defaults. Fields that no schema knows fail the test. */
  complete(json: JsonObject): T;
  /** What a creation is refused for. */
  refusals(json: JsonObject): readonly string[];
  /** What an update from one to the other is refused for, beyond what is wrong with the new one anyway. */
  updateRefusals(next: JsonObject, old: JsonObject): readonly string[];
  statusRefusals(next: JsonObject, old: JsonObject): readonly string[];
  /** The cells of its row in a table, by the columns' names. */
  cells(json: JsonObject): Readonly<Record<string, string | number | boolean | null>>;
}

export function kindUnderTest<T extends KubernetesObject>(
  definition: ResourceDefinition<T>,
): KindUnderTest<T> {
  const schema = messageOf(definition.message);
  const complete = (json: JsonObject): T => {
    const named = { metadata: { name: 'one' }, ...json };
    const typed = { apiVersion: apiVersionOf(definition), kind: definition.kind, ...named };
    const decoded = decodeObject(schema, typed);
    assert.ok(decoded.ok, JSON.stringify(decoded));
    assert.deepEqual(decoded.unknownFields, []);
    const object = applyDefaults(schema, decoded.value) as unknown as T;
    return definition.defaults?.(object) ?? object;
  };
  const refusals = (json: JsonObject): readonly string[] => {
    const object = complete(json);
    return [
      ...texts(validateSchema(schema, object)),
      ...texts(definition.validate?.(object)),
      ...texts(definition.validateCreate?.(object)),
    ];
  };
  return {
    complete,
    refusals,
    updateRefusals: (next, old) => texts(definition.validateUpdate?.(complete(next), complete(old))),
    statusRefusals: (next, old) => texts(definition.validateStatusUpdate?.(complete(next), complete(old))),
    cells: (json) => {
      const object = complete(json);
      return Object.fromEntries(definition.columns.map(({ name, value }) => [name, value(object, 0)]));
    },
  };
}

function messageOf(name: string): MessageSchema {
  const dot = name.lastIndexOf('.');
  const schema = schemas.get(name.slice(0, dot))?.messages.get(name.slice(dot + 1));
  assert.ok(schema !== undefined, name);
  return schema;
}

function texts(errors: readonly FieldError[] = []): readonly string[] {
  return errors.map(fieldErrorText);
}
