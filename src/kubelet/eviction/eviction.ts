/**
 * Which pod must go when the node runs short of memory or disk; pure. Thresholds, order and words are
 * upstream's.
 *
 * Order: those that use more than they have asked for first, then lower priority, then the larger excess.
 */

import { formatQuantity, quantityFromValue } from '../../api/quantity/quantity.ts';
import type { Pod } from '../../api/types.gen.ts';
import { amounts } from '../containers/resources.ts';
import type { MachineUsage } from '../system/system.ts';

export const MEMORY_MIN_BYTES = 100 * 2 ** 20;
export const STORAGE_MIN_SHARE = 0.1;
const INODES_MIN_SHARE = 0.05;
/** Static and critical pods are not evicted (`system-cluster-critical` and above). */
const CRITICAL_PRIORITY = 2_000_000_000;

export interface Shortage {
  readonly resource: 'memory' | 'ephemeral-storage' | 'inodes';
  readonly thresholdText: string;
  readonly availableText: string;
}

export interface ContainerUse {
  readonly name: string;
  readonly memoryBytes: number;
  readonly storageBytes: number;
}

export interface PodUse {
  readonly pod: Pod;
  readonly containers: readonly ContainerUse[];
}

export function shortage(usage: MachineUsage): Shortage | undefined {
  if (usage.memoryAvailableBytes < MEMORY_MIN_BYTES)
    return {
      resource: 'memory',
      thresholdText: bytesText(MEMORY_MIN_BYTES),
      availableText: bytesText(usage.memoryAvailableBytes),
    };
  const storageMin = Math.floor(usage.storageBytes * STORAGE_MIN_SHARE);
  if (usage.storageAvailableBytes < storageMin)
    return {
      resource: 'ephemeral-storage',
      thresholdText: bytesText(storageMin),
      availableText: bytesText(usage.storageAvailableBytes),
    };
  const inodesMin = Math.floor(usage.inodes * INODES_MIN_SHARE);
  if (usage.inodesFree < inodesMin)
    return { resource: 'inodes', thresholdText: String(inodesMin), availableText: String(usage.inodesFree) };
  return undefined;
}

export interface Eviction {
  readonly pod: Pod;
  readonly message: string;
}

export function chooseVictim(need: Shortage, uses: readonly PodUse[]): Eviction | undefined {
  const ranked = uses
    .filter(({ pod }) => (pod.spec.priority ?? 0) < CRITICAL_PRIORITY)
    .map((use) => ({ use, excess: used(use, need) - requested(use.pod, need) }))
    .toSorted(
      (a, b) =>
        Number(b.excess > 0) - Number(a.excess > 0) ||
        (a.use.pod.spec.priority ?? 0) - (b.use.pod.spec.priority ?? 0) ||
        b.excess - a.excess,
    );
  const [victim] = ranked;
  if (victim === undefined) return undefined;
  return { pod: victim.use.pod, message: evictionMessage(need, victim.use) };
}

function evictionMessage(need: Shortage, { pod, containers }: PodUse): string {
  const { resource, thresholdText, availableText } = need;
  const head = `The node was low on resource: ${resource}. Threshold quantity: ${thresholdText}, available: ${availableText}. `;
  if (resource === 'inodes') return head;
  const over = containers.flatMap((use) => {
    const spec = pod.spec.containers.find(({ name }) => name === use.name);
    const request = resource === 'memory' && spec !== undefined ? amounts(spec.resources).memoryRequest : 0;
    const amount = resource === 'memory' ? use.memoryBytes : use.storageBytes;
    if (amount <= request) return [];
    const asked = request === 0 ? '0' : bytesText(request);
    return [
      `Container ${use.name} was using ${bytesText(amount)}, request is ${asked}, has larger consumption of ${resource}. `,
    ];
  });
  return head + over.join('');
}

function used({ containers }: PodUse, { resource }: Shortage): number {
  return containers.reduce(
    (sum, { memoryBytes, storageBytes }) => sum + (resource === 'memory' ? memoryBytes : storageBytes),
    0,
  );
}

function requested({ spec }: Pod, { resource }: Shortage): number {
  if (resource !== 'memory') return 0;
  return spec.containers.reduce((sum, { resources }) => sum + amounts(resources).memoryRequest, 0);
}

/** `102400Ki`: as upstream rounds what it shows. */
function bytesText(bytes: number): string {
  return formatQuantity(quantityFromValue(Math.floor(bytes / 1024) * 1024, 'BinarySI'));
}
