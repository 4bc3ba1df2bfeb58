/** Rules for the volumes of a pod and for where its containers mount them. */

import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { laterRule } from '../../../field/later-rule.ts';
import { dns1123LabelProblem } from '../../../names/names.ts';
import { quantityOf } from '../../../quantity/quantity.ts';
import type {
  Container,
  DownwardAPIVolumeFile,
  EphemeralContainer,
  KeyToPath,
  Volume,
  VolumeProjection,
} from '../../../types.gen.ts';
import { validateClaimSpec } from '../persistent-volume-claim/validate-claim.ts';
import { downwardFieldProblem, validateResourceField, VOLUME_FIELDS } from './validate-downward-field.ts';

const MODE_MAX = 0o777;
/** Ten minutes: shorter tokens would have to be renewed all the time. */
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;

export function validateVolumes(path: FieldPath, volumes: readonly Volume[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, volume] of volumes.entries()) {
    const at = path.index(i);
    const problem = volume.name === '' ? undefined : dns1123LabelProblem(volume.name);
    if (problem !== undefined) errors.push(invalid(at.child('name'), volume.name, problem));
    if (names.has(volume.name)) errors.push(duplicate(at.child('name'), volume.name));
    names.add(volume.name);
    errors.push(...validateSource(at, volume));
  }
  return errors;
}

/** Templates may leave it to others to say which image; a pod may not. */
export function validateImageReferences(path: FieldPath, volumes: readonly Volume[]): FieldError[] {
  return volumes.flatMap(({ image }, i) =>
    image === undefined || (image.reference ?? '') !== ''
      ? []
      : [required(path.index(i).child('image', 'reference'))],
  );
}

function validateSource(path: FieldPath, volume: Volume): FieldError[] {
  const [, ...more] = Object.keys(volume).filter((field) => field !== 'name');
  const errors: FieldError[] = more.map((field) =>
    forbidden(path.child(field), 'may not specify more than 1 volume type'),
  );
  const { hostPath, emptyDir, configMap, secret, projected, downwardAPI, persistentVolumeClaim } = volume;
  if (hostPath !== undefined) errors.push(...noParentSteps(path.child('hostPath', 'path'), hostPath.path));
  if (emptyDir?.sizeLimit !== undefined && quantityOf(emptyDir.sizeLimit).nanos < 0n) {
    errors.push(
      forbidden(path.child('emptyDir', 'sizeLimit'), 'SizeLimit field must be a valid resource quantity'),
    );
  }
  if (configMap !== undefined) {
    const at = path.child('configMap');
    if ((configMap.name ?? '') === '') errors.push(required(at.child('name')));
    errors.push(
      ...validateMode(at.child('defaultMode'), configMap.defaultMode),
      ...validateItems(at, configMap.items),
    );
  }
  if (secret !== undefined) {
    const at = path.child('secret');
    if ((secret.secretName ?? '') === '') errors.push(required(at.child('secretName')));
    errors.push(
      ...validateMode(at.child('defaultMode'), secret.defaultMode),
      ...validateItems(at, secret.items),
    );
  }
  if (downwardAPI !== undefined) {
    const at = path.child('downwardAPI');
    errors.push(...validateMode(at.child('defaultMode'), downwardAPI.defaultMode));
    errors.push(...validateFiles(at, downwardAPI.items ?? []));
  }
  if (projected !== undefined) {
    const at = path.child('projected');
    errors.push(...validateMode(at.child('defaultMode'), projected.defaultMode));
    for (const [i, source] of projected.sources.entries()) {
      errors.push(...validateProjection(at.child('sources').index(i), source));
    }
  }
  if (persistentVolumeClaim !== undefined && persistentVolumeClaim.claimName === '') {
    errors.push(required(path.child('persistentVolumeClaim', 'claimName')));
  }
  if (volume.ephemeral !== undefined) {
    const at = path.child('ephemeral', 'volumeClaimTemplate');
    const { volumeClaimTemplate: claim } = volume.ephemeral;
    errors.push(...(claim === undefined ? [required(at)] : validateClaimSpec(at.child('spec'), claim.spec)));
  }
  return errors;
}

