/** For tests of kinds: objects as the server completes them, and what it says about them, without a server. */

import { assert } from '../../base/assert.ts';
import { fieldErrorText, type FieldError } from '../field/field-error.ts';
import { withoutTolerated } from '../field/later-rule.ts';
import type { Draft, KubernetesObject } from '../meta/object.ts';
import type { ResourceDefinition } from '../meta/resource-definition.ts';
import { resolveResource } from '../resource.ts';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import type { JsonObject } from '../schema/schema.ts';

export const NOW = Date.parse('2026-01-02T03:04:05Z');
export const UID = 'c0ffee';

const CONTEXT = { nowMs: NOW, user: { name: 'jane', groups: [] } };

/** With the types of the kind, or as any client may write it. Without metadata it is called `one`. */
type Written<T extends KubernetesObject> = Draft<T> | JsonObject;

export interface Judge<T extends KubernetesObject> {
  /** Decoded and with its defaults. Fields that no schema knows fail the test. */
  complete(draft: Written<T>): T;
  /** As it is stored when it is new; what the draft says about the status is added. */
  created(draft: Written<T>): T;
  /** What is wrong with a new object, in the texts that clients see. */
  refused(draft: Written<T>): readonly string[];
  /** What is wrong with the change of the one to the other, both as they were created. */
  refusedUpdate(next: Written<T>, old: Written<T>): readonly string[];
  refusedStatus(next: Written<T>, old: Written<T>): readonly string[];
  warned(draft: Written<T>, old?: Written<T>): readonly string[];
  /** The cells of the object's row, but for its age. */
  row(draft: Written<T>): readonly unknown[];
  /** All of them, by the names of their columns, of the object as it is written. */
  cells(draft: Written<T>): Readonly<Record<string, string | number | boolean | null>>;
}

export function judge<T extends KubernetesObject>(definition: ResourceDefinition<T>): Judge<T> {
  const { schema, apiVersion } = resolveResource(
    definition as unknown as ResourceDefinition,
    loadBuiltInSchemas(),
  );
  const type = { apiVersion, kind: definition.kind, metadata: { name: 'one' } };
  const complete = (draft: Written<T>): T => {
    const decoded = schema.decode({ ...type, ...(draft as unknown as JsonObject) });
    assert(decoded.ok, `does not decode: ${JSON.stringify(draft)}`);
    const unknown = decoded.unknownFields.join(', ');
    assert(unknown === '', `no such fields: ${unknown}`);
    const object = schema.applyDefaults(decoded.value) as unknown as T;
    return definition.defaults?.(object) ?? object;
  };
  const created = (draft: Written<T>): T => {
    const object = complete(draft);
    const named = { ...object, metadata: { uid: UID, generation: 1, ...object.metadata } };
    const prepared = definition.prepareForCreate?.(named, CONTEXT) ?? named;
    return 'status' in draft ? { ...prepared, ...{ status: statusOf(object) } } : prepared;
  };
  const own = (object: T): readonly FieldError[] => definition.validate?.(object) ?? [];
  const shared = (object: T, old?: T): readonly FieldError[] => [
    ...schema.validate(object, undefined, 'object'),
    ...withoutTolerated(own(object), () => (old === undefined ? [] : own(old))),
  ];
  return {
    complete,
    created,
    refused: (draft) => {
      const object = created(draft);
      return texts([...shared(object), ...(definition.validateCreate?.(object) ?? [])]);
    },
    refusedUpdate: (next, old) => {
      const [before, after] = [created(old), created(next)];
      const object = definition.prepareForUpdate?.(after, before, CONTEXT) ?? after;
      return texts([...shared(object, before), ...(definition.validateUpdate?.(object, before) ?? [])]);
    },
    refusedStatus: (next, old) => texts(definition.validateStatusUpdate?.(created(next), created(old)) ?? []),
    warned: (draft, old) =>
      definition.warnings?.(created(draft), old === undefined ? undefined : created(old)) ?? [],
    row: (draft) =>
      definition.columns
        .filter(({ name }) => name !== 'Age')
        .map((column) => column.value(created(draft), NOW)),
    cells: (draft) => {
      const object = complete(draft);
      return Object.fromEntries(definition.columns.map(({ name, value }) => [name, value(object, NOW)]));
    },
  };
}

function statusOf(object: KubernetesObject): unknown {
  return (object as KubernetesObject & { status?: unknown }).status;
}

function texts(errors: readonly FieldError[]): readonly string[] {
  return errors.map(fieldErrorText);
}
