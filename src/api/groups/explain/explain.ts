/**
 * `explain.k8ts.dev`: answers about objects of other groups, as subresources of their plurals here.
 * `pods/x/scheduling` says what every plugin of the scheduler thinks of every node, `deployments/x/progress`
 * what holds a workload back. Answered, not stored; there is nothing at the plurals themselves.
 */

import type { ResourceType } from '../../meta/object.ts';
import type { ResourceDefinition, SubresourceDefinition } from '../../meta/resource-definition.ts';
import { virtualKind } from '../../meta/virtual-kind.ts';
import type { PodScheduling, Progress } from '../../types.gen.ts';

export const EXPLAIN_GROUP = 'explain.k8ts.dev';
const VERSION = 'v1alpha1';

/** Of whose objects it can be told what holds them back. */
export const EXPLAINED_PLURALS = [
  'cronjobs',
  'daemonsets',
  'deployments',
  'horizontalpodautoscalers',
  'jobs',
  'namespaces',
  'persistentvolumeclaims',
  'pods',
  'replicasets',
  'services',
  'statefulsets',
] as const;
export type ExplainedPlural = (typeof EXPLAINED_PLURALS)[number];

const PROGRESS: SubresourceDefinition = { name: 'progress', kind: 'Progress', verbs: ['get'] };
const SCHEDULING: SubresourceDefinition = { name: 'scheduling', kind: 'PodScheduling', verbs: ['get'] };

export const EXPLAINED_KINDS: readonly ResourceDefinition<Progress>[] = EXPLAINED_PLURALS.map((plural) => ({
  ...virtualKind<Progress>({ ...progressOf(plural), message: 'explain/v1alpha1.Progress' }),
  singular: '',
  verbs: [],
  subresources: plural === 'pods' ? [PROGRESS, SCHEDULING] : [PROGRESS],
}));

/** To ask for with the subresource `progress`. */
export function progressOf(plural: ExplainedPlural): ResourceType<Progress> {
  return {
    group: EXPLAIN_GROUP,
    version: VERSION,
    kind: 'Progress',
    plural,
    namespaced: plural !== 'namespaces',
  };
}

/** To ask for with the subresource `scheduling`. */
export const podScheduling: ResourceType<PodScheduling> = {
  group: EXPLAIN_GROUP,
  version: VERSION,
  kind: 'PodScheduling',
  plural: 'pods',
  namespaced: true,
};
