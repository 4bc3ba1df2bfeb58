/** For tests: pods with claims of one device each, and a scheduler that is played by the test. */

import { isApiError } from '../../api/meta/api-error.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import {
  ALLOCATION_FINALIZER,
  usedClaimNames,
  withReservation,
} from '../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceClaimTemplates } from '../../api/groups/resource/resource-claim-template/resource-claim-template.ts';
import type { Pod, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import { unlessGone, type TestCluster } from '../cluster.fixture.ts';

export const namespace = 'default';
const DEVICES = { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] };

export async function addTemplate({ client }: TestCluster): Promise<void> {
  await client.create(resourceClaimTemplates, {
    metadata: { namespace, name: 'one-gpu' },
    spec: { metadata: { labels: { team: 'a' }, annotations: { note: 'n' } }, spec: { devices: DEVICES } },
  });
}

export async function addClaim({ client }: TestCluster, name: string): Promise<ResourceV1ResourceClaim> {
  return client.create(resourceClaims, { metadata: { namespace, name }, spec: { devices: DEVICES } });
}

export const FROM_TEMPLATE = { resourceClaimTemplateName: 'one-gpu' };

export async function addPod({ client }: TestCluster, name: string, claim: object, nodeName?: string) {
  await client.create(pods, {
    metadata: { namespace, name },
    spec: {
      containers: [{ name: 'c', image: 'i', resources: { claims: [{ name: 'gpu' }] } }],
      resourceClaims: [{ name: 'gpu', ...claim }],
      ...(nodeName === undefined ? {} : { nodeName }),
    },
  });
}

export async function podOf({ client }: TestCluster, name: string): Promise<Pod> {
  return client.get(pods, { namespace, name });
}

export async function claimsIn({ client }: TestCluster): Promise<readonly ResourceV1ResourceClaim[]> {
  return (await client.list(resourceClaims)).items;
}

/** What the scheduler writes. */
export async function allocate(
  { client }: TestCluster,
  claim: ResourceV1ResourceClaim,
  device: string,
  ...users: readonly Pod[]
): Promise<void> {
  const metadata = { ...claim.metadata, finalizers: [ALLOCATION_FINALIZER] };
  const held = await client.update(resourceClaims, { ...claim, metadata });
  const results = [{ request: 'gpu', driver: 'gpu.example.com', pool: 'p', device }];
  let status: ResourceV1ResourceClaim['status'] = { allocation: { devices: { results } } };
  for (const user of users) status = withReservation({ ...held, status }, user);
  await client.update(resourceClaims, { ...held, status }, { subresource: 'status' });
}

/** Gives the pod its device and a node, unless its claim is not there, or the controller is faster. */
export async function schedule(cluster: TestCluster, pod: Pod): Promise<void> {
  try {
    await trySchedule(cluster, pod);
  } catch (error) {
    if (!isApiError(error, 'Conflict')) throw error;
  }
}

async function trySchedule(cluster: TestCluster, pod: Pod): Promise<void> {
  const { client } = cluster;
  const [name] = usedClaimNames(pod);
  const all = await claimsIn(cluster);
  const claim = all.find(({ metadata }) => metadata.name === name);
  if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
  if (claim.status.allocation === undefined) {
    const used = all.flatMap(devicesOf);
    await allocate(cluster, claim, FREE.find((device) => !used.includes(device)) ?? '', pod);
  } else {
    const next = { ...claim, status: withReservation(claim, pod) };
    await client.update(resourceClaims, next, { subresource: 'status' });
  }
  const target = { apiVersion: 'v1', kind: 'Node', name: 'n' };
  const { name: podName = '' } = pod.metadata;
  const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: podName, namespace }, target };
  await client.createSubresource(pods, { namespace, name: podName }, 'binding', body);
}

const FREE = Array.from({ length: 50 }, (_, i) => `d${i}`);

export function devicesOf({ status }: ResourceV1ResourceClaim): readonly string[] {
  return (status.allocation?.devices.results ?? []).map(({ device }) => device);
}

export async function finish({ client }: TestCluster, name: string): Promise<void> {
  const body = { status: { phase: 'Succeeded' } };
  await unlessGone(
    client.patch(pods, { namespace, name }, { type: 'merge', body }, { subresource: 'status' }),
  );
}
