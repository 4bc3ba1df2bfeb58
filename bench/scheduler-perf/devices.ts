/** Drivers that publish devices for nodes, and claims that have theirs from the start. */

import { nodes } from '../../src/api/groups/core/node/node.ts';
import { ALLOCATION_FINALIZER } from '../../src/api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../src/api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../../src/api/groups/resource/resource-slice/resource-slice.ts';
import type { AllocationResult, ResourceSlice } from '../../src/api/types.gen.ts';
import type { Client } from '../../src/client/client.ts';

export interface Driver {
  readonly name: string;
  /** Of nodes: what stands before the `*`. */
  readonly prefix: string;
  readonly perNode: number;
}

/** One slice a node. */
export async function publishDevices(client: Client, { name, prefix, perNode }: Driver): Promise<void> {
  const { items } = await client.list(nodes);
  const devices = Array.from({ length: perNode }, (_, i) => ({ name: `instance-${i}` }));
  for (const { metadata } of items) {
    const { name: nodeName = '' } = metadata;
    if (!nodeName.startsWith(prefix)) continue;
    await client.create(resourceSlices, {
      metadata: { name: `${nodeName}-devices` },
      spec: {
        driver: name,
        nodeName,
        pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
        devices,
      },
    });
  }
}

/** Gives each claim of a namespace the next device, one node after the other; pods that use them do not matter. */
export async function allocateClaims(client: Client, namespace: string): Promise<void> {
  const { items: slices } = await client.list(resourceSlices);
  const free = freeDevices(slices);
  const { items } = await client.list(resourceClaims, { namespace });
  for (const claim of items) {
    const allocation = free.next().value;
    if (allocation === undefined) throw new Error('more claims than devices');
    const metadata = { ...claim.metadata, finalizers: [ALLOCATION_FINALIZER] };
    const held = await client.update(resourceClaims, { ...claim, metadata });
    await client.update(resourceClaims, { ...held, status: { allocation } }, { subresource: 'status' });
  }
}

function* freeDevices(slices: readonly ResourceSlice[]): Generator<AllocationResult, undefined> {
  const most = Math.max(0, ...slices.map(({ spec }) => spec.devices?.length ?? 0));
  for (let i = 0; i < most; i++)
    for (const { spec } of slices) {
      const device = spec.devices?.[i]?.name;
      if (device === undefined) continue;
      const { driver, nodeName = '', pool } = spec;
      const here = { key: 'metadata.name', operator: 'In' as const, values: [nodeName] };
      yield {
        devices: { results: [{ request: 'req-0', driver, pool: pool.name, device }] },
        nodeSelector: { nodeSelectorTerms: [{ matchFields: [here] }] },
      };
    }
  return undefined;
}
