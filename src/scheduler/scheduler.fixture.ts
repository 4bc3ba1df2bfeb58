/**
 * For tests: an API server on a memory store with the default scheduler, which may do what its roles say and
 * no more, all on virtual time. Whoever else takes part (binders, provisioners, kubelets) the test plays.
 */

import { assert } from '../base/assert.ts';
import { silentLogger } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { POD_GROUP_KINDS } from '../api/catalog.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { loadBuiltInSchemas } from '../api/schema/built-in.ts';
import type { Client } from '../client/client.ts';
import type { DirectClient } from '../client/direct/direct-client.ts';
import { SharedInformers } from '../client/informer/shared-informers.ts';
import type { SimulatedHost } from '../host/simulated/simulated.ts';
import { RbacAuthorizer, type RoleSource } from '../apiserver/authorization/rbac.ts';
import { SYSTEM_BINDINGS, SYSTEM_ROLES } from '../apiserver/authorization/system-roles.ts';
import { createTestPipeline } from '../apiserver/pipeline.fixture.ts';
import { podBindingHandler } from '../apiserver/subresources/pod-binding.ts';
import { defaultPlugins, defaultProfiles, optionalPlugin, type PluginContext } from './plugins/catalog.ts';
import { GANG_SCHEDULING } from './plugins/gang-scheduling/gang-scheduling.ts';
import { Profile } from './profile.ts';
import { Scheduler } from './scheduler.ts';

export interface TestScheduler {
  readonly host: SimulatedHost;
  /** Of the administrator. */
  readonly client: DirectClient;
  readonly scheduler: Scheduler;
  /** `reason: message` of every event, oldest first. */
  readonly events: readonly string[];
  /** Lets virtual time pass, and everything that is due happen. */
  advance(by: number | string): Promise<void>;
  /** From now on the scheduler's writes of a kind, by its plural, are refused with this error. */
  refuse(plural: string, error: Error | undefined): void;
  stop(): Promise<void>;
}

const SCHEMAS = loadBuiltInSchemas();

export interface TestSchedulerOptions {
  readonly seed?: number;
  /** Serves groups and schedules them, with GangScheduling among the plugins. */
  readonly groups?: boolean;
  readonly sliceMs?: number;
}

export async function startTestScheduler({
  seed = 1,
  groups = false,
  sliceMs,
}: TestSchedulerOptions = {}): Promise<TestScheduler> {
  const { host, client, clientOf } = createTestPipeline(
    () => ({ subresources: [podBindingHandler(SCHEMAS)], authorizer: new RbacAuthorizer(SYSTEM) }),
    { seed, kinds: groups ? POD_GROUP_KINDS : [] },
  );
  await client.create(namespaces, { metadata: { name: 'default' } });
  const refusals = new Map<string, Error>();
  const reader = clientOf({ name: 'system:kube-scheduler', groups: [] });
  const own = refusing(reader, refusals);
  const { clock, random } = host;
  const informers = new SharedInformers({ client: reader, clock, logger: silentLogger, bookmarks: false });
  const events: string[] = [];
  const scheduler = new Scheduler({
    client: own,
    informers,
    clock,
    random,
    logger: silentLogger,
    metrics: noMetrics,
    events: () => ({ record: (_of, _type, reason, message) => void events.push(`${reason}: ${message}`) }),
    profiles: groups ? gangProfiles : defaultProfiles,
    schedulesGroups: groups,
    ...(sliceMs === undefined ? {} : { sliceMs }),
  });
  const stop = new AbortController();
  informers.start(stop.signal);
  const done = scheduler.start(stop.signal);
  await clock.advance(100);
  return {
    host,
    client,
    scheduler,
    events,
    advance: (by) => clock.advance(by),
    refuse: (plural, error) => {
      if (error === undefined) refusals.delete(plural);
      else refusals.set(plural, error);
    },
    stop: async () => {
      stop.abort();
      await clock.settle();
      await done;
    },
  };
}

function gangProfiles(context: PluginContext): readonly Profile[] {
  const gangs = optionalPlugin(GANG_SCHEDULING, context);
  assert(gangs !== undefined, 'the plugin is there');
  const plugins = [...defaultPlugins(context), gangs];
  return [new Profile({ schedulerName: 'default-scheduler', plugins, preemption: {} })];
}

function refusing(client: DirectClient, refusals: ReadonlyMap<string, Error>): Client {
  const proxy = Object.create(client) as Client;
  const write = async <R>(plural: string, work: () => Promise<R>): Promise<R> => {
    const error = refusals.get(plural);
    if (error !== undefined) throw error;
    return work();
  };
  proxy.get = (...call) => client.get(...call);
  proxy.list = (type, request) => client.list(type, request);
  proxy.delete = (...call) => client.delete(...call);
  proxy.create = (type, ...rest) => write(type.plural, () => client.create(type, ...rest));
  proxy.update = (type, ...rest) => write(type.plural, () => client.update(type, ...rest));
  proxy.patch = (type, ...rest) => write(type.plural, () => client.patch(type, ...rest));
  proxy.createSubresource = (type, ref, subresource, body) =>
    write(`${type.plural}/${subresource}`, () => client.createSubresource(type, ref, subresource, body));
  return proxy;
}

/** As a new cluster has them. */
const SYSTEM: RoleSource = {
  clusterBindings: () =>
    SYSTEM_BINDINGS.map(({ name, role, subjects }) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      subjects,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    })),
  bindings: () => [],
  rules: (ref) => SYSTEM_ROLES.find(({ name }) => name === ref.name)?.rules ?? [],
};
