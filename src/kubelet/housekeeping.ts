/**
 * What a node does for itself from time to time: rotates logs, removes unused images, evicts pods when it
 * runs short.
 *
 * Each task runs on its own interval; a failure is told and does not stop the others.
 */

import { errorText } from '../base/log.ts';
import type { NodeContext } from './containers/node-context.ts';
import { chooseVictim, shortage, type PodUse } from './eviction/eviction.ts';
import { mountedImages } from './image-volumes/image-mount.ts';
import { ImageCollector } from './images/image-gc.ts';
import { readUsage } from './operations/stats.ts';
import { CONTAINER_NAME_LABEL, POD_UID_LABEL } from './pods/pod-names.ts';
import type { Pods } from './pods/pods.ts';
import { runningContainers } from './pods/observed-pod.ts';

const LOGS_MS = 10_000;
const IMAGES_MS = 5 * 60_000;

export async function runHousekeeping(context: NodeContext, pods: Pods, signal: AbortSignal): Promise<void> {
  const { clock } = context.host;
  const images = new ImageCollector(context.runtime);
  const every = async (intervalMs: number, what: string, task: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(intervalMs, signal);
      if (signal.aborted) return;
      try {
        await task();
      } catch (error) {
        context.logger.warn(`cannot ${what}: ${errorText(error)}`);
      }
    }
  };
  await Promise.all([
    // Logs in memory need no rotation.
    ...(context.logs.rotate === undefined ? [] : [every(LOGS_MS, 'rotate logs', () => rotateLogs(context))]),
    every(context.settings.heartbeatMs, "look after the node's resources", () => evict(context, pods)),
    every(Math.max(IMAGES_MS, context.settings.heartbeatMs), 'remove unused images', () =>
      collectImages(context, images),
    ),
  ]);
}

async function rotateLogs({ view, logs, runtime, host }: NodeContext): Promise<void> {
  for (const pod of view.pods()) {
    for (const container of runningContainers(pod))
      await logs.rotate?.(container, host.clock.now(), () => runtime.reopenContainerLog(container.id));
  }
}

async function collectImages(
  { system, settings, host, logger, view }: NodeContext,
  images: ImageCollector,
): Promise<void> {
  const { storageBytes, storageAvailableBytes } = await system.usage(settings.rootFolder);
  const fill = { totalBytes: storageBytes, availableBytes: storageAvailableBytes };
  const inVolumes = mountedImages(view.pods().flatMap(({ containers }) => containers));
  const removed = await images.collect(fill, inVolumes, host.clock.now());
  if (removed.length > 0) logger.info(`removed ${removed.length} unused images to free disk space`);
}

/** One pod per round: what it frees shows in the next. */
async function evict(context: NodeContext, pods: Pods): Promise<void> {
  const need = shortage(await context.system.usage(context.settings.rootFolder));
  if (need === undefined) return;
  const { containers } = await readUsage(context);
  const uses = pods.active().map((pod): PodUse => {
    const own = containers.filter(({ attributes }) => attributes.labels[POD_UID_LABEL] === pod.metadata.uid);
    return {
      pod,
      containers: own.map(({ attributes, memory, writableLayer }) => ({
        name: attributes.labels[CONTAINER_NAME_LABEL] ?? attributes.metadata.name,
        memoryBytes: memory?.workingSetBytes ?? 0,
        storageBytes: writableLayer?.usedBytes ?? 0,
      })),
    };
  });
  const eviction = chooseVictim(need, uses);
  if (eviction === undefined) return;
  const { pod, message } = eviction;
  context.tell(pod, undefined, 'Warning', 'Evicted', message);
  context.logger.warn(`evicting pod ${pod.metadata.namespace}/${pod.metadata.name}: ${message}`);
  pods.get(pod.metadata.uid ?? '')?.fail({ reason: 'Evicted', message }, 1);
}
