/** IPAddress: one taken address, named after itself; the allocator of Services writes it. */

import { ipVersion } from '../../../addresses/ip-version.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { IPAddress } from '../../../types.gen.ts';

export const ipAddresses: ResourceDefinition<IPAddress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  categories: [],
  namespaced: false,
  message: 'networking/v1.IPAddress',
  nameFormat: 'pathSegment',
  hasStatus: false,
  hasGeneration: false,
  validate,
  validateUpdate: (next, old) =>
    deepEqual(next.spec.parentRef, old.spec.parentRef)
      ? []
      : [invalid('spec.parentRef', null, 'field is immutable')],
  columns: [
    NAME_COLUMN,
    {
      name: 'ParentRef',
      type: 'string',
      description: 'What holds the address.',
      priority: 0,
      value: ({ spec: { parentRef } }) =>
        [parentRef?.group, parentRef?.resource, parentRef?.namespace, parentRef?.name]
          .filter((part) => part !== undefined && part !== '')
          .join('/')
          .toLowerCase(),
    },
    AGE_COLUMN,
  ],
};

function validate({ metadata: { name = '' } }: IPAddress): FieldError[] {
  if (ipVersion(name) !== 0) return [];
  const path = ROOT_PATH.child('metadata', 'name');
  return [invalid(path, name, 'must be a valid IP address in canonical form')];
}
