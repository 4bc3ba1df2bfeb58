/** What the plugins of all profiles of one scheduler share. */

import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { Informers } from '../../client/informer/informer.ts';
import type { Clock, Random } from '../../host/host.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import { ClaimBinder } from '../devices/claim-binder.ts';
import { ClaimWaiting } from '../devices/claim-waiting.ts';
import { DeviceCatalog } from '../devices/device-catalog.ts';
import { PodGroups } from '../groups/pod-groups.ts';
import { VolumeBinder } from '../volumes/volume-binder.ts';
import { VolumeCatalog } from '../volumes/volume-catalog.ts';
import type { PluginContext } from './catalog.ts';
import { createWorkloadSelector } from './pod-topology-spread/workload-selector.ts';

export interface ContextOptions {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** By the name of the scheduler that speaks. */
  readonly events: (schedulerName: string) => EventRecorder;
}

export function createPluginContext(cache: SchedulerCache, options: ContextOptions): PluginContext {
  const catalog = new VolumeCatalog(options.informers);
  let groups: PodGroups | undefined;
  return {
    cache,
    workloadSelector: createWorkloadSelector(options.informers),
    volumes: catalog,
    volumeBinder: new VolumeBinder({ ...options, catalog }),
    podGroups: () => (groups ??= new PodGroups(options.informers)),
    devices: {
      catalog: new DeviceCatalog(options.informers),
      binder: new ClaimBinder(options),
      waiting: new ClaimWaiting(options.informers, options.clock),
      clock: options.clock,
      random: options.random,
      events: options.events,
    },
  };
}
