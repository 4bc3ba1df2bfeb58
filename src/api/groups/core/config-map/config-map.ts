/** ConfigMap: settings for pods, as text and bytes. */

import {
  forbidden,
  invalid,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dataKeyProblem } from '../../../names/names.ts';
import type { ConfigMap } from '../../../types.gen.ts';

const SIZE_MAX_BYTES = 1024 * 1024;
const IMMUTABLE = 'field is immutable when `immutable` is set';

export const configMaps: ResourceDefinition<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  categories: [],
  namespaced: true,
  message: 'core/v1.ConfigMap',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  validate,
  validateUpdate: (next, old) => (old.immutable === true ? immutableErrors(next, old) : []),
  columns: [
    NAME_COLUMN,
    {
      name: 'Data',
      type: 'string',
      description: 'Data contains the configuration data.',
      priority: 0,
      value: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    },
    AGE_COLUMN,
  ],
};

function validate({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  const check = (path: FieldPath, key: string, size: number): void => {
    const problem = dataKeyProblem(key);
    if (problem !== undefined) errors.push(invalid(path.key(key), key, problem));
    bytes += size;
  };
  for (const [key, value] of Object.entries(data)) {
    check(ROOT_PATH.child('data'), key, Buffer.byteLength(value));
    if (key in binaryData)
      errors.push(invalid(ROOT_PATH.child('data').key(key), key, 'duplicate of key present in binaryData'));
  }
  for (const [key, value] of Object.entries(binaryData)) {
    check(ROOT_PATH.child('binaryData'), key, Math.floor((value.length * 3) / 4));
  }
  if (bytes > SIZE_MAX_BYTES) {
    const message = `Too long: may not be more than ${SIZE_MAX_BYTES} bytes`;
    errors.push({ type: 'FieldValueTooLong', path: '', message });
  }
  return errors;
}

function immutableErrors(next: ConfigMap, old: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  if (next.immutable !== true) errors.push(forbidden('immutable', IMMUTABLE));
  if (!deepEqual(next.data, old.data)) errors.push(forbidden('data', IMMUTABLE));
  if (!deepEqual(next.binaryData, old.binaryData)) errors.push(forbidden('binaryData', IMMUTABLE));
  return errors;
}
