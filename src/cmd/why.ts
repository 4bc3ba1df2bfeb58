/**
 * `k8ts why pod NAME`: asks the scheduler's own plugins about the cluster as it is now. A pod that has a node is
 * judged as if it were not there yet.
 */

import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { podDisruptionBudgets } from '../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import type { Pod } from '../api/types.gen.ts';
import { silentLogger } from '../base/log.ts';
import { SharedInformers } from '../client/informer/shared-informers.ts';
import { SchedulerCache } from '../scheduler/cache/cache.ts';
import { explain, type Explanation } from '../scheduler/explain/explain.ts';
import { defaultProfiles } from '../scheduler/plugins/catalog.ts';
import { createPluginContext } from '../scheduler/plugins/context.ts';
import { asAdministrator, type Administration } from './admin-client.ts';
import { UsageError } from './settings.ts';
import { whyPodText } from './why-text.ts';

export interface WhyFlags {
  readonly dataDir?: string;
  readonly namespace: string;
  readonly output?: string;
}

export async function runWhy(kind: string, name: string, flags: WhyFlags): Promise<void> {
  if (!/^(pod|pods|po)$/.test(kind)) throw new UsageError(`why ${kind}: there is an answer for pods only`);
  if (flags.output !== undefined && flags.output !== 'json')
    throw new UsageError(`--output ${flags.output}: must be json`);
  const [namespace = '', podName = ''] = name.includes('/') ? name.split('/') : [flags.namespace, name];
  await asAdministrator(flags, 'k8ts/why', async (administration) => {
    const pod = await administration.api.get(pods, { namespace, name: podName });
    const explanation = await explanationOf(administration, pod);
    process.stdout.write(
      flags.output === 'json' ? `${JSON.stringify(explanation, null, 2)}\n` : whyPodText(pod, explanation),
    );
  });
}

async function explanationOf({ api, host }: Administration, pod: Pod): Promise<Explanation> {
  const stop = new AbortController();
  const informers = new SharedInformers({ client: api, clock: host.clock, logger: silentLogger });
  const [nodeList, podList, namespaceList, budgetList] = [
    informers.of(nodes),
    informers.of(pods),
    informers.of(namespaces),
    informers.of(podDisruptionBudgets),
  ];
  const cache = new SchedulerCache();
  const context = createPluginContext(cache, { client: api, informers, clock: host.clock });
  informers.start(stop.signal);
  await informers.waitForSync(stop.signal);
  for (const { metadata } of namespaceList.list()) cache.setNamespace(metadata.name ?? '', metadata.labels);
  for (const node of nodeList.list()) cache.setNode(node);
  for (const other of podList.list()) if (other.metadata.uid !== pod.metadata.uid) cache.setPod(other);
  const [profile] = defaultProfiles(context);
  stop.abort();
  if (profile === undefined) throw new UsageError('there is no scheduler profile');
  // As it was before it had a node.
  const { nodeName: _has, ...spec } = pod.spec;
  return explain({ pod: { ...pod, spec }, cache, profile, budgets: budgetList.list() });
}
