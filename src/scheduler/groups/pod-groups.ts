/** Groups and the pods that name them, as the informers have them. */

import { podGroups } from '../../api/groups/scheduling/pod-group/pod-group.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod, PodGroup } from '../../api/types.gen.ts';
import type { Informer, Informers } from '../../client/informer/informer.ts';
import { isFinished } from '../cache/cache.ts';

/** `namespace/name`; undefined for a pod of none. */
export function groupKeyOf({ metadata, spec }: Pod): string | undefined {
  if (spec.schedulingGroup === undefined) return undefined;
  const { podGroupName = '' } = spec.schedulingGroup;
  return podGroupName === '' ? undefined : `${metadata.namespace ?? ''}/${podGroupName}`;
}

const NO_MEMBERS: ReadonlySet<string> = new Set();

export class PodGroups {
  readonly #groups: Informer<PodGroup>;
  /** Uids by the key of the group. */
  readonly #members = new Map<string, Set<string>>();

  constructor(informers: Informers) {
    this.#groups = informers.of(podGroups);
    informers.of(pods).subscribe((next, old) => this.#onPod(next, old));
  }

  group(key: string): PodGroup | undefined {
    return this.#groups.getByKey(key);
  }

  /** Uids of its pods that have not finished, with a node or without. */
  membersOf(key: string): ReadonlySet<string> {
    return this.#members.get(key) ?? NO_MEMBERS;
  }

  #onPod(next: Pod | undefined, old: Pod | undefined): void {
    // Another pod by the same name may take a place unseen.
    if (old !== undefined && old.metadata.uid !== next?.metadata.uid) this.#forget(old);
    if (next === undefined) return;
    if (isFinished(next)) return this.#forget(next);
    const key = groupKeyOf(next);
    if (key === undefined) return;
    const present = this.#members.get(key);
    const { uid = '' } = next.metadata;
    if (present === undefined) this.#members.set(key, new Set([uid]));
    else present.add(uid);
  }

  #forget(pod: Pod): void {
    const key = groupKeyOf(pod);
    const present = key === undefined ? undefined : this.#members.get(key);
    if (key === undefined || present === undefined) return;
    present.delete(pod.metadata.uid ?? '');
    if (present.size === 0) this.#members.delete(key);
  }
}
