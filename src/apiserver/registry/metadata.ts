/**
 * Rules for `metadata`, the same for every kind: what the server sets, what a client may change, what is
 * valid.
 */

import { forbidden, invalid, ROOT_PATH, type FieldError } from '../../api/field/field-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { validateObjectMeta } from '../../api/meta/validate-metadata.ts';
import type { Resource } from '../../api/resource.ts';
import type { ObjectMeta } from '../../api/types.gen.ts';

const METADATA = ROOT_PATH.child('metadata');

export function withMetadata<T extends KubernetesObject>(object: T, change: Partial<ObjectMeta>): T {
  return { ...object, metadata: { ...object.metadata, ...change } };
}

/** Metadata without the named fields. */
export function withoutMetadata<T extends KubernetesObject>(
  object: T,
  ...names: readonly (keyof ObjectMeta)[]
): T {
  const metadata: Partial<ObjectMeta> = { ...object.metadata };
  for (const name of names) delete (metadata as { [K in keyof ObjectMeta]?: unknown })[name];
  return { ...object, metadata: metadata as ObjectMeta };
}

/** What a client cannot change by an update is carried over from the stored object. */
export function carrySystemMetadata<T extends KubernetesObject>(next: T, old: T): T {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = old.metadata;
  const metadata: ObjectMeta = {
    ...next.metadata,
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    ...(generation === undefined ? {} : { generation }),
  };
  return { ...next, metadata };
}

export function validateMetadata(resource: Resource, { metadata }: KubernetesObject): FieldError[] {
  const { nameFormat, namespaced, group } = resource.definition;
  const rules = {
    nameFormat,
    namespaced,
    finalizersAreKnown: !EXTENSION_GROUPS.has(group) && resource.stored === undefined,
  };
  return validateObjectMeta(metadata, rules, METADATA);
}

/** Groups of extensions, where upstream asks no more of a finalizer than to be a qualified name. */
const EXTENSION_GROUPS: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** Fields of metadata that a client sent differently although they never change. */
export function validateMetadataUpdate(next: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['name', 'namespace', 'uid', 'creationTimestamp'] as const) {
    if (!deepEqual(next[name], old[name])) {
      errors.push(invalid(METADATA.child(name), next[name] ?? '', 'field is immutable'));
    }
  }
  if (old.deletionTimestamp !== undefined) {
    const added = (next.finalizers ?? []).filter((f) => !(old.finalizers ?? []).includes(f));
    if (added.length > 0) {
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(', ')}}`;
      errors.push(forbidden(METADATA.child('finalizers'), detail));
    }
  }
  return errors;
}
