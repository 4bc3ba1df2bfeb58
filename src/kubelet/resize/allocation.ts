/**
 * What this node has promised to a pod. A resize that does not fit leaves the promise as it was, so that a
 * container that starts again meanwhile gets what it had.
 */

import type { Pod, ResourceRequirements } from '../../api/types.gen.ts';
import { sameAmounts, withResources } from './resources.ts';

/** Why a resize waits: `Deferred` until others go, `Infeasible` as long as the node is what it is. */
export interface ResizeProblem {
  readonly reason: 'Deferred' | 'Infeasible';
  readonly message: string;
}

export class PodAllocation {
  /** By name of container; undefined until the pod is seen first. */
  #promised: ReadonlyMap<string, ResourceRequirements> | undefined;
  #pending: ResizeProblem | undefined;

  get pending(): ResizeProblem | undefined {
    return this.#pending;
  }

  /**
   * The pod as it is to run here. `given` says what a container that runs already has got, as far as it is
   * known; `problemOf`, why the node cannot give what is asked for.
   */
  decide(
    pod: Pod,
    given: (name: string) => ResourceRequirements | undefined,
    problemOf: (pod: Pod) => ResizeProblem | undefined,
  ): Pod {
    const wanted = resourcesByName(pod);
    const promised = this.#promised ?? new Map([...wanted].map(([name, own]) => [name, given(name) ?? own]));
    const isSame = [...wanted].every(([name, own]) => sameAmounts(own, promised.get(name) ?? own));
    this.#pending = isSame ? undefined : problemOf(pod);
    this.#promised = this.#pending === undefined ? wanted : promised;
    return this.#pending === undefined ? pod : withResources(pod, promised);
  }
}

function resourcesByName({ spec }: Pod): ReadonlyMap<string, ResourceRequirements> {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return new Map(containers.map(({ name, resources }) => [name, resources]));
}
