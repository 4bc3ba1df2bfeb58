/**
 * Which pods are of the same kind as a pod that says nothing about it: those that its services select and
 * that its owner owns (upstream's DefaultSelector).
 */

import { fromLabelMap, fromLabelSelector, type Selector } from '../../../api/labels/selector.ts';
import { replicaSets } from '../../../api/groups/apps/replica-set/replica-set.ts';
import { statefulSets } from '../../../api/groups/apps/stateful-set/stateful-set.ts';
import { replicationControllers } from '../../../api/groups/core/replication-controller/replication-controller.ts';
import { services } from '../../../api/groups/core/service/service.ts';
import type { OwnerReference, Pod, Service } from '../../../api/types.gen.ts';
import type { Informers } from '../../../client/informer/informer.ts';
import type { WorkloadSelector } from './pod-topology-spread.ts';

/** Services by a label that the pods they select must have. */
const BY_PIVOT = 'scheduler/pivot';

export function createWorkloadSelector(informers: Informers): WorkloadSelector {
  informers.index(services, BY_PIVOT, (service) => {
    const [label] = Object.entries(service.spec.selector ?? {});
    return label === undefined ? [] : [pivot(service.metadata.namespace, ...label)];
  });
  const ownersOf = {
    services: informers.of(services),
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
    const { namespace = '', labels = {}, ownerReferences = [] } = pod.metadata;
    const owner = ownerReferences.find(({ controller }) => controller === true);
    const requirements: Selector = [
      ...Object.entries(labels)
        .flatMap(([key, value]) => ownersOf.services.byIndex(BY_PIVOT, pivot(namespace, key, value)))
        .filter((service) => selects(service, pod))
        .flatMap((service) => fromLabelMap(service.spec.selector ?? {})),
      ...(owner === undefined ? [] : ofOwner(namespace, owner)),
    ];
    return requirements.length === 0 ? undefined : withoutDoubles(requirements);
  };
}

function pivot(namespace: string | undefined, key: string, value: string): string {
  return `${namespace ?? ''}\n${key}\n${value}`;
}

function selects({ spec }: Service, { metadata }: Pod): boolean {
  return Object.entries(spec.selector ?? {}).every(([key, value]) => metadata.labels?.[key] === value);
}

/** In one order, so that equal workloads have equal selectors. */
function withoutDoubles(requirements: Selector): Selector {
  const byText = new Map(requirements.map((one) => [JSON.stringify(one), one]));
  return [...byText.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
