/** EndpointSlice: up to a thousand endpoints of a Service, with the ports that they all serve. */

import { ipVersion } from '../../../addresses/ip-version.ts';
import { AGE_COLUMN, firstFew, NAME_COLUMN } from '../../../meta/columns.ts';
import {
  duplicate,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from '../../../types.gen.ts';
import { endpointIpProblem } from '../../core/endpoints/endpoint-ip.ts';

const SHOWN_MAX = 3;
const ENDPOINTS_MAX = 1000;
const PORTS_MAX = 20_000;
const ADDRESSES_MAX = 100;
const ADDRESS_TYPES: readonly string[] = ['FQDN', 'IPv4', 'IPv6'];
const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];

export const endpointSlices: ResourceDefinition<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'discovery/v1.EndpointSlice',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate,
  validateUpdate: (next, old) =>
    next.addressType === old.addressType
      ? []
      : [invalid('addressType', next.addressType, 'field is immutable')],
  columns: [
    NAME_COLUMN,
    {
      name: 'AddressType',
      type: 'string',
      description: 'What kind of addresses its endpoints have.',
      priority: 0,
      value: (slice) => slice.addressType,
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'The ports that all of its endpoints serve.',
      priority: 0,
      value: ({ ports }) =>
        firstFew(
          (ports ?? []).map(({ port, name = '*' }) => String(port ?? name)),
          SHOWN_MAX,
          '<unset>',
        ),
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'The addresses of its endpoints.',
      priority: 0,
      value: ({ endpoints }) =>
        firstFew(
          (endpoints ?? []).flatMap((e) => e.addresses),
          SHOWN_MAX,
          '<unset>',
        ),
    },
    AGE_COLUMN,
  ],
};

function validate(slice: EndpointSlice): FieldError[] {
  const errors: FieldError[] = [];
  if (!ADDRESS_TYPES.includes(slice.addressType)) {
    errors.push(
      slice.addressType === ''
        ? required('addressType')
        : notSupported('addressType', slice.addressType, ADDRESS_TYPES),
    );
  }
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > ENDPOINTS_MAX) errors.push(tooMany('endpoints', endpoints.length, ENDPOINTS_MAX));
  for (const [i, endpoint] of endpoints.entries()) {
    errors.push(...validateEndpoint(ROOT_PATH.child('endpoints').index(i), endpoint, slice.addressType));
  }
  const ports = slice.ports ?? [];
  if (ports.length > PORTS_MAX) errors.push(tooMany('ports', ports.length, PORTS_MAX));
  const seen = new Set<string>();
  for (const [i, port] of ports.entries()) {
    errors.push(...validatePort(ROOT_PATH.child('ports').index(i), port, seen));
  }
  return errors;
}

function validateEndpoint(path: FieldPath, endpoint: Endpoint, addressType: string): FieldError[] {
  const { addresses, hostname, nodeName } = endpoint;
  const errors: FieldError[] = [];
  const at = path.child('addresses');
  if (addresses.length === 0) errors.push(required(at, 'must contain at least 1 address'));
  if (addresses.length > ADDRESSES_MAX) errors.push(tooMany(at, addresses.length, ADDRESSES_MAX));
  for (const [i, address] of addresses.entries()) {
    const problem = addressProblem(addressType, address);
    if (problem !== undefined) errors.push(invalid(at.index(i), address, problem));
  }
  const badNode = nodeName === undefined ? undefined : dns1123SubdomainProblem(nodeName);
  if (badNode !== undefined) errors.push(invalid(path.child('nodeName'), nodeName, badNode));
  const badHost = hostname === undefined ? undefined : dns1123LabelProblem(hostname);
  if (badHost !== undefined) errors.push(invalid(path.child('hostname'), hostname, badHost));
  return errors;
}

function addressProblem(addressType: string, address: string): string | undefined {
  switch (addressType) {
    case 'IPv4':
      return ipVersion(address) === 6 ? 'must be an IPv4 address' : endpointIpProblem(address);
    case 'IPv6':
      return ipVersion(address) === 4 ? 'must be an IPv6 address' : endpointIpProblem(address);
    case 'FQDN':
      return dns1123SubdomainProblem(address);
    default:
      return undefined;
  }
}

function validatePort(path: FieldPath, port: DiscoveryV1EndpointPort, seen: Set<string>): FieldError[] {
  const { name = '', protocol = '', appProtocol } = port;
  const errors: FieldError[] = [];
  const bad = name === '' ? undefined : dns1123LabelProblem(name);
  if (bad !== undefined) errors.push(invalid(path.child('name'), name, bad));
  if (seen.has(name)) errors.push(duplicate(path.child('name'), name));
  seen.add(name);
  if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(path.child('protocol'), protocol, PROTOCOLS));
  const badApp = appProtocol === undefined ? undefined : labelKeyProblem(appProtocol);
  if (badApp !== undefined) errors.push(invalid(path.child('appProtocol'), appProtocol, badApp));
  return errors;
}
