/** What an EndpointSlice may hold. */

import { ipVersion } from '../../../addresses/ip-version.ts';
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
import { checked } from '../../../field/rules.ts';
import { labelKeyProblem, labelValueProblem } from '../../../labels/selector.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import type { DiscoveryV1EndpointPort, Endpoint, EndpointHints, EndpointSlice } from '../../../types.gen.ts';
import { endpointIpProblem } from '../../core/endpoints/endpoint-ip.ts';

const ENDPOINTS_MAX = 1000;
const PORTS_MAX = 20_000;
const ADDRESSES_MAX = 100;
const HINTS_MAX = 8;
const ADDRESS_TYPES: readonly string[] = ['FQDN', 'IPv4', 'IPv6'];
const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];

export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  const { addressType, endpoints, ports } = slice;
  const seen = new Set<string>();
  return [
    ...validateAddressType(addressType),
    ...atMost(ROOT_PATH.child('endpoints'), endpoints, ENDPOINTS_MAX, (path, endpoint) =>
      validateEndpoint(path, endpoint, addressType),
    ),
    ...atMost(ROOT_PATH.child('ports'), ports, PORTS_MAX, (path, port) => validatePort(path, port, seen)),
  ];
}

/** Of a list that is too long, nothing else is said. */
function atMost<T>(
  path: FieldPath,
  items: readonly T[],
  max: number,
  validate: (path: FieldPath, item: T) => readonly FieldError[],
): readonly FieldError[] {
  if (items.length > max) return [tooMany(path, items.length, max)];
  return items.flatMap((item, i) => validate(path.index(i), item));
}

function validateAddressType(addressType: string): FieldError[] {
  // The schema itself refuses none.
  if (addressType === '' || ADDRESS_TYPES.includes(addressType)) return [];
  return [notSupported('addressType', addressType, ADDRESS_TYPES)];
}

function validateEndpoint(path: FieldPath, endpoint: Endpoint, addressType: string): FieldError[] {
  const { addresses, hostname, nodeName, hints } = endpoint;
  const errors: FieldError[] = [];
  const at = path.child('addresses');
  if (addresses.length === 0) errors.push(required(at, 'must contain at least 1 address'));
  if (addresses.length > ADDRESSES_MAX) errors.push(tooMany(at, addresses.length, ADDRESSES_MAX));
  for (const [i, address] of addresses.entries()) {
    errors.push(...validateAddress(at.index(i), address, addressType));
  }
  if (nodeName !== undefined) {
    errors.push(...checked(path.child('nodeName'), nodeName, dns1123SubdomainProblem(nodeName)));
  }
  if (hostname !== undefined) {
    errors.push(...checked(path.child('hostname'), hostname, dns1123LabelProblem(hostname)));
  }
  if (hints !== undefined) errors.push(...validateHints(path.child('hints'), hints));
  return errors;
}

function validateAddress(path: FieldPath, address: string, addressType: string): FieldError[] {
  switch (addressType) {
    case 'IPv4':
    case 'IPv6': {
      const fits = addressType === `IPv${ipVersion(address)}`;
      return [
        ...checked(path, address, fits ? undefined : `must be a valid ${addressType} address`),
        ...checked(path, address, endpointIpProblem(address)),
      ];
    }
    case 'FQDN':
      return validateDomain(path, address);
    default:
      return [];
  }
}

function validateDomain(path: FieldPath, domain: string): FieldError[] {
  if (domain === '') return [required(path)];
  const name = domain.replace(/\.$/, '');
  const problem = dns1123SubdomainProblem(name);
  if (problem !== undefined) return [invalid(path, name, problem)];
  const labels = name.split('.');
  if (labels.length < 2) {
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  }
  return labels.flatMap((label) => checked(path, label, dns1123LabelProblem(label))).slice(0, 1);
}

function validateHints(path: FieldPath, { forZones = [], forNodes = [] }: EndpointHints): FieldError[] {
  return [
    ...validateTargets(path.child('forZones'), forZones, labelValueProblem),
    ...validateTargets(path.child('forNodes'), forNodes, dns1123SubdomainProblem),
  ];
}

function validateTargets(
  path: FieldPath,
  targets: readonly { readonly name: string }[],
  problemOf: (name: string) => string | undefined,
): readonly FieldError[] {
  const seen = new Set<string>();
  return atMost(path, targets, HINTS_MAX, (at, { name }) => {
    const again = seen.has(name) ? [duplicate(at.child('name'), name)] : [];
    seen.add(name);
    return [...again, ...checked(at.child('name'), name, problemOf(name))];
  });
}

function validatePort(path: FieldPath, port: DiscoveryV1EndpointPort, seen: Set<string>): FieldError[] {
  const { name = '', protocol = '', appProtocol } = port;
  const errors = checked(path.child('name'), name, name === '' ? undefined : dns1123LabelProblem(name));
  if (seen.has(name)) errors.push(duplicate(path.child('name'), name));
  seen.add(name);
  if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(path.child('protocol'), protocol, PROTOCOLS));
  if (appProtocol !== undefined) {
    errors.push(...checked(path.child('appProtocol'), appProtocol, labelKeyProblem(appProtocol)));
  }
  return errors;
}
