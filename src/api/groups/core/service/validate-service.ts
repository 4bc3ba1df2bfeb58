/** Rules for Services, worded as upstream words them (`ValidateService`, `ValidateServiceUpdate`). Pure. */

import { ipVersion } from '../../../addresses/ip-version.ts';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  type FieldError,
} from '../../../field/field-error.ts';
import { labelKeyProblem, labelValueProblem } from '../../../labels/selector.ts';
import { dns1123SubdomainProblem } from '../../../names/names.ts';
import type { Service, ServiceSpec } from '../../../types.gen.ts';
import { endpointIpProblem } from '../endpoints/endpoint-ip.ts';
import { hasNodePorts, needsHealthCheckPort } from './service-update.ts';
import { validateServicePorts } from './validate-service-ports.ts';

const SPEC = ROOT_PATH.child('spec');
const CLUSTER_IPS = SPEC.child('clusterIPs');
const AFFINITY_SECONDS_MAX = 86_400;
const DISTRIBUTIONS: readonly string[] = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];

export const isHeadless = ({ clusterIPs = [], clusterIP }: ServiceSpec): boolean =>
  (clusterIPs[0] ?? clusterIP) === 'None';

export function validateService({ spec }: Service): FieldError[] {
  return [
    ...validateType(spec),
    ...validateServicePorts(spec, isHeadless(spec)),
    ...validateSelector(spec),
    ...validateAffinity(spec),
    ...validateAddresses(spec),
    ...validateExternalIps(spec),
    ...validateTraffic(spec),
    ...validateLoadBalancer(spec),
  ];
}

function validateType(spec: ServiceSpec): FieldError[] {
  switch (spec.type) {
    case 'LoadBalancer':
    case 'NodePort': {
      if (!isHeadless(spec)) return [];
      const detail = `may not be set to 'None' for ${spec.type} services`;
      return [invalid(CLUSTER_IPS.index(0), 'None', detail)];
    }
    case 'ExternalName': {
      const errors: FieldError[] = [];
      const detail = 'may not be set for ExternalName services';
      if ((spec.clusterIPs ?? []).length > 0) errors.push(forbidden(CLUSTER_IPS, detail));
      if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden(SPEC.child('ipFamilies'), detail));
      if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden(SPEC.child('ipFamilyPolicy'), detail));
      const { externalName = '' } = spec;
      const problem = dns1123SubdomainProblem(externalName.replace(/\.$/, ''));
      const path = SPEC.child('externalName');
      if (externalName === '') errors.push(required(path));
      else if (problem !== undefined) errors.push(invalid(path, externalName, problem));
      return errors;
    }
    default:
      return [];
  }
}

function validateSelector({ selector = {} }: ServiceSpec): FieldError[] {
  const path = SPEC.child('selector');
  return Object.entries(selector).flatMap(([key, value]) => {
    const errors: FieldError[] = [];
    const keyProblem = labelKeyProblem(key);
    if (keyProblem !== undefined) errors.push(invalid(path, key, keyProblem));
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) errors.push(invalid(path, value, valueProblem));
    return errors;
  });
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  const path = SPEC.child('sessionAffinityConfig');
  if (sessionAffinity === 'None') {
    return config === undefined ? [] : [forbidden(path, "must not be set when session affinity is 'None'")];
  }
  const seconds = config?.clientIP?.timeoutSeconds;
  const at = path.child('clientIP', 'timeoutSeconds');
  if (seconds === undefined) return [required(at, "must be set when session affinity is 'ClientIP'")];
  if (seconds > 0 && seconds <= AFFINITY_SECONDS_MAX) return [];
  return [invalid(at, seconds, `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`)];
}

