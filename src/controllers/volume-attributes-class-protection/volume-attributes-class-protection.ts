/**
 * Keeps VolumeAttributesClasses that claims or volumes name. As upstream does, the caches are believed: what
 * is lost in a race is a name in a claim that its driver then cannot look up, no data.
 */

import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { volumeAttributesClasses } from '../../api/groups/storage/volume-attributes-class/volume-attributes-class.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.gen.ts';
import { ATTRIBUTES_CLASS_PROTECTION } from '../../api/volume-binding/annotations.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  Reconciler,
} from '../../reconcile/controller.ts';
import { planProtection, withFinalizer, withoutFinalizer } from '../protection/protection.ts';

/** Claims and volumes by the attributes classes that they name. */
const BY_CLASS = 'attributes-class';

export const volumeAttributesClassProtection: ControllerDefinition = {
  name: 'volumeattributesclass-protection-controller',
  permissions: [
    { apiGroups: [''], resources: ['persistentvolumes', 'persistentvolumeclaims'], verbs: ['list', 'watch'] },
    {
      apiGroups: ['storage.k8s.io'],
      resources: ['volumeattributesclasses'],
      verbs: ['get', 'list', 'update', 'watch'],
    },
  ],
  build: protectClasses,
};

function protectClasses({ client, informers }: ControllerContext, enqueue: Enqueue): Reconciler {
  informers.index(persistentVolumeClaims, BY_CLASS, classesOfClaim);
  informers.index(persistentVolumes, BY_CLASS, classesOfVolume);
  const classes = informers.of(volumeAttributesClasses);
  const claims = informers.of(persistentVolumeClaims);
  const volumes = informers.of(persistentVolumes);
  classes.subscribe((next, _old, name) => {
    if (next !== undefined && planProtection(next, ATTRIBUTES_CLASS_PROTECTION) !== 'leave') enqueue(name);
  });
  const offer = (before: readonly string[], after: readonly string[]): void =>
    before.filter((name) => !after.includes(name)).forEach((name) => enqueue(name));
  claims.subscribe((next, old) => offer(classesOfClaim(old), classesOfClaim(next)));
  volumes.subscribe((next, old) => offer(classesOfVolume(old), classesOfVolume(next)));
  return {
    async reconcile(name) {
      const found = classes.getByKey(name);
      if (found === undefined) return {};
      const plan = planProtection(found, ATTRIBUTES_CLASS_PROTECTION);
      if (plan === 'add')
        await client.update(volumeAttributesClasses, withFinalizer(found, ATTRIBUTES_CLASS_PROTECTION));
      const users = claims.byIndex(BY_CLASS, name).length + volumes.byIndex(BY_CLASS, name).length;
      if (plan === 'release' && users === 0)
        await client.update(volumeAttributesClasses, withoutFinalizer(found, ATTRIBUTES_CLASS_PROTECTION));
      return {};
    },
  };
}

/** What the claim wants, what it has, and what it is being changed to. */
function classesOfClaim(claim: PersistentVolumeClaim | undefined): readonly string[] {
  if (claim === undefined) return [];
  const { currentVolumeAttributesClassName, modifyVolumeStatus } = claim.status;
  return named([
    claim.spec.volumeAttributesClassName,
    currentVolumeAttributesClassName,
    modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]);
}

function classesOfVolume(volume: PersistentVolume | undefined): readonly string[] {
  return named([volume?.spec.volumeAttributesClassName]);
}

function named(names: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(names.flatMap((name = '') => (name === '' ? [] : [name])))];
}
