/**
 * Updates of a Service: what was allocated and the client left out stays as it was, and what belongs to the
 * old type goes with it (upstream's `patchAllocatedValues` and `dropTypeDependentFields`).
 */

import { deepEqual } from '../../../meta/equal.ts';
import type { Service, ServicePort, ServiceSpec } from '../../../types.gen.ts';

export function carryAllocated(next: Service, old: Service): Service {
  const carried = carryPorts(carryAddress(next.spec, old.spec), old.spec);
  return { ...next, spec: dropTypeDependent(carryHealthCheck(carried, old.spec), old.spec) };
}

const hasClusterIp = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';
export const hasNodePorts = ({ type }: ServiceSpec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer';
export const needsHealthCheckPort = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

function carryAddress(next: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (!hasClusterIp(next) || !hasClusterIp(old)) return next;
  const [first = ''] = next.clusterIPs ?? [];
  const given = next.clusterIP ?? '';
  if (given === '' && (first === '' || first === old.clusterIP)) {
    const { clusterIP, clusterIPs } = old;
    return {
      ...next,
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ...(clusterIPs === undefined ? {} : { clusterIPs }),
    };
  }
  // A client that knows only the one field changes both by it.
  if (given !== '' && given !== old.clusterIP && deepEqual(next.clusterIPs, old.clusterIPs)) {
    return { ...next, clusterIPs: [given] };
  }
  return given !== '' && first === '' ? { ...next, clusterIPs: [given] } : next;
}

function carryPorts(next: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (!hasNodePorts(next) || !hasNodePorts(old) || next.ports === undefined) return next;
  const used = new Set(next.ports.map((port) => port.nodePort ?? 0));
  const ports = next.ports.map((port): ServicePort => {
    if ((port.nodePort ?? 0) !== 0) return port;
    const before = (old.ports ?? []).find((p) => p.port === port.port && p.protocol === port.protocol);
    const nodePort = before?.nodePort ?? 0;
    return nodePort === 0 || used.has(nodePort) ? port : { ...port, nodePort };
  });
  return ports.every((port, i) => port === next.ports?.[i]) ? next : { ...next, ports };
}

function carryHealthCheck(next: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (!needsHealthCheckPort(next) || !needsHealthCheckPort(old)) return next;
  if ((next.healthCheckNodePort ?? 0) !== 0 || old.healthCheckNodePort === undefined) return next;
  return { ...next, healthCheckNodePort: old.healthCheckNodePort };
}

/**
 * Fields that the new type does not know are dropped, unless the client changed them: then validation
 * tells.
 */
function dropTypeDependent(next: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const dropped = new Set<keyof ServiceSpec>();
  const unchanged = (field: keyof ServiceSpec): boolean => deepEqual(next[field], old[field]);
  const drop = (field: keyof ServiceSpec, needs: (spec: ServiceSpec) => boolean): void => {
    if (needs(old) && !needs(next) && unchanged(field)) dropped.add(field);
  };
  if (hasClusterIp(old) && !hasClusterIp(next)) {
    if (unchanged('clusterIPs')) dropped.add('clusterIP').add('clusterIPs');
    if (unchanged('ipFamilies')) dropped.add('ipFamilies');
    if (unchanged('ipFamilyPolicy')) dropped.add('ipFamilyPolicy');
  }
  drop('healthCheckNodePort', needsHealthCheckPort);
  drop('allocateLoadBalancerNodePorts', ({ type }) => type === 'LoadBalancer');
  drop('loadBalancerClass', ({ type }) => type === 'LoadBalancer');
  drop(
    'externalTrafficPolicy',
    ({ type, externalIPs = [] }) => hasNodePorts({ type: type ?? 'ClusterIP' }) || externalIPs.length > 0,
  );
  drop('internalTrafficPolicy', hasClusterIp);
  const kept = Object.entries(next).filter(([field]) => !dropped.has(field as keyof ServiceSpec));
  const spec = Object.fromEntries(kept) as unknown as ServiceSpec;
  return hasNodePorts(old) && !hasNodePorts(next) ? dropNodePorts(spec, old) : spec;
}

function dropNodePorts(next: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const before = new Set((old.ports ?? []).map((port) => port.nodePort ?? 0));
  if (next.ports === undefined || next.ports.some((port) => !before.has(port.nodePort ?? 0))) return next;
  return { ...next, ports: next.ports.map(({ nodePort: _dropped, ...port }) => port) };
}
