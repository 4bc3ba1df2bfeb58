/** Ingress: which requests from outside go to which Service, by host and path. */

import { legacyIpProblem, parseIp } from '../../../addresses/cidr.ts';
import { checked } from '../../../field/rules.ts';
import { invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, firstFew, NAME_COLUMN, NONE } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123SubdomainProblem } from '../../../names/names.ts';
import type { Ingress } from '../../../types.gen.ts';
import { validateIngressSpec } from './validate-ingress.ts';

const SPEC = ROOT_PATH.child('spec');
/** The older way to say which controller is meant. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const SHOWN_MAX = 3;

export const ingresses: ResourceDefinition<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  categories: [],
  namespaced: true,
  message: 'networking/v1.Ingress',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  validate: ({ spec }) => validateIngressSpec(SPEC, spec),
  validateCreate,
  validateStatusUpdate: validateStatus,
  warnings: ({ metadata, spec }, old) =>
    old === undefined &&
    metadata.annotations?.[CLASS_ANNOTATION] !== undefined &&
    spec.ingressClassName === undefined
      ? [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  columns: [
    NAME_COLUMN,
    {
      name: 'Class',
      type: 'string',
      description: 'The name of the IngressClass resource that should be used for additional configuration',
      priority: 0,
      value: ({ spec }) => spec.ingressClassName ?? NONE,
    },
    {
      name: 'Hosts',
      type: 'string',
      description: 'Hosts that incoming requests are matched against before the ingress rule',
      priority: 0,
      value: hostsText,
    },
    {
      name: 'Address',
      type: 'string',
      description: 'Where the load balancer of the ingress is reached.',
      priority: 0,
      value: addressText,
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'Ports of TLS configurations that open',
      priority: 0,
      value: ({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80'),
    },
    AGE_COLUMN,
  ],
};

/** As upstream counts: rules beyond the third host are more, whether they have a host or not. */
function hostsText({ spec: { rules = [] } }: Ingress): string {
  const hosts: string[] = [];
  for (const { host = '' } of rules) {
    if (hosts.length === SHOWN_MAX) return `${hosts.join(',')} + ${rules.length - SHOWN_MAX} more...`;
    if (host !== '') hosts.push(host);
  }
  return firstFew(hosts, SHOWN_MAX, '*');
}

function addressText({ status }: Ingress): string {
  const all = (status.loadBalancer.ingress ?? []).map(({ ip = '', hostname = '' }) => ip || hostname);
  return [...new Set(all)]
    .filter((text) => text !== '')
    .toSorted()
    .join(',');
}

function validateCreate({ metadata, spec }: Ingress): FieldError[] {
  const annotation = metadata.annotations?.[CLASS_ANNOTATION];
  const { ingressClassName } = spec;
  if (annotation === undefined || ingressClassName === undefined || annotation === ingressClassName)
    return [];
  const path = ROOT_PATH.child('annotations').child(CLASS_ANNOTATION);
  return [invalid(path, annotation, 'must match `ingressClassName` when both are specified')];
}

function validateStatus(next: Ingress, old: Ingress): FieldError[] {
  const path = ROOT_PATH.child('status', 'loadBalancer', 'ingress');
  const known = new Set((old.status.loadBalancer.ingress ?? []).map(({ ip }) => ip));
  return (next.status.loadBalancer.ingress ?? []).flatMap(({ ip = '', hostname = '' }, i) => {
    const at = path.index(i);
    const ipIsNew = ip !== '' && !known.has(ip);
    const errors = checked(at.child('ip'), ip, ipIsNew ? legacyIpProblem(ip) : undefined);
    if (hostname === '') return errors;
    errors.push(...checked(at.child('hostname'), hostname, dns1123SubdomainProblem(hostname)));
    if (parseIp(hostname) !== undefined) {
      errors.push(invalid(at.child('hostname'), hostname, 'must be a DNS name, not an IP address'));
    }
    return errors;
  });
}
