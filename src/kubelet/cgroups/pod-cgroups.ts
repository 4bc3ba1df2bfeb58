/**
 * A control group for every pod, below one for its quality of service: `kubepods/burstable/pod<uid>`;
 * guaranteed pods lie directly below `kubepods`.
 *
 * Where the kernel's groups are not ours to write, it says so once and leaves the place of pods to the
 * runtime.
 */

import { errorText, type Logger } from '../../base/log.ts';
import { qosClass } from '../../api/groups/core/pod/quality-of-service.ts';
import type { Pod } from '../../api/types.gen.ts';
import { cpuShares } from '../containers/resources.ts';
import type { NodeFiles } from '../system/system.ts';
import { noCgroups, type PodCgroups } from './cgroups.ts';
import { openHierarchy, type Hierarchy } from './hierarchy.ts';
import { podCpuRequest, podLimits } from './pod-limits.ts';

export interface PodCgroupsOptions {
  readonly files: NodeFiles;
  readonly logger: Logger;
  /** The node's own group: `/kubepods`, or below it a folder per node where several share a machine. */
  readonly parent: string;
  readonly cpus: number;
  /** Where the kernel shows its groups; default `/sys/fs/cgroup`. */
  readonly mount?: string;
}

const BURSTABLE = 'burstable';
const BEST_EFFORT = 'besteffort';

export async function createPodCgroups(options: PodCgroupsOptions): Promise<PodCgroups> {
  const { files, logger, parent, cpus, mount } = options;
  try {
    const hierarchy = await openHierarchy(files, mount);
    if (hierarchy === undefined) throw new Error('the kernel offers no usable control groups');
    await hierarchy.create(parent);
    await hierarchy.limit(parent, { cpuShares: cpuShares(cpus * 1000) });
    for (const name of [BURSTABLE, BEST_EFFORT]) await hierarchy.create(`${parent}/${name}`);
    await hierarchy.limit(`${parent}/${BEST_EFFORT}`, { cpuShares: cpuShares(0) });
    return new KernelCgroups(hierarchy, parent, logger);
  } catch (error) {
    logger.warn(`pods get no control groups of their own: ${errorText(error)}`);
    return noCgroups;
  }
}

/** Takes the node's own groups away, once nothing runs in them. */
export async function removePodCgroups({
  files,
  parent,
  mount,
}: Pick<PodCgroupsOptions, 'files' | 'parent' | 'mount'>): Promise<void> {
  await (await openHierarchy(files, mount))?.remove(parent);
}

class KernelCgroups implements PodCgroups {
  readonly #hierarchy: Hierarchy;
  readonly #parent: string;
  readonly #logger: Logger;
  /** What burstable pods have asked for: their common group weighs as much as they do together. */
  readonly #burstable = new Map<string, number>();

  constructor(hierarchy: Hierarchy, parent: string, logger: Logger) {
    this.#hierarchy = hierarchy;
    this.#parent = parent;
    this.#logger = logger;
  }

  parentOf(pod: Pod): string {
    return `${this.#parent}${folderOf(pod)}/pod${pod.metadata.uid ?? ''}`;
  }

  async create(pod: Pod): Promise<void> {
    const path = this.parentOf(pod);
    await this.#hierarchy.create(path);
    await this.#hierarchy.limit(path, podLimits(pod));
    if (qosClass(pod.spec) !== 'Burstable') return;
    this.#burstable.set(pod.metadata.uid ?? '', podCpuRequest(pod));
    await this.#weighBurstable();
  }

  async remove(podUid: string): Promise<void> {
    for (const folder of ['', `/${BURSTABLE}`, `/${BEST_EFFORT}`]) {
      try {
        await this.#hierarchy.remove(`${this.#parent}${folder}/pod${podUid}`);
      } catch (error) {
        // Something still runs there: it is tried again when the pod is forgotten, and after the next start.
        this.#logger.debug(`cannot remove the control group of pod ${podUid}: ${errorText(error)}`);
      }
    }
    if (this.#burstable.delete(podUid)) await this.#weighBurstable();
  }

  async list(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const folder of ['', `/${BURSTABLE}`, `/${BEST_EFFORT}`])
      for (const name of await this.#hierarchy.list(`${this.#parent}${folder}`))
        if (name.startsWith('pod')) found.push(name.slice('pod'.length));
    return found;
  }

  async #weighBurstable(): Promise<void> {
    const milliCpus = [...this.#burstable.values()].reduce((sum, each) => sum + each, 0);
    await this.#hierarchy.limit(`${this.#parent}/${BURSTABLE}`, { cpuShares: cpuShares(milliCpus) });
  }
}

function folderOf({ spec }: Pod): string {
  switch (qosClass(spec)) {
    case 'Guaranteed':
      return '';
    case 'Burstable':
      return `/${BURSTABLE}`;
    case 'BestEffort':
      return `/${BEST_EFFORT}`;
  }
}
