/** For tests and benchmarks: what plugins share, on collections that the test fills, and without a server. */

import { silentLogger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import { ListedInformers } from '../../client/informer/listed-informers.fixture.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { noEvents } from '../../reconcile/event-recorder.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import type { PluginContext } from './catalog.ts';
import { createPluginContext } from './context.ts';

/** Decisions write nothing. */
const NO_SERVER = {} as Client;

export function contextOf(cache: SchedulerCache, informers = new ListedInformers()): PluginContext {
  const { clock, random } = createSimulatedHost(1);
  return createPluginContext(cache, {
    client: NO_SERVER,
    informers,
    clock,
    random,
    logger: silentLogger,
    events: () => noEvents,
  });
}
