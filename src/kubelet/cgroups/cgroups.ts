/** The port through which pods get their place in the hierarchy of control groups. */

import type { Pod } from '../../api/types.gen.ts';

export interface PodCgroups {
  /** For the sandbox's configuration; undefined: the runtime chooses. */
  parentOf(pod: Pod): string | undefined;
  create(pod: Pod): Promise<void>;
  /** By uid, since the pod's object may be gone. Harmless when there is none. */
  remove(podUid: string): Promise<void>;
  /** Uids of the pods that have one. */
  list(): Promise<readonly string[]>;
}

/** For nodes whose control groups are not the kubelet's to write, and for simulated ones. */
export const noCgroups: PodCgroups = {
  parentOf: () => undefined,
  create: async () => {},
  remove: async () => {},
  list: async () => [],
};
