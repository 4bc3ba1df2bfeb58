/**
 * Extended resources of a pod for which device classes stand. On a node that does not have such a resource
 * itself, the pod gets devices of the class, by a claim that the scheduler makes with the node.
 *
 * Until it is made, the claim is in memory only, under a name that no claim can have.
 */

import type {
  ContainerExtendedResourceRequest,
  Pod,
  ResourceV1ResourceClaim,
} from '../../../api/types.gen.ts';
import { mayComeFromDevices } from '../../../api/groups/core/resource-names.ts';
import { EXTENDED_RESOURCE_CLAIM } from '../../../api/groups/resource/pod-resource-claims.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { podAmounts } from '../../cache/resources.ts';
import type { DeviceCatalog } from '../../devices/device-catalog.ts';
import { extendedRequests } from '../../devices/extended-claim.ts';
import type { Refusal } from '../../framework.ts';

const STALE: Refusal = { reason: 'cannot schedule extended resource claim', resolvable: false };
const MISSING: Refusal = { reason: 'cannot fit resource', resolvable: false };

export interface ExtendedDraft {
  readonly claim: ResourceV1ResourceClaim;
  /** For the pod's status. */
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

/** Undefined: no device class stands for anything that the pod wants. */
export function extendedNeedOf(pod: Pod, catalog: DeviceCatalog): ExtendedNeed | undefined {
  const { scalars } = podAmounts(pod).requested;
  if (scalars === undefined) return undefined;
  const wanted = [...scalars].flatMap(([name, amount]) =>
    amount > 0 && mayComeFromDevices(name) ? [[name, catalog.classFor(name)] as const] : [],
  );
  if (wanted.every(([, deviceClass]) => deviceClass === undefined)) return undefined;
  return new ExtendedNeed(pod, new Map(wanted), catalog.extendedClaimOf(pod));
}

export class ExtendedNeed {
  readonly #pod: Pod;
  /** By resource: the class that stands for it. */
  readonly #wanted: ReadonlyMap<string, string | undefined>;
  /** Made for the pod in an earlier try that failed: it has to go first. */
  readonly stale: ResourceV1ResourceClaim | undefined;
  /** By what is to come from devices, which is the same on most nodes. */
  readonly #drafts = new Map<string, ExtendedDraft>();

  constructor(
    pod: Pod,
    wanted: ReadonlyMap<string, string | undefined>,
    stale: ResourceV1ResourceClaim | undefined,
  ) {
    this.#pod = pod;
    this.#wanted = wanted;
    this.stale = stale;
  }

  /** Undefined: the node has all of it itself. */
  on({ allocatable }: NodeInfo): ExtendedDraft | Refusal | undefined {
    if (this.stale !== undefined) return STALE;
    const classes = new Map<string, string>();
    for (const [resource, deviceClass] of this.#wanted) {
      const own = allocatable.scalars?.get(resource);
      if (deviceClass !== undefined && (own ?? 0) === 0) classes.set(resource, deviceClass);
      else if (own === undefined) return MISSING;
    }
    return classes.size === 0 ? undefined : this.#draft(classes);
  }

  #draft(classes: ReadonlyMap<string, string>): ExtendedDraft {
    const key = [...classes.keys()].join();
    const known = this.#drafts.get(key);
    if (known !== undefined) return known;
    const { requests, mappings } = extendedRequests(this.#pod, classes);
    const draft = { claim: { ...inMemory(this.#pod), spec: { devices: { requests } } }, mappings };
    this.#drafts.set(key, draft);
    return draft;
  }
}

function inMemory({ metadata }: Pod): Omit<ResourceV1ResourceClaim, 'spec'> {
  const { namespace = '', name = '', uid = '' } = metadata;
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      namespace,
      name: `<extended-resources> ${uid}`,
      generateName: `${name}-extended-resources-`,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
      annotations: { [EXTENDED_RESOURCE_CLAIM]: 'true' },
    },
    status: {},
  };
}
