/** Rules for persistent volumes, worded as upstream words them (`pkg/apis/core/validation`). Pure. */

import {
  forbidden,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { differences, immutable } from '../../../field/rules.ts';
import { deepEqual } from '../../../meta/equal.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import { quantityOf, valueOf } from '../../../quantity/quantity.ts';
import type {
  CSIPersistentVolumeSource,
  PersistentVolume,
  PersistentVolumeSpec,
  SecretReference,
} from '../../../types.gen.ts';
import { validateAccessModes } from '../persistent-volume-claim/access-modes.ts';
import { validateClassName } from '../persistent-volume-claim/validate-claim.ts';
import { validateNodeSelector } from '../pod/validate-scheduling.ts';
import { noParentSteps } from '../pod/validate-volume.ts';

const SPEC = ROOT_PATH.child('spec');
const DRIVER_LENGTH_MAX = 63;

/** The fields of the specification that are no source of storage. */
const OTHER_FIELDS: ReadonlySet<string> = new Set<keyof PersistentVolumeSpec>([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
]);

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

export function validateVolume({ spec }: PersistentVolume): FieldError[] {
  const { accessModes = [], nodeAffinity } = spec;
  const modes = SPEC.child('accessModes');
  return [
    ...(accessModes.length === 0 ? [required(modes)] : []),
    ...validateAccessModes(modes, accessModes),
    ...validateCapacity(spec),
    ...(nodeAffinity === undefined ? [] : validateNodeAffinity(spec)),
    ...validateSources(SPEC, spec),
    ...validateClassName(SPEC.child('storageClassName'), spec.storageClassName),
    ...validateAttributesClass(SPEC, spec),
  ];
}

/** A volume that no object stands for, as an attachment may have it: a CSI source with little around it. */
export function validateInlineVolume(path: FieldPath, spec: PersistentVolumeSpec): FieldError[] {
  const { accessModes = [], persistentVolumeReclaimPolicy = '', storageClassName = '' } = spec;
  const context = 'in the context of inline volumes';
  const refuse = (field: keyof PersistentVolumeSpec, isThere: boolean): FieldError[] =>
    isThere ? [forbidden(path.child(field), `may not be specified ${context}`)] : [];
  const modes = path.child('accessModes');
  const errors = [
    ...refuse('claimRef', spec.claimRef !== undefined),
    ...refuse('capacity', Object.keys(spec.capacity ?? {}).length > 0),
    ...(spec.csi === undefined ? [required(path.child('csi'), `has to be specified ${context}`)] : []),
    ...(accessModes.length === 0 ? [required(modes)] : []),
    ...validateAccessModes(modes, accessModes),
  ];
  if (persistentVolumeReclaimPolicy !== '' && persistentVolumeReclaimPolicy !== 'Retain') {
    errors.push(forbidden(path.child('persistentVolumeReclaimPolicy'), `may only be Retain ${context}`));
  }
  errors.push(
    ...refuse('nodeAffinity', spec.nodeAffinity !== undefined),
    ...validateSources(path, spec),
    ...refuse('storageClassName', storageClassName !== ''),
  );
  if (spec.volumeMode !== undefined && spec.volumeMode !== 'Filesystem') {
    const detail = `may not specify volumeMode other than Filesystem ${context}`;
    errors.push(forbidden(path.child('volumeMode'), detail));
  }
  return [...errors, ...validateAttributesClass(path, spec)];
}

function validateCapacity({ capacity = {} }: PersistentVolumeSpec): FieldError[] {
  const path = SPEC.child('capacity');
  const errors: FieldError[] = [];
  const names = Object.keys(capacity);
  if (names.length === 0) errors.push(required(path));
  if (names.length !== 1 || names[0] !== 'storage') errors.push(notSupported(path, capacity, ['storage']));
  for (const [name, text] of Object.entries(capacity)) {
    const amount = quantityOf(text);
    const at = path.key(name);
    if (valueOf(amount) < 0) errors.push(invalid(at, valueOf(amount), 'must be a valid resource quantity'));
    if (amount.nanos <= 0n) errors.push(invalid(at, text, 'must be greater than zero'));
  }
  return errors;
}

function validateNodeAffinity({ nodeAffinity }: PersistentVolumeSpec): FieldError[] {
  const path = SPEC.child('nodeAffinity', 'required');
  const needed = nodeAffinity?.required;
  if (needed === undefined) return [required(path, 'must specify required node constraints')];
  return validateNodeSelector(path, needed);
}

function sourcesOf(spec: PersistentVolumeSpec): readonly string[] {
  return Object.keys(spec).filter((field) => !OTHER_FIELDS.has(field));
}

function validateSources(path: FieldPath, spec: PersistentVolumeSpec): FieldError[] {
  const [first, ...more] = sourcesOf(spec);
  if (first === undefined) return [required(path, 'must specify a volume type')];
  const errors = more.map((field) => forbidden(path.child(field), 'may not specify more than 1 volume type'));
  const { hostPath, local, csi } = spec;
  if (hostPath !== undefined) {
    errors.push(...noParentSteps(path.child('hostPath', 'path'), hostPath.path));
    const isRoot = hostPath.path.split('/').every((step) => step === '' || step === '.');
    if (isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle') {
      const detail = "may not be 'recycle' for a hostPath mount of '/'";
      errors.push(forbidden(path.child('persistentVolumeReclaimPolicy'), detail));
    }
  }
  if (local !== undefined) {
    errors.push(...noParentSteps(path.child('local', 'path'), local.path));
    if (spec.nodeAffinity === undefined) {
      errors.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'));
    }
  }
  if (csi !== undefined) errors.push(...validateCsi(path.child('csi'), csi));
  return errors;
}

function validateCsi(path: FieldPath, csi: CSIPersistentVolumeSource): FieldError[] {
  const at = path.child('driver');
  const errors: FieldError[] = [];
  if (csi.driver.length > DRIVER_LENGTH_MAX) errors.push(tooLong(at, DRIVER_LENGTH_MAX));
  const problem = csi.driver === '' ? undefined : dns1123SubdomainProblem(csi.driver.toLowerCase());
  if (problem !== undefined) errors.push(invalid(at, csi.driver, problem));
  return [...errors, ...CSI_SECRETS.flatMap((field) => validateSecret(path.child(field), csi[field]))];
}

function validateSecret(path: FieldPath, secret: SecretReference | undefined): FieldError[] {
  if (secret === undefined) return [];
  return [
    ...validateName(path.child('name'), secret.name, dns1123SubdomainProblem),
    ...validateName(path.child('namespace'), secret.namespace, dns1123LabelProblem),
  ];
}

function validateName(
  path: FieldPath,
  name: string | undefined,
  problemOf: (name: string) => string | undefined,
): FieldError[] {
  if (name === undefined || name === '') return [required(path)];
  const problem = problemOf(name);
  return problem === undefined ? [] : [invalid(path, name, problem)];
}

function validateAttributesClass(
  at: FieldPath,
  { volumeAttributesClassName: name, csi }: PersistentVolumeSpec,
): FieldError[] {
  if (name === undefined) return [];
  const path = at.child('volumeAttributesClassName');
  const detail = 'has to be specified when using volumeAttributesClassName';
  return [
    ...(name === '' ? [required(path, 'an empty string is disallowed')] : validateClassName(path, name)),
    ...(csi === undefined ? [required(at.child('csi'), detail)] : []),
  ];
}

export function validateVolumeUpdate(next: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors: FieldError[] = [];
  const [was, is] = [sourceOf(old.spec), sourceOf(withoutNewExpandSecret(next.spec, old.spec))];
  if (!deepEqual(is, was)) {
    const lines = differences('spec', is, was).join('\n');
    const detail = `spec.persistentvolumesource is immutable after creation\n${lines}\n`;
    errors.push(forbidden(SPEC.child('persistentvolumesource'), detail));
  }
  errors.push(...immutable(ROOT_PATH.child('volumeMode'), next.spec.volumeMode, old.spec.volumeMode));
  if (old.spec.nodeAffinity !== undefined) {
    errors.push(...immutable(ROOT_PATH.child('nodeAffinity'), next.spec.nodeAffinity, old.spec.nodeAffinity));
  }
  const { volumeAttributesClassName: name } = next.spec;
  if (name === undefined && old.spec.volumeAttributesClassName !== undefined) {
    const path = SPEC.child('volumeAttributesClassName');
    errors.push(forbidden(path, 'update from non-nil value to nil is forbidden'));
  }
  return errors;
}

function sourceOf(spec: PersistentVolumeSpec): object {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !OTHER_FIELDS.has(field)));
}

/** The secret for growing the volume can be given later. */
function withoutNewExpandSecret(next: PersistentVolumeSpec, old: PersistentVolumeSpec): PersistentVolumeSpec {
  if (next.csi === undefined || old.csi === undefined || old.csi.controllerExpandSecretRef !== undefined) {
    return next;
  }
  const { controllerExpandSecretRef: _new, ...csi } = next.csi;
  return { ...next, csi };
}
