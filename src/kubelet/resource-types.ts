/** The collections of the API that a node reads and writes. */

import type { ResourceType } from '../api/meta/object.ts';
import type { ConfigMap, Lease, Node, Pod, Secret, Service, ServiceAccount } from '../api/types.gen.ts';

const core = { group: '', version: 'v1' } as const;

export const PODS: ResourceType<Pod> = { ...core, kind: 'Pod', plural: 'pods', namespaced: true };
export const NODES: ResourceType<Node> = { ...core, kind: 'Node', plural: 'nodes', namespaced: false };
export const SERVICES: ResourceType<Service> = {
  ...core,
  kind: 'Service',
  plural: 'services',
  namespaced: true,
};
export const SECRETS: ResourceType<Secret> = { ...core, kind: 'Secret', plural: 'secrets', namespaced: true };
export const CONFIG_MAPS: ResourceType<ConfigMap> = {
  ...core,
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
export const SERVICE_ACCOUNTS: ResourceType<ServiceAccount> = {
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};
export const LEASES: ResourceType<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};
