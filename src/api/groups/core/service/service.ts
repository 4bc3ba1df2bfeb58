/**
 * Service: one stable name and address for changing pods.
 *
 * Addresses and ports are handed out by the API server's allocator in the same commit; here stand the rules
 * that need no other object. `validate-service.ts` judges, `service-update.ts` carries what a client left
 * out.
 */

import { AGE_COLUMN, labelsText, NAME_COLUMN, NONE } from '../../../meta/columns.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Service, ServicePort, ServiceSpec } from '../../../types.gen.ts';
import { validateServiceStatus, withIpModes } from './load-balancer-status.ts';
import { carryAllocated } from './service-update.ts';
import { validateService, validateServiceUpdate } from './validate-service.ts';

/** Three hours: how long a client keeps its pod with `sessionAffinity: ClientIP`. */
const AFFINITY_SECONDS = 10_800;

export const services: ResourceDefinition<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  message: 'core/v1.Service',
  nameFormat: 'dns1123Label',
  hasStatus: true,
  hasGeneration: false,
  createOnUpdate: true,
  subresources: [
    { name: 'proxy', kind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  ],
  defaults: (service) => withIpModes(defaultService(service)),
  prepareForCreate: (service) => ({ ...service, status: { loadBalancer: {} } }),
  prepareForUpdate: carryAllocated,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  selectableFieldNames: ['spec.clusterIP', 'spec.type'],
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
  columns: [
    NAME_COLUMN,
    column('Type', 'How the Service is reached.', 0, ({ spec }) => spec.type ?? ''),
    column('Cluster-IP', 'The address of the Service inside the cluster.', 0, ({ spec }) => {
      const [first = spec.clusterIP ?? ''] = spec.clusterIPs ?? [];
      return first === '' ? NONE : first;
    }),
    column('External-IP', 'Where the Service is reached from outside.', 0, externalAddress),
    column('Port(s)', 'The ports of the Service.', 0, ({ spec }) => portsText(spec.ports ?? [])),
    AGE_COLUMN,
    column('Selector', 'The labels of the pods behind the Service.', 1, ({ spec }) =>
      labelsText(spec.selector),
    ),
  ],
};

function column(
  name: string,
  description: string,
  priority: 0 | 1,
  value: (service: Service) => string,
): Column<Service> {
  return { name, type: 'string', description, priority, value };
}

function externalAddress({ spec, status }: Service): string {
  const { type, externalIPs = [], externalName = '' } = spec;
  switch (type) {
    case 'ExternalName':
      return externalName;
    case 'LoadBalancer': {
      const ingress = (status.loadBalancer.ingress ?? []).map(({ ip = '', hostname = '' }) => ip || hostname);
      const all = [...new Set(ingress)].filter((text) => text !== '').toSorted();
      return [...all, ...externalIPs].join(',') || '<pending>';
    }
    default:
      return externalIPs.join(',') || NONE;
  }
}

function portsText(ports: readonly ServicePort[]): string {
  if (ports.length === 0) return NONE;
  const text = ({ port, nodePort = 0, protocol = 'TCP' }: ServicePort): string =>
    nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`;
  return ports.map(text).join(',');
}

function defaultService(service: Service): Service {
  const { spec } = service;
  const next: ServiceSpec = { ...spec, ...defaultPolicies(spec), ...defaultPorts(spec) };
  const cleaned = spec.sessionAffinity === 'ClientIP' ? next : withoutAffinityConfig(next);
  const same = Object.keys(next).every(
    (key) => next[key as keyof ServiceSpec] === spec[key as keyof ServiceSpec],
  );
  return same && cleaned === next ? service : { ...service, spec: cleaned };
}

function withoutAffinityConfig(spec: ServiceSpec): ServiceSpec {
  if (spec.sessionAffinityConfig === undefined || spec.sessionAffinity !== 'None') return spec;
  const { sessionAffinityConfig: _dropped, ...rest } = spec;
  return rest;
}

function defaultPolicies(spec: ServiceSpec): Partial<ServiceSpec> {
  const { type } = spec;
  const external = isExternallyAccessible(spec);
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  return {
    ...(external && spec.externalTrafficPolicy === undefined ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type !== 'ExternalName' && spec.internalTrafficPolicy === undefined
      ? { internalTrafficPolicy: 'Cluster' }
      : {}),
    ...(type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === undefined
      ? { allocateLoadBalancerNodePorts: true }
      : {}),
    ...(spec.sessionAffinity === 'ClientIP' && timeout === undefined
      ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SECONDS } } }
      : {}),
  };
}

/** Whether traffic from outside of the cluster can come in. */
export function isExternallyAccessible({ type, externalIPs = [] }: ServiceSpec): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);
}

function defaultPorts({ ports }: ServiceSpec): Partial<ServiceSpec> {
  if (ports === undefined) return {};
  const isSet = ({ targetPort }: ServicePort): boolean =>
    targetPort !== undefined && targetPort !== 0 && targetPort !== '';
  if (ports.every(isSet)) return {};
  return { ports: ports.map((port) => (isSet(port) ? port : { ...port, targetPort: port.port })) };
}
