/**
 * Rules for `metadata`, the same for every kind: what the server sets, what a client may change, what is
 * valid.
 */

import {
  forbidden,
  invalid,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../api/field/field-error.ts';
import { labelKeyProblem, labelValueProblem } from '../../api/labels/selector.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { Resource } from '../../api/resource.ts';
import { dns1123LabelProblem, nameProblem } from '../../api/names/names.ts';
import type { ObjectMeta, OwnerReference } from '../../api/types.gen.ts';

const ANNOTATIONS_MAX_BYTES = 256 * 1024;
const METADATA = ROOT_PATH.child('metadata');

/** RFC 3339 with whole seconds, as `creationTimestamp` is written. */
export function timestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}

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

export function validateMetadata(resource: Resource, object: KubernetesObject): FieldError[] {
  const { metadata } = object;
  const errors: FieldError[] = [];
  const { nameFormat, namespaced } = resource.definition;
  if (metadata.generateName !== undefined && metadata.generateName !== '') {
    const problem = nameProblem(nameFormat, metadata.generateName.replace(/-$/, 'a'));
    if (problem !== undefined)
      errors.push(invalid(METADATA.child('generateName'), metadata.generateName, problem));
  }
  if (metadata.name === undefined || metadata.name === '') {
    errors.push(required(METADATA.child('name'), 'name or generateName is required'));
  } else {
    const problem = nameProblem(nameFormat, metadata.name);
    if (problem !== undefined) errors.push(invalid(METADATA.child('name'), metadata.name, problem));
  }
  if (namespaced) {
    const problem = dns1123LabelProblem(metadata.namespace ?? '');
    if (problem !== undefined)
      errors.push(invalid(METADATA.child('namespace'), metadata.namespace ?? '', problem));
  } else if (metadata.namespace !== undefined && metadata.namespace !== '') {
    errors.push(forbidden(METADATA.child('namespace'), 'not allowed on this type'));
  }
  errors.push(...validateLabels(METADATA.child('labels'), metadata.labels));
  errors.push(...validateAnnotations(METADATA.child('annotations'), metadata.annotations));
  errors.push(...validateOwners(metadata.ownerReferences ?? []));
  errors.push(
    ...validateFinalizers(
      metadata.finalizers ?? [],
      !EXTENSION_GROUPS.has(resource.definition.group) && resource.stored === undefined,
    ),
  );
  return errors;
}

export function validateLabels(path: FieldPath, labels: ObjectMeta['labels']): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    const keyProblem = labelKeyProblem(key);
    if (keyProblem !== undefined) errors.push(invalid(path, key, keyProblem));
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) errors.push(invalid(path, value, valueProblem));
  }
  return errors;
}

function validateAnnotations(path: FieldPath, annotations: ObjectMeta['annotations']): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    const problem = labelKeyProblem(key.toLowerCase());
    if (problem !== undefined) errors.push(invalid(path, key, problem));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > ANNOTATIONS_MAX_BYTES) {
    errors.push({
      type: 'FieldValueTooLong',
      path: path.toString(),
      message: `Too long: may not be more than ${ANNOTATIONS_MAX_BYTES} bytes`,
    });
  }
  return errors;
}

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const errors: FieldError[] = [];
  const path = METADATA.child('ownerReferences');
  let controller: OwnerReference | undefined;
  for (const [i, owner] of owners.entries()) {
    const at = path.index(i);
    if (!/^([^/]+\/)?[^/]+$/.test(owner.apiVersion)) {
      errors.push(invalid(at.child('apiVersion'), owner.apiVersion, 'version must not be empty'));
    }
    if (owner.kind === '') errors.push(invalid(at.child('kind'), owner.kind, 'must not be empty'));
    if (owner.name === '') errors.push(invalid(at.child('name'), owner.name, 'must not be empty'));
    if (owner.uid === '') errors.push(invalid(at.child('uid'), owner.uid, 'must not be empty'));
    if (owner.controller !== true) continue;
    if (controller !== undefined) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`;
      errors.push(invalid(path, owners.length, detail));
    }
    controller = owner;
  }
  return errors;
}

export const STANDARD_FINALIZERS: readonly string[] = ['foregroundDeletion', 'orphan', 'kubernetes'];

/** Groups of extensions, where upstream asks no more of a finalizer than to be a qualified name. */
const EXTENSION_GROUPS: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

function validateFinalizers(finalizers: readonly string[], mustBeKnown: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const path = METADATA.child('finalizers');
  for (const finalizer of finalizers) {
    const problem = labelKeyProblem(finalizer);
    if (problem !== undefined) errors.push(invalid(path, finalizer, problem));
    else if (mustBeKnown && !finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
      errors.push(
        invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'),
      );
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, [...finalizers], 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

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
