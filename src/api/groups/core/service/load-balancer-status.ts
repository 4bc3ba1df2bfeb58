/** What a load balancer says of itself in the status of a Service. */

import { legacyIpProblem, parseIp } from '../../../addresses/cidr.ts';
import {
  forbidden,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  type FieldError,
} from '../../../field/field-error.ts';
import type { FieldPath } from '../../../field/field-error.ts';
import { checked } from '../../../field/rules.ts';
import { dns1123SubdomainProblem } from '../../../names/names.ts';
import type { LoadBalancerIngress, Service } from '../../../types.gen.ts';

const INGRESS = ROOT_PATH.child('status', 'loadBalancer', 'ingress');
const IP_MODES: readonly string[] = ['VIP', 'Proxy'];

/** An address is a virtual one unless the balancer says that it is a proxy's. */
export function withIpModes(service: Service): Service {
  const { ingress = [] } = service.status.loadBalancer;
  const isSilent = ({ ip = '', ipMode }: LoadBalancerIngress): boolean => ip !== '' && ipMode === undefined;
  if (service.spec.type !== 'LoadBalancer' || !ingress.some(isSilent)) return service;
  const said = ingress.map((one) => (isSilent(one) ? { ...one, ipMode: 'VIP' } : one));
  const loadBalancer = { ...service.status.loadBalancer, ingress: said };
  return { ...service, status: { ...service.status, loadBalancer } };
}

export function validateServiceStatus(next: Service, old: Service): FieldError[] {
  const { ingress = [] } = next.status.loadBalancer;
  if (next.spec.type !== 'LoadBalancer') {
    if (ingress.length === 0) return [];
    return [forbidden(INGRESS, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  // Addresses that older rules took may stay.
  const known = new Set((old.status.loadBalancer.ingress ?? []).map(({ ip }) => ip));
  return ingress.flatMap((one, i) => validateIngress(INGRESS.index(i), one, known));
}

function validateIngress(
  path: FieldPath,
  { ip = '', ipMode, hostname = '' }: LoadBalancerIngress,
  known: ReadonlySet<string | undefined>,
): FieldError[] {
  const errors = ip === '' || known.has(ip) ? [] : checked(path.child('ip'), ip, legacyIpProblem(ip));
  const mode = path.child('ipMode');
  if (ipMode === undefined) {
    if (ip !== '') errors.push(required(mode, 'must be specified when `ip` is set'));
  } else if (ip === '') errors.push(forbidden(mode, 'may not be specified when `ip` is not set'));
  else if (!IP_MODES.includes(ipMode)) errors.push(notSupported(mode, ipMode, IP_MODES));
  if (hostname === '') return errors;
  errors.push(...checked(path.child('hostname'), hostname, dns1123SubdomainProblem(hostname)));
  if (parseIp(hostname) !== undefined) {
    errors.push(invalid(path.child('hostname'), hostname, 'must be a DNS name, not an IP address'));
  }
  return errors;
}