function validateAddresses(spec: ServiceSpec): FieldError[] {
  const { clusterIPs = [], clusterIP = '', ipFamilies = [] } = spec;
  const errors: FieldError[] = [];
  const [first = ''] = clusterIPs;
  if (spec.type !== 'ExternalName' && clusterIP !== first && clusterIPs.length > 0) {
    const detail = 'first value must match `clusterIP`';
    errors.push(invalid(CLUSTER_IPS, [...clusterIPs], detail));
  }
  if (clusterIPs.length > 2) {
    errors.push(invalid(CLUSTER_IPS, [...clusterIPs], 'may only hold up to 2 values'));
  }
  for (const [i, ip] of clusterIPs.entries()) {
    if (ip === 'None') {
      if (i > 0) errors.push(invalid(CLUSTER_IPS.index(i), ip, "'None' must be the first and only value"));
      else if (clusterIPs.length > 1) {
        errors.push(invalid(CLUSTER_IPS, [...clusterIPs], "'None' must be the first and only value"));
      }
    } else if (ipVersion(ip) === 0) {
      const detail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
      errors.push(invalid(CLUSTER_IPS.index(i), ip, detail));
    }
  }
  const families = SPEC.child('ipFamilies');
  if (ipFamilies.length > 2) errors.push(invalid(families, [...ipFamilies], 'may only hold up to 2 values'));
  if (ipFamilies.length === 2 && ipFamilies[0] === ipFamilies[1]) {
    errors.push(duplicate(families.index(1), ipFamilies[1]));
  }
  return errors;
}

function validateExternalIps({ externalIPs = [] }: ServiceSpec): FieldError[] {
  return externalIPs.flatMap((ip, i) => {
    const problem = endpointIpProblem(ip);
    return problem === undefined ? [] : [invalid(SPEC.child('externalIPs').index(i), ip, problem)];
  });
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy, healthCheckNodePort = 0, trafficDistribution } = spec;
  const errors: FieldError[] = [];
  const accessible = hasNodePorts(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  if (!accessible && externalTrafficPolicy !== undefined) {
    const detail = 'may only be set for externally-accessible services';
    errors.push(invalid(SPEC.child('externalTrafficPolicy'), externalTrafficPolicy, detail));
  }
  if (!needsHealthCheckPort(spec) && healthCheckNodePort !== 0) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid(SPEC.child('healthCheckNodePort'), healthCheckNodePort, detail));
  }
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    errors.push(notSupported(SPEC.child('trafficDistribution'), trafficDistribution, DISTRIBUTIONS));
  }
  return errors;
}

function validateLoadBalancer(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const detail = "may only be used when `type` is 'LoadBalancer'";
  const isBalancer = spec.type === 'LoadBalancer';
  if (!isBalancer && (spec.loadBalancerSourceRanges ?? []).length > 0) {
    errors.push(forbidden(SPEC.child('loadBalancerSourceRanges'), detail));
  }
  if (!isBalancer && spec.allocateLoadBalancerNodePorts !== undefined) {
    errors.push(forbidden(SPEC.child('allocateLoadBalancerNodePorts'), detail));
  }
  if (!isBalancer && spec.loadBalancerClass !== undefined) {
    errors.push(forbidden(SPEC.child('loadBalancerClass'), detail));
  }
  for (const [i, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    const [address = '', bits = ''] = range.trim().split('/');
    const version = ipVersion(address);
    if (version !== 0 && /^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)) continue;
    const problem = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
    errors.push(invalid(SPEC.child('loadBalancerSourceRanges').index(i), range, problem));
  }
  return errors;
}

export function validateServiceUpdate(next: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const [before = ''] = old.spec.clusterIPs ?? [];
  const [after = ''] = next.spec.clusterIPs ?? [];
  const keepsAddress = old.spec.type !== 'ExternalName' && next.spec.type !== 'ExternalName';
  if (keepsAddress && before !== '' && before !== after) {
    errors.push(
      after === ''
        ? invalid(CLUSTER_IPS.index(0), after, 'primary clusterIP can not be unset')
        : invalid(CLUSTER_IPS.index(0), after, 'may not change once set'),
    );
  }
  const bothBalance = next.spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer';
  if (bothBalance && next.spec.loadBalancerClass !== old.spec.loadBalancerClass) {
    const path = SPEC.child('loadBalancerClass');
    errors.push(invalid(path, next.spec.loadBalancerClass, 'may not change once set'));
  }
  return errors;
}
