/**
 * Volumes that are to grow. Nothing here makes a volume larger: drivers bring their own controllers for it.
 * This one says who is waited for, and tells drivers that took over from plugins of Kubernetes that it is
 * their turn.
 */

import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { objectKey } from '../../api/meta/object.ts';
import { STORAGE_RESIZER } from '../../api/volume-binding/annotations.ts';
import { annotated } from '../../api/volume-binding/binding.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  Reconciler,
} from '../../reconcile/controller.ts';
import { SaidOnce } from '../said-once/said-once.ts';
import { isExpansionWanted, planExpansion } from './plan.ts';

export const volumeExpansionController: ControllerDefinition = {
  name: 'expand-controller',
  permissions: [
    { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  build: expandVolumes,
};

function expandVolumes(
  { client, informers, events, clock }: ControllerContext,
  enqueue: Enqueue,
): Reconciler {
  const claims = informers.of(persistentVolumeClaims);
  const volumes = informers.of(persistentVolumes);
  const once = new SaidOnce(events, clock);
  claims.subscribe((next, _old, key) => {
    if (next === undefined) once.forget('PersistentVolumeClaim', key);
    else if (isExpansionWanted(next)) enqueue(key);
  });
  // The claim may be heard of first.
  volumes.subscribe((next) => {
    const { namespace = '', name = '' } = next?.spec.claimRef ?? {};
    const claim = claims.get(namespace, name);
    if (claim !== undefined && isExpansionWanted(claim)) enqueue(objectKey(claim));
  });
  return {
    async reconcile(key) {
      const claim = claims.getByKey(key);
      if (claim === undefined) return {};
      const plan = planExpansion(claim, volumes.getByKey(claim.spec.volumeName ?? ''));
      if (plan.type === 'nothing') return {};
      once.say(claim, plan.event);
      if (plan.type === 'mark') {
        const marked = annotated(claim, STORAGE_RESIZER, plan.resizer);
        if (marked !== claim) await client.update(persistentVolumeClaims, marked);
      }
      return {};
    },
  };
}
