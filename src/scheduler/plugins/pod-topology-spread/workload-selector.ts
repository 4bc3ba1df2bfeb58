/**
 * Which pods are of the same kind as a pod that says nothing about it: those that its services select and
 * that its owner owns (upstream's DefaultSelector).
 */

import { fromLabelMap, fromLabelSelector, type Selector } from '../../../api/labels/selector.ts';
import { replicaSets } from '../../../api/groups/apps/replica-set/replica-set.ts';
import { statefulSets } from '../../../api/groups/apps/stateful-set/stateful-set.ts';
import { replicationControllers } from '../../../api/groups/core/replication-controller/replication-controller.ts';
import type { OwnerReference } from '../../../api/types.gen.ts';
import type { Informers } from '../../../client/informer/informer.ts';
import { servicesSelecting } from '../../../client/informer/services-selecting.ts';
import type { WorkloadSelector } from './pod-topology-spread.ts';

export function createWorkloadSelector(informers: Informers): WorkloadSelector {
  const servicesOf = servicesSelecting(informers);
  const ownersOf = {
    controllers: informers.of(replicationControllers),
    sets: informers.of(replicaSets),
    statefulSets: informers.of(statefulSets),
  };

  const ofOwner = (namespace: string, { apiVersion, kind, name }: OwnerReference): Selector => {
    switch (`${apiVersion} ${kind}`) {
      case 'v1 ReplicationController':
        return fromLabelMap(ownersOf.controllers.get(namespace, name)?.spec.selector ?? {});
      case 'apps/v1 ReplicaSet':
        return fromLabelSelector(ownersOf.sets.get(namespace, name)?.spec.selector) ?? [];
      case 'apps/v1 StatefulSet':
        return fromLabelSelector(ownersOf.statefulSets.get(namespace, name)?.spec.selector) ?? [];
      default:
        return [];
    }
  };

  return (pod) => {
    const { namespace = '', ownerReferences = [] } = pod.metadata;
    const owner = ownerReferences.find(({ controller }) => controller === true);
    const requirements: Selector = [
      ...servicesOf(pod).flatMap((service) => fromLabelMap(service.spec.selector ?? {})),
      ...(owner === undefined ? [] : ofOwner(namespace, owner)),
    ];
    return requirements.length === 0 ? undefined : withoutDoubles(requirements);
  };
}

/** In one order, so that equal workloads have equal selectors. */
function withoutDoubles(requirements: Selector): Selector {
  const byText = new Map(requirements.map((one) => [JSON.stringify(one), one]));
  return [...byText.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
