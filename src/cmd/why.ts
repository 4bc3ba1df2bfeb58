/**
 * `k8ts why KIND NAME`: asks the server what holds an object back (`explain.k8ts.dev`), and for pods what the
 * scheduler's own plugins say of every node. A pod that has a node is judged as if it were not there yet.
 */

import { podScheduling, progressOf, type ExplainedPlural } from '../api/groups/explain/explain.ts';
import { isApiError } from '../api/meta/api-error.ts';
import type { PodScheduling } from '../api/types.gen.ts';
import { asAdministrator, type Administration } from './admin-client.ts';
import { UsageError } from './settings.ts';
import { whyText } from './why-text.ts';

export interface WhyFlags {
  readonly dataDir?: string;
  readonly namespace: string;
  readonly output?: string;
}

const PLURALS: readonly (readonly [ExplainedPlural, readonly string[]])[] = [
  ['cronjobs', ['cronjob', 'cj']],
  ['daemonsets', ['daemonset', 'ds']],
  ['deployments', ['deployment', 'deploy']],
  ['horizontalpodautoscalers', ['horizontalpodautoscaler', 'hpa']],
  ['jobs', ['job']],
  ['namespaces', ['namespace', 'ns']],
  ['persistentvolumeclaims', ['persistentvolumeclaim', 'pvc']],
  ['pods', ['pod', 'po']],
  ['replicasets', ['replicaset', 'rs']],
  ['services', ['service', 'svc']],
  ['statefulsets', ['statefulset', 'sts']],
];

export async function runWhy(kind: string, name: string, flags: WhyFlags): Promise<void> {
  const plural = pluralOf(kind);
  if (flags.output !== undefined && flags.output !== 'json')
    throw new UsageError(`--output ${flags.output}: must be json`);
  const [namespace = '', objectName = ''] = name.includes('/') ? name.split('/') : [flags.namespace, name];
  const ref = { namespace, name: objectName };
  await asAdministrator(flags, 'k8ts/why', async ({ api }) => {
    const progress = await api.get(progressOf(plural), ref, { subresource: 'progress' });
    const scheduling = plural === 'pods' ? await schedulingOf(api, ref) : undefined;
    process.stdout.write(
      flags.output === 'json'
        ? `${JSON.stringify(scheduling === undefined ? progress : { progress, scheduling }, null, 2)}\n`
        : whyText(progress, scheduling),
    );
  });
}

function pluralOf(kind: string): ExplainedPlural {
  const wanted = kind.toLowerCase();
  const found = PLURALS.find(([plural, others]) => plural === wanted || others.includes(wanted));
  if (found !== undefined) return found[0];
  const known = PLURALS.map(([, [singular = '']]) => singular).join(', ');
  throw new UsageError(`why ${kind}: there is an answer for ${known}`);
}

/** Undefined for pods of schedulers that are not this server's. */
async function schedulingOf(
  api: Administration['api'],
  ref: { readonly namespace: string; readonly name: string },
): Promise<PodScheduling | undefined> {
  try {
    return await api.get(podScheduling, ref, { subresource: 'scheduling' });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
