/**
 * What every cluster has from its first second: system namespaces, the default roles, a storage class, and
 * the Service of the API server itself. Idempotent: it runs at every start.
 */

import { isApiError } from '../api/meta/api-error.ts';
import { firstAddress } from '../api/addresses/addresses.ts';
import type { Draft, KubernetesObject, ResourceType } from '../api/meta/object.ts';
import { endpoints } from '../api/groups/core/endpoints/endpoints.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { services } from '../api/groups/core/service/service.ts';
import {
  priorityClasses,
  SYSTEM_PRIORITY_CLASSES,
} from '../api/groups/scheduling/priority-class/priority-class.ts';
import { storageClasses } from '../api/groups/storage/storage-class/storage-class.ts';
import { endpointSlices } from '../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { STANDARD_CLASS } from '../api/volume-binding/local-path.ts';
import { controllerRoles, DEFAULT_ROLES, ensureDefaults } from '../apiserver/authorization/default-roles.ts';
import { ensureFlowObjects } from '../apiserver/flow-control/ensure-objects.ts';
import { ensureServiceNetwork } from '../apiserver/services/service-network.ts';
import type { Clock } from '../host/host.ts';
import type { Client } from '../client/client.ts';
import type { ControllerDefinition } from '../reconcile/controller.ts';
import { ensureClusterInfo } from './cluster-info.ts';
import type { ClusterNetworks } from './control-plane.ts';

const SYSTEM_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export interface BootstrapInput {
  readonly networks: ClusterNetworks;
  readonly advertise: { readonly address: string; readonly port: number };
  /** The certificates by which the API server is recognised. */
  readonly authorityPem: string;
  readonly controllers: readonly ControllerDefinition[];
  readonly clock: Clock;
}

/** Its parts, under the names that upstream's health checks have for them. */
export const BOOTSTRAP_STEPS = [
  'start-system-namespaces-controller',
  'bootstrap-controller',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
] as const;

export type BootstrapStep = (typeof BOOTSTRAP_STEPS)[number];

/** `finished` hears of each part that is there. */
export async function bootstrap(
  client: Client,
  input: BootstrapInput,
  finished: (step: BootstrapStep) => void,
): Promise<void> {
  const run = async (step: BootstrapStep, work: () => Promise<unknown>): Promise<void> => {
    await work();
    finished(step);
  };
  const namespacesThere = run('start-system-namespaces-controller', () =>
    Promise.all(SYSTEM_NAMESPACES.map((name) => createIfMissing(client, namespaces, { metadata: { name } }))),
  );
  // All at once: their writes share a few commits. First what takes several steps, each of which waits for the
  // disk while the others are worked on.
  await Promise.all([
    namespacesThere,
    run('bootstrap-controller', () => ensureApiService(client, input, namespacesThere)),
    run('rbac/bootstrap-roles', () =>
      ensureDefaults(client, [DEFAULT_ROLES, controllerRoles(input.controllers)], namespacesThere),
    ),
    run('scheduling/bootstrap-system-priority-classes', () =>
      Promise.all(SYSTEM_PRIORITY_CLASSES.map((own) => createIfMissing(client, priorityClasses, own))),
    ),
    run('priority-and-fairness-config-producer', () => ensureFlowObjects(client)),
    ensureStorageClass(client),
    namespacesThere.then(() =>
      ensureClusterInfo(client, {
        server: serverUrl(input.advertise),
        authorityPem: input.authorityPem,
      }),
    ),
  ]);
}

function serverUrl({ address, port }: BootstrapInput['advertise']): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** For a cluster without any: one that has others has been thought about, and one that was removed stays away. */
async function ensureStorageClass(client: Client): Promise<void> {
  const { items } = await client.list(storageClasses, { limit: 1 });
  if (items.length === 0) await createIfMissing(client, storageClasses, STANDARD_CLASS);
}

/** `kubernetes.default`: how pods find the API server. */
async function ensureApiService(
  client: Client,
  { networks, advertise, clock }: BootstrapInput,
  namespacesThere: Promise<void>,
): Promise<void> {
  const { address, port } = advertise;
  const place = { name: 'kubernetes', namespace: 'default' };
  const ensureService = async (): Promise<void> => {
    await ensureServiceNetwork(client, networks.serviceCidr, clock);
    const clusterIP = firstAddress(networks.serviceCidr);
    await namespacesThere;
    await createIfMissing(client, services, {
      metadata: { ...place, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: { clusterIP, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }] },
    });
  };
  const ensureEndpoints = async (): Promise<void> => {
    // Nobody but this machine reaches a loopback address, and the API refuses it as an endpoint. The objects
    // are there nevertheless: they say that there is none, and what a start with another address left is gone.
    const addresses = address.startsWith('127.') ? [] : [address];
    const ports = [{ name: 'https', port, protocol: 'TCP' as const }];
    const subsets = [{ addresses: addresses.map((ip) => ({ ip })), ports }];
    await namespacesThere;
    await Promise.all([
      createOrReplace(client, endpoints, {
        metadata: { ...place, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
        ...(addresses.length === 0 ? {} : { subsets }),
      }),
      createOrReplace(client, endpointSlices, {
        metadata: { ...place, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
        addressType: 'IPv4',
        endpoints: addresses.map((ready) => ({ addresses: [ready], conditions: { ready: true } })),
        ports,
      }),
    ]);
  };
  await Promise.all([ensureService(), ensureEndpoints()]);
}

async function createIfMissing<T extends KubernetesObject>(
  client: Client,
  type: ResourceType<T>,
  object: Draft<T>,
): Promise<void> {
  const { name = '', namespace } = (object as { metadata: { name?: string; namespace?: string } }).metadata;
  try {
    await client.get(type, { namespace, name });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    await client.create(type, object);
  }
}

/** The address may have changed since the last start. */
async function createOrReplace<T extends KubernetesObject>(
  client: Client,
  type: ResourceType<T>,
  object: Draft<T>,
): Promise<void> {
  try {
    await client.create(type, object);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
    const { apiVersion, kind } = {
      apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
      kind: type.kind,
    };
    await client.update(type, { apiVersion, kind, ...object } as unknown as T);
  }
}