function validateProjection(path: FieldPath, source: VolumeProjection): FieldError[] {
  const [, ...more] = Object.keys(source);
  const errors: FieldError[] = more.map((field) =>
    forbidden(path.child(field), 'may not specify more than 1 volume type'),
  );
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = source;
  for (const [field, reference] of [
    ['secret', secret],
    ['configMap', configMap],
  ] as const) {
    if (reference === undefined) continue;
    if ((reference.name ?? '') === '') errors.push(required(path.child(field, 'name')));
    errors.push(...validateItems(path.child(field), reference.items));
  }
  if (downwardAPI !== undefined) {
    errors.push(...validateFiles(path.child('downwardAPI'), downwardAPI.items ?? []));
  }
  if (token !== undefined) {
    const at = path.child('serviceAccountToken');
    const { expirationSeconds: seconds = TOKEN_SECONDS_MIN } = token;
    if (seconds < TOKEN_SECONDS_MIN) {
      const detail = 'may not specify a duration less than 10 minutes';
      errors.push(invalid(at.child('expirationSeconds'), seconds, detail));
    } else if (seconds > TOKEN_SECONDS_MAX) {
      const detail = 'may not specify a duration larger than 2^32 seconds';
      errors.push(invalid(at.child('expirationSeconds'), seconds, detail));
    }
    errors.push(...laterRule('paths of projected tokens', localPath(at.child('path'), token.path)));
  }
  return errors;
}

function validateItems(path: FieldPath, items: readonly KeyToPath[] | undefined): FieldError[] {
  return (items ?? []).flatMap((item, i) => {
    const at = path.child('items').index(i);
    return [...localPath(at.child('path'), item.path), ...validateMode(at.child('mode'), item.mode)];
  });
}

function validateFiles(path: FieldPath, files: readonly DownwardAPIVolumeFile[]): FieldError[] {
  return files.flatMap((file, i) => {
    const at = path.child('items').index(i);
    const errors = [...localPath(at.child('path'), file.path), ...validateMode(at.child('mode'), file.mode)];
    if (file.fieldRef !== undefined) {
      const { fieldPath } = file.fieldRef;
      if (downwardFieldProblem(fieldPath, VOLUME_FIELDS)) {
        errors.push(notSupported(at.child('fieldRef', 'fieldPath'), fieldPath, VOLUME_FIELDS));
      }
      if (file.resourceFieldRef !== undefined) {
        errors.push(
          invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'),
        );
      }
    } else if (file.resourceFieldRef !== undefined) {
      errors.push(...validateResourceField(at.child('resourceFieldRef'), file.resourceFieldRef, true));
    } else {
      errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
    }
    return errors;
  });
}

function validateMode(path: FieldPath, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= MODE_MAX)) return [];
  return [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

export function noParentSteps(path: FieldPath, text: string): FieldError[] {
  return text.includes('..') && text.split('/').includes('..')
    ? [invalid(path, text, "must not contain '..'")]
    : [];
}

/** Paths of files inside of a volume; a leading `..` belongs to the node agent's own files. */
function localPath(path: FieldPath, text: string): FieldError[] {
  if (text.startsWith('/')) return [invalid(path, text, 'must be a relative path')];
  const errors = noParentSteps(path, text);
  if (errors.length === 0 && text.startsWith('..'))
    errors.push(invalid(path, text, "must not start with '..'"));
  return errors;
}

function validateSubPath(path: FieldPath, text: string): FieldError[] {
  return text.startsWith('/') ? [invalid(path, text, 'must be a relative path')] : noParentSteps(path, text);
}

export function validateMounts(
  path: FieldPath,
  container: Container | EphemeralContainer,
  volumes: readonly Volume[],
): FieldError[] {
  const errors: FieldError[] = [];
  const paths = new Set<string>();
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const at = path.index(i);
    const { subPath = '', subPathExpr = '' } = mount;
    if (mount.name !== '' && !volumes.some(({ name }) => name === mount.name)) {
      errors.push(notFound(at.child('name'), mount.name));
    }
    if (paths.has(mount.mountPath)) {
      errors.push(invalid(at.child('mountPath'), mount.mountPath, 'must be unique'));
    }
    paths.add(mount.mountPath);
    if (subPath !== '') errors.push(...validateSubPath(at.child('subPath'), subPath));
    if (subPathExpr !== '') errors.push(...validateSubPath(at.child('subPathExpr'), subPathExpr));
    if (subPath !== '' && subPathExpr !== '') {
      errors.push(
        invalid(at.child('subPathExpr'), subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
      );
    }
    if (mount.mountPropagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
      const detail = 'Bidirectional mount propagation is available only to privileged containers';
      errors.push(forbidden(at.child('mountPropagation'), detail));
    }
  }
  return errors;
}
