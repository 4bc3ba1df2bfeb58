/** What the kinds of storage share: names of drivers, parameters, classes that are the default. */

import { checked } from '../../field/rules.ts';
import { invalid, required, tooLong, type FieldError, type FieldPath } from '../../field/field-error.ts';
import { labelKeyProblem } from '../../labels/selector.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { NAME_COLUMN } from '../../meta/columns.ts';
import type { Column } from '../../meta/resource-definition.ts';
import { dns1123SubdomainProblem } from '../../names/names.ts';

export const STORAGE_GROUP = 'storage.k8s.io';
const DRIVER_NAME_LENGTH_MAX = 63;
const PARAMETERS_MAX = 512;
const PARAMETERS_BYTES_MAX = 256 * 1024;

/** Of CSI and DRA drivers alike. An empty one is refused by the schema. */
export function validateDriverName(path: FieldPath, name: string): FieldError[] {
  if (name === '') return [];
  return [
    ...(name.length > DRIVER_NAME_LENGTH_MAX ? [tooLong(path, DRIVER_NAME_LENGTH_MAX)] : []),
    ...checked(path, name, dns1123SubdomainProblem(name.toLowerCase())),
  ];
}

/** Provisioners are qualified names in any case; an empty one is refused by the schema. */
export function validateProvisioner(path: FieldPath, name: string): FieldError[] {
  return name === '' ? [] : checked(path, name.toLowerCase(), labelKeyProblem(name.toLowerCase()));
}

export function validateParameters(
  path: FieldPath,
  parameters: { readonly [key: string]: string },
  mayBeEmpty: boolean,
): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > PARAMETERS_MAX) return [tooLong(path, PARAMETERS_MAX)];
  const errors = entries
    .filter(([key]) => key === '')
    .map(([key]) => invalid(path, key, 'field can not be empty.'));
  if (bytesOf(parameters) > PARAMETERS_BYTES_MAX) errors.push(tooLong(path, PARAMETERS_BYTES_MAX));
  if (entries.length === 0 && !mayBeEmpty) {
    errors.push(required(path, 'must contain at least one key/value pair'));
  }
  return errors;
}

export function bytesOf(map: { readonly [key: string]: string }): number {
  return Object.entries(map).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
}

/** The name, marked when an annotation makes the class the default. */
export function defaultableNameColumn(...annotations: readonly string[]): Column<KubernetesObject> {
  return {
    ...NAME_COLUMN,
    value: ({ metadata }) => {
      const isDefault = annotations.some((name) => metadata.annotations?.[name] === 'true');
      return `${metadata.name ?? ''}${isDefault ? ' (default)' : ''}`;
    },
  };
}
