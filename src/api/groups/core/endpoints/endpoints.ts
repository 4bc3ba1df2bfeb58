/** Endpoints: the old, single-object form of a Service's EndpointSlices; kept for clients that read it. */

import { AGE_COLUMN, firstFew, NAME_COLUMN, NONE } from '../../../meta/columns.ts';
import { invalid, required, ROOT_PATH, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123LabelProblem } from '../../../names/names.ts';
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset } from '../../../types.gen.ts';
import { endpointIpProblem } from './endpoint-ip.ts';

const SHOWN_MAX = 3;

export const endpoints: ResourceDefinition<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  categories: [],
  namespaced: true,
  message: 'core/v1.Endpoints',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  createOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  validate: ({ subsets = [] }) =>
    subsets.flatMap((subset, i) => validateSubset(ROOT_PATH.child('subsets').index(i), subset)),
  columns: [
    NAME_COLUMN,
    {
      name: 'Endpoints',
      type: 'string',
      description: 'Addresses and ports that are ready.',
      priority: 0,
      value: ({ subsets = [] }) => firstFew(subsets.flatMap(pairs), SHOWN_MAX, NONE),
    },
    AGE_COLUMN,
  ],
};

function pairs({ addresses = [], ports = [] }: EndpointSubset): readonly string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  const joined = (ip: string, port: number): string =>
    ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
  return ports.flatMap(({ port }) => addresses.map(({ ip }) => joined(ip, port)));
}

function validateSubset(path: FieldPath, subset: EndpointSubset): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const errors: FieldError[] = [];
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
  }
  for (const [i, a] of addresses.entries())
    errors.push(...validateAddress(path.child('addresses').index(i), a));
  for (const [i, a] of notReadyAddresses.entries()) {
    errors.push(...validateAddress(path.child('notReadyAddresses').index(i), a));
  }
  for (const [i, port] of ports.entries()) {
    errors.push(...validatePort(path.child('ports').index(i), port, ports.length > 1));
  }
  return errors;
}

function validateAddress(path: FieldPath, { ip, hostname = '' }: EndpointAddress): FieldError[] {
  const errors: FieldError[] = [];
  const problem = endpointIpProblem(ip);
  if (problem !== undefined) errors.push(invalid(path.child('ip'), ip, problem));
  const bad = hostname === '' ? undefined : dns1123LabelProblem(hostname);
  if (bad !== undefined) errors.push(invalid(path.child('hostname'), hostname, bad));
  return errors;
}

function validatePort(path: FieldPath, { name = '', port }: EndpointPort, needsName: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (needsName && name === '') errors.push(required(path.child('name')));
  const bad = name === '' ? undefined : dns1123LabelProblem(name);
  if (bad !== undefined) errors.push(invalid(path.child('name'), name, bad));
  if (port < 1 || port > 65535) {
    errors.push(invalid(path.child('port'), port, 'must be between 1 and 65535, inclusive'));
  }
  return errors;
}
