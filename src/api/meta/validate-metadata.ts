/**
 * What is valid in the metadata of an object, be it the object's own or that of one inside of it
 * (apimachinery/pkg/api/validation).
 */

import {
  forbidden,
  invalid,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../field/field-error.ts';
import { labelKeyProblem, labelValueProblem } from '../labels/selector.ts';
import { dns1123LabelProblem, nameProblem } from '../names/names.ts';
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../types.gen.ts';
import type { NameFormat } from './resource-definition.ts';

const ANNOTATIONS_MAX_BYTES = 256 * 1024;
const MANAGER_MAX_BYTES = 128;
const SUBRESOURCE_MAX_BYTES = 256;

export interface MetadataRules {
  readonly nameFormat: NameFormat;
  readonly namespaced: boolean;
  /** Finalizers without a domain have to be those that the server knows. */
  readonly finalizersAreKnown: boolean;
}

export function validateObjectMeta(
  metadata: ObjectMeta,
  rules: MetadataRules,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', generateName = '', namespace = '' } = metadata;
  const { nameFormat } = rules;
  if (generateName !== '') {
    const problem = nameProblem(nameFormat, asPrefix(nameFormat, generateName));
    if (problem !== undefined) errors.push(invalid(path.child('generateName'), generateName, problem));
  }
  if (name === '') {
    errors.push(required(path.child('name'), 'name or generateName is required'));
  } else {
    const problem = nameProblem(nameFormat, name);
    if (problem !== undefined) errors.push(invalid(path.child('name'), name, problem));
  }
  if (rules.namespaced) {
    const problem = dns1123LabelProblem(namespace);
    if (problem !== undefined) errors.push(invalid(path.child('namespace'), namespace, problem));
  } else if (namespace !== '') {
    errors.push(forbidden(path.child('namespace'), 'not allowed on this type'));
  }
  errors.push(...validateLabels(path.child('labels'), metadata.labels));
  errors.push(...validateAnnotations(path.child('annotations'), metadata.annotations));
  errors.push(...validateOwners(path.child('ownerReferences'), metadata.ownerReferences ?? []));
  const finalizers = metadata.finalizers ?? [];
  errors.push(...validateFinalizers(path.child('finalizers'), finalizers, rules.finalizersAreKnown));
  return errors;
}

/** A name that begins so and has no fault of its own. */
function asPrefix(format: NameFormat, generateName: string): string {
  return format === 'pathSegment' ? `${generateName}a` : generateName.replace(/-$/, 'a');
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

export function validateAnnotations(path: FieldPath, annotations: ObjectMeta['annotations']): FieldError[] {
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

function validateOwners(path: FieldPath, owners: readonly OwnerReference[]): FieldError[] {
  const errors: FieldError[] = [];
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

function validateFinalizers(
  path: FieldPath,
  finalizers: readonly string[],
  mustBeKnown: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
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

export function validateManagedFields(
  path: FieldPath,
  entries: readonly ManagedFieldsEntry[] = [],
): FieldError[] {
  return entries.flatMap((entry, i) => {
    const { operation = '', fieldsType = '', manager = '', subresource = '' } = entry;
    const at = path.index(i);
    const errors: FieldError[] = [];
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(invalid(at.child('operation'), operation, 'must be `Apply` or `Update`'));
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      errors.push(invalid(at.child('fieldsType'), fieldsType, 'must be `FieldsV1`'));
    }
    if (Buffer.byteLength(manager) > MANAGER_MAX_BYTES) {
      errors.push(tooLong(at.child('manager'), MANAGER_MAX_BYTES));
    }
    if (Buffer.byteLength(subresource) > SUBRESOURCE_MAX_BYTES) {
      errors.push(tooLong(at.child('subresource'), SUBRESOURCE_MAX_BYTES));
    }
    return errors;
  });
}
