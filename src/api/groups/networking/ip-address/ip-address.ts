/** IPAddress: one taken address, named after itself; the allocator of Services writes it. */

import { ipProblem } from '../../../addresses/cidr.ts';
import { checked, immutable } from '../../../field/rules.ts';
import { NAME_COLUMN } from '../../../meta/columns.ts';
import { ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123SubdomainProblem, pathSegmentProblem } from '../../../names/names.ts';
import type { IPAddress, IPAddressSpec } from '../../../types.gen.ts';

const PARENT = ROOT_PATH.child('spec', 'parentRef');

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
  validateUpdate: (next, old) => immutable(PARENT, next.spec.parentRef, old.spec.parentRef),
  columns: [
    NAME_COLUMN,
    {
      name: 'ParentRef',
      type: 'string',
      description: 'What holds the address.',
      priority: 0,
      value: parentText,
    },
  ],
};

/** `services/default/web`, `widgets.acme.io/one` */
function parentText({ spec: { parentRef } }: IPAddress): string {
  const { group = '', resource, namespace = '', name } = parentRef;
  const kind = (group === '' ? resource : `${resource}.${group}`).toLowerCase();
  return [kind, namespace, name].filter((part) => part !== '').join('/');
}

function validate({ metadata: { name = '' }, spec }: IPAddress): FieldError[] {
  // The schema itself refuses an address that nothing holds.
  const { parentRef }: Partial<IPAddressSpec> = spec;
  const errors = checked(ROOT_PATH.child('metadata', 'name'), name, ipProblem(name));
  if (parentRef === undefined) return errors;
  const { group = '', resource, namespace = '', name: parent } = parentRef;
  return [
    ...errors,
    ...checked(PARENT.child('group'), group, group === '' ? undefined : dns1123SubdomainProblem(group)),
    ...checked(PARENT.child('resource'), resource, pathSegmentProblem(resource)),
    ...checked(PARENT.child('name'), parent, pathSegmentProblem(parent)),
    ...checked(PARENT.child('namespace'), namespace, pathSegmentProblem(namespace)),
  ];
}
