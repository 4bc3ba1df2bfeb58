/** Pods by the group that they name, as the informers have them. */

import { podGroups } from '../../../api/groups/scheduling/pod-group/pod-group.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../../api/types.gen.ts';
import type { Informers } from '../../../client/informer/informer.ts';
import { reportGroup, type GroupOutcome, type GroupReports } from './group-condition.ts';
import { isFinished } from '../../cache/cache.ts';

const BY_GROUP = 'scheduler/group';

/** `namespace/name`; undefined for a pod of none. */
export function groupKeyOf({ metadata, spec }: Pod): string | undefined {
  const name = spec.schedulingGroup?.podGroupName ?? '';
  return name === '' ? undefined : `${metadata.namespace ?? ''}/${name}`;
}

export interface PodGroupsOptions extends GroupReports {
  readonly informers: Informers;
  /** Has the queue try a pod again that nothing fitted. */
  readonly activate: (uid: string) => void;
}

export interface PodGroups extends Pick<PodGroupsOptions, 'clock' | 'activate'> {
  /** How many pods must have a node before any may go; 1 for a group without such a wish, undefined without a group. */
  minCountOf(key: string): number | undefined;
  /** Those that have not finished. */
  membersOf(key: string): readonly Pod[];
  /** Tells the group's status. */
  report(key: string, outcome: GroupOutcome): void;
  onPod(run: (next: Pod | undefined, old: Pod | undefined) => void): void;
}

export function createPodGroups(options: PodGroupsOptions): PodGroups {
  const { informers, clock, activate } = options;
  informers.index(pods, BY_GROUP, (pod) => {
    const key = groupKeyOf(pod);
    return key === undefined ? [] : [key];
  });
  const groups = informers.of(podGroups);
  const members = informers.of(pods);
  return {
    clock,
    activate,
    minCountOf: (key) => {
      const group = groups.getByKey(key);
      return group === undefined ? undefined : (group.spec.schedulingPolicy.gang?.minCount ?? 1);
    },
    membersOf: (key) => members.byIndex(BY_GROUP, key).filter((pod) => !isFinished(pod)),
    report: (key, outcome) => reportGroup(options, groups.getByKey(key), outcome),
    onPod: (run) => void members.subscribe(run),
  };
}
