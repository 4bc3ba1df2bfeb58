/** For tests: a scheduler, nodes with devices, claims and pods that use them. */

import { nodes } from '../../../api/groups/core/node/node.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { deviceClasses } from '../../../api/groups/resource/device-class/device-class.ts';
import { resourceClaims } from '../../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../../../api/groups/resource/resource-slice/resource-slice.ts';
import type { Device, Pod, ResourceV1ResourceClaim } from '../../../api/types.gen.ts';
import { startTestScheduler, type TestScheduler } from '../../scheduler.fixture.ts';

export const namespace = 'default';
export const DRIVER = 'gpu.example.com';

/** Nodes with so many devices each, in order; or with these devices. */
export async function start(devices: {
  readonly [node: string]: number | readonly Device[];
}): Promise<TestScheduler> {
  const cluster = await startTestScheduler();
  for (const [name, one] of Object.entries(devices)) {
    await cluster.client.create(nodes, {
      metadata: { name },
      status: { allocatable: { cpu: '8', memory: '8Gi', pods: '10' } },
    });
    const all = typeof one === 'number' ? plainDevices(one) : one;
    if (all.length > 0) await addDevices(cluster, name, all);
  }
  const expression = `device.driver == "${DRIVER}"`;
  const spec = { selectors: [{ cel: { expression } }] };
  await cluster.client.create(deviceClasses, { metadata: { name: 'gpu' }, spec });
  return cluster;
}

export function plainDevices(count: number): readonly Device[] {
  return Array.from({ length: count }, (_, i) => ({ name: `gpu-${i}` }));
}

export async function addDevices(
  { client }: TestScheduler,
  nodeName: string,
  devices: readonly Device[],
  place: object = { nodeName },
): Promise<void> {
  await client.create(resourceSlices, {
    metadata: { name: `slice-of-${nodeName}` },
    spec: {
      driver: DRIVER,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      ...place,
      devices: [...devices],
    },
  });
}

export async function addClaim({ client }: TestScheduler, name: string, exactly: object = {}): Promise<void> {
  await client.create(resourceClaims, {
    metadata: { namespace, name },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', ...exactly } }] } },
  });
}

export async function addPod(
  { client }: TestScheduler,
  name: string,
  claim: string,
  spec: object = {},
): Promise<void> {
  await client.create(pods, {
    metadata: { namespace, name },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'c', image: 'i' }],
      resourceClaims: [{ name: 'gpu', resourceClaimName: claim }],
      ...spec,
    },
  });
}

export const podOf = ({ client }: TestScheduler, name: string): Promise<Pod> =>
  client.get(pods, { namespace, name });
export const claimOf = ({ client }: TestScheduler, name: string): Promise<ResourceV1ResourceClaim> =>
  client.get(resourceClaims, { namespace, name });
export const nodeOf = async (cluster: TestScheduler, name: string): Promise<string | undefined> =>
  (await podOf(cluster, name)).spec.nodeName;
export const messageOf = async (cluster: TestScheduler, name: string): Promise<string> =>
  (await podOf(cluster, name)).status.conditions?.[0]?.message ?? '';
