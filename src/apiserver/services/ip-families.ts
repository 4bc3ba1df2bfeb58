/** `ipFamilies` and `ipFamilyPolicy` of Services in a cluster whose service network is IPv4. */

import { invalid, type FieldError } from '../../api/field/field-error.ts';
import type { ServiceSpec } from '../../api/types.gen.ts';

/** Fills in both; what the cluster cannot do is added to `errors`. */
export function defaultFamilies(spec: ServiceSpec, errors: FieldError[]): ServiceSpec {
  if (spec.type === 'ExternalName') return spec;
  const { ipFamilies = [], ipFamilyPolicy } = spec;
  if (isHeadlessWithoutSelector(spec)) {
    // Its endpoints are whatever their owner says, of any family.
    const policy = ipFamilyPolicy ?? 'RequireDualStack';
    const both = policy === 'SingleStack' ? (['IPv4'] as const) : (['IPv4', 'IPv6'] as const);
    return complete(spec, ipFamilies.length === 0 ? both : ipFamilies, policy);
  }
  if (ipFamilyPolicy === 'RequireDualStack') {
    const detail = 'this cluster is not configured for dual-stack services';
    errors.push(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, detail));
  }
  const foreign = ipFamilies.indexOf('IPv6');
  if (foreign >= 0)
    errors.push(invalid(`spec.ipFamilies[${foreign}]`, 'IPv6', 'not configured on this cluster'));
  return complete(spec, ipFamilies.length === 0 ? ['IPv4'] : ipFamilies, ipFamilyPolicy ?? 'SingleStack');
}

function isHeadlessWithoutSelector({ clusterIP, clusterIPs = [], selector = {} }: ServiceSpec): boolean {
  return (clusterIPs[0] ?? clusterIP) === 'None' && Object.keys(selector).length === 0;
}

function complete(
  spec: ServiceSpec,
  ipFamilies: NonNullable<ServiceSpec['ipFamilies']>,
  ipFamilyPolicy: NonNullable<ServiceSpec['ipFamilyPolicy']>,
): ServiceSpec {
  if (spec.ipFamilyPolicy === ipFamilyPolicy && spec.ipFamilies?.length === ipFamilies.length) return spec;
  return { ...spec, ipFamilies, ipFamilyPolicy };
}
