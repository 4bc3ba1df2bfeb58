/** Keeps volumes that are bound: a deleted volume goes only when its claim is gone. */

import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { VOLUME_PROTECTION } from '../../api/volume-binding/annotations.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  Reconciler,
} from '../../reconcile/controller.ts';
import { planProtection, withFinalizer, withoutFinalizer } from '../protection/protection.ts';

export const persistentVolumeProtection: ControllerDefinition = {
  name: 'pv-protection-controller',
  permissions: [
    { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'list', 'update', 'watch'] },
  ],
  build: protectVolumes,
};

function protectVolumes({ client, informers }: ControllerContext, enqueue: Enqueue): Reconciler {
  const volumes = informers.of(persistentVolumes);
  volumes.subscribe((next, _old, key) => {
    if (next !== undefined && planProtection(next, VOLUME_PROTECTION) !== 'leave') enqueue(key);
  });
  return {
    async reconcile(key) {
      const volume = volumes.getByKey(key);
      if (volume === undefined) return {};
      const plan = planProtection(volume, VOLUME_PROTECTION);
      if (plan === 'add') await client.update(persistentVolumes, withFinalizer(volume, VOLUME_PROTECTION));
      // The write fails if the volume was bound meanwhile.
      if (plan === 'release' && volume.status.phase !== 'Bound')
        await client.update(persistentVolumes, withoutFinalizer(volume, VOLUME_PROTECTION));
      return {};
    },
  };
}
