/** Secret: as a ConfigMap, for what must not be seen. `stringData` is write-only and joins `data`. */

import { forbidden, invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dataKeyProblem } from '../../../names/names.ts';
import type { Secret } from '../../../types.gen.ts';

const SIZE_MAX_BYTES = 1024 * 1024;
const IMMUTABLE = 'field is immutable when `immutable` is set';

/** What each built-in type must contain. */
const REQUIRED_KEYS: { readonly [type: string]: readonly string[] } = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export const secrets: ResourceDefinition<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'core/v1.Secret',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  defaults: joinStringData,
  validate,
  validateUpdate,
  selectableFieldNames: ['type'],
  selectableFields: (secret) => ({ type: secret.type ?? '' }),
  columns: [
    NAME_COLUMN,
    {
      name: 'Type',
      type: 'string',
      description: 'Used to facilitate programmatic handling of secret data.',
      priority: 0,
      value: (secret) => secret.type ?? '',
    },
    {
      name: 'Data',
      type: 'string',
      description: 'Data contains the secret data.',
      priority: 0,
      value: (secret) => Object.keys(secret.data ?? {}).length,
    },
    AGE_COLUMN,
  ],
};

function joinStringData(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  const added = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return { ...rest, data: { ...secret.data, ...Object.fromEntries(added) } };
}

function validate(secret: Secret): FieldError[] {
  const { data = {}, type = '', metadata } = secret;
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    const problem = dataKeyProblem(key);
    if (problem !== undefined) errors.push(invalid(ROOT_PATH.child('data').key(key), key, problem));
    bytes += Math.floor((value.length * 3) / 4);
  }
  if (bytes > SIZE_MAX_BYTES) {
    const message = `Too long: may not be more than ${SIZE_MAX_BYTES} bytes`;
    errors.push({ type: 'FieldValueTooLong', path: 'data', message });
  }
  for (const key of REQUIRED_KEYS[type] ?? []) {
    if (!(key in data)) errors.push(required(ROOT_PATH.child('data').key(key)));
  }
  if (type === 'kubernetes.io/service-account-token') {
    const name = metadata.annotations?.['kubernetes.io/service-account.name'] ?? '';
    const path = ROOT_PATH.child('metadata', 'annotations').key('kubernetes.io/service-account.name');
    if (name === '') errors.push(required(path));
  }
  if (type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data)) {
    errors.push(
      required(ROOT_PATH.child('data').key('username')),
      required(ROOT_PATH.child('data').key('password')),
    );
  }
  return errors;
}

function validateUpdate(next: Secret, old: Secret): FieldError[] {
  const errors: FieldError[] = [];
  if (next.type !== old.type) errors.push(invalid('type', next.type ?? '', 'field is immutable'));
  if (old.immutable !== true) return errors;
  if (next.immutable !== true) errors.push(forbidden('immutable', IMMUTABLE));
  if (!deepEqual(next.data, old.data)) errors.push(forbidden('data', IMMUTABLE));
  return errors;
}
