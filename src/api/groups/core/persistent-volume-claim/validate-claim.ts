/** Rules for claims and for the claim templates of StatefulSets and pods, worded as upstream words them. */

import {
  forbidden,
  invalid,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { differences, immutable } from '../../../field/rules.ts';
import { deepEqual } from '../../../meta/equal.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import { compareQuantities, quantityOf, ZERO_QUANTITY, type Quantity } from '../../../quantity/quantity.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedObjectReference,
} from '../../../types.gen.ts';
import { validateLabelSelector } from '../pod/validate-label-selector.ts';
import { validateAccessModes } from './access-modes.ts';
import { STORAGE_CLASS_ANNOTATION } from './claim-warnings.ts';

const SPEC = ROOT_PATH.child('spec');

export function validateClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(SPEC, spec);
}

export function validateClaimSpec(path: FieldPath, spec: PersistentVolumeClaimSpec): FieldError[] {
  const { accessModes = [], selector } = spec;
  return [
    ...(accessModes.length === 0
      ? [required(path.child('accessModes'), 'at least 1 access mode is required')]
      : []),
    ...validateLabelSelector(path.child('selector'), selector),
    ...validateAccessModes(path.child('accessModes'), accessModes),
    ...validateSize(path.child('resources').key('storage'), spec.resources.requests?.['storage']),
    ...validateClassName(path.child('storageClassName'), spec.storageClassName),
    ...validateSource(path.child('dataSource'), spec.dataSource),
    ...validateSource(path.child('dataSourceRef'), spec.dataSourceRef),
    ...validateBothSources(path, spec),
    ...validateClassName(path.child('volumeAttributesClassName'), spec.volumeAttributesClassName),
  ];
}

export function validateClassName(path: FieldPath, name = ''): FieldError[] {
  const problem = name === '' ? undefined : dns1123SubdomainProblem(name);
  return problem === undefined ? [] : [invalid(path, name, problem)];
}

function validateSize(path: FieldPath, text: string | undefined): FieldError[] {
  if (text === undefined) return [required(path)];
  return quantityOf(text).nanos > 0n ? [] : [invalid(path, text, 'must be greater than zero')];
}

function validateSource(path: FieldPath, source: TypedObjectReference | undefined): FieldError[] {
  if (source === undefined) return [];
  const { apiGroup = '', kind, namespace = '' } = source;
  const errors: FieldError[] = [];
  if (apiGroup === '' && kind !== 'PersistentVolumeClaim') {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalid(path, kind, detail));
  }
  const groupProblem = apiGroup === '' ? undefined : dns1123SubdomainProblem(apiGroup);
  if (groupProblem !== undefined) errors.push(invalid(path.child('apiGroup'), apiGroup, groupProblem));
  const placeProblem = namespace === '' ? undefined : dns1123LabelProblem(namespace);
  if (placeProblem !== undefined) errors.push(invalid(path.child('namespace'), namespace, placeProblem));
  return errors;
}

function validateBothSources(path: FieldPath, spec: PersistentVolumeClaimSpec): FieldError[] {
  const { dataSource: older, dataSourceRef: newer } = spec;
  if (older === undefined || newer === undefined) return [];
  const at = path.child('dataSource').toString();
  if ((newer.namespace ?? '') !== '') {
    return [invalid(path, at, 'may not be specified when dataSourceRef.namespace is specified')];
  }
  const isSame = older.apiGroup === newer.apiGroup && older.kind === newer.kind && older.name === newer.name;
  return isSame ? [] : [invalid(path, at, 'must match dataSourceRef')];
}

export function validateClaimUpdate(next: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [before, after] = [old.metadata.annotations ?? {}, next.metadata.annotations ?? {}];
  const moves = movesClassFromAnnotation(next, old);
  const errors: FieldError[] = [];
  if (!moves && before[STORAGE_CLASS_ANNOTATION] !== after[STORAGE_CLASS_ANNOTATION]) {
    const path = ROOT_PATH.child('metadata', 'annotations').key(STORAGE_CLASS_ANNOTATION);
    errors.push(invalid(path, after[STORAGE_CLASS_ANNOTATION] ?? '', 'field is immutable'));
  }
  const [was, is] = [old.spec, withChangeable(next, old, moves)];
  if (!deepEqual(is, was)) {
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbidden(SPEC, `${detail}\n${differences('spec', is, was).join('\n')}\n`));
  }
  return [
    ...errors,
    ...validateShrinking(next, old),
    ...immutable(ROOT_PATH.child('volumeMode'), next.spec.volumeMode, old.spec.volumeMode),
    ...validateAttributesClass(next, old),
  ];
}

/** The new specification with everything that may change put back, so that what still differs is forbidden. */
function withChangeable(
  next: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  movesClass: boolean,
): PersistentVolumeClaimSpec {
  const { spec: was, status } = old;
  const isBound = status.phase === 'Bound';
  const given = next.spec;
  const fields: (keyof PersistentVolumeClaimSpec)[] = [];
  if ((was.volumeName ?? '') === '') fields.push('volumeName');
  if (movesClass || takesClass(next, old)) fields.push('storageClassName');
  if (isBound) fields.push('volumeAttributesClassName');
  const spec: { -readonly [K in keyof PersistentVolumeClaimSpec]: PersistentVolumeClaimSpec[K] } = {
    ...given,
  };
  for (const field of fields) restore(spec, was, field);
  const size = was.resources.requests?.['storage'];
  if (!isBound || spec.resources.requests === undefined || size === undefined) return spec;
  const requests = { ...spec.resources.requests, storage: size };
  return { ...spec, resources: { ...spec.resources, requests } };
}

function restore<T extends object, K extends keyof T>(next: T, old: T, field: K): void {
  if (field in old) next[field] = old[field];
  else delete next[field];
}

/** The class may move from the annotation of old to its field. */
function movesClassFromAnnotation(next: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const after = next.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const isMoved = old.spec.storageClassName === undefined && next.spec.storageClassName === before;
  return before !== undefined && isMoved && (after === undefined || after === before);
}

/** A claim without a class may be given one later. */
function takesClass(next: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const { storageClassName: name } = next.spec;
  const annotation = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  if (name === undefined || old.spec.storageClassName !== undefined) return false;
  return annotation === undefined || annotation === name;
}

/** Smaller is possible while the volume has not grown yet. */
function validateShrinking(next: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const size = (text: string | undefined): Quantity =>
    text === undefined ? ZERO_QUANTITY : quantityOf(text);
  const wanted = size(next.spec.resources.requests?.['storage']);
  if (compareQuantities(wanted, size(old.spec.resources.requests?.['storage'])) >= 0) return [];
  if (compareQuantities(wanted, size(old.status.capacity?.['storage'])) > 0) return [];
  const path = SPEC.child('resources', 'requests', 'storage');
  return [forbidden(path, 'field can not be less than status.capacity')];
}

function validateAttributesClass(next: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const { volumeAttributesClassName: name } = next.spec;
  const hasCurrent = old.status.currentVolumeAttributesClassName !== undefined;
  if (name === old.spec.volumeAttributesClassName || !hasCurrent) return [];
  if (name !== undefined && name !== '') return [];
  const what = name === undefined ? 'nil' : 'empty string';
  const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  return [forbidden(SPEC.child('volumeAttributesClassName'), detail)];
}
