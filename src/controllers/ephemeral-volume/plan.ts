/** Which claims a pod's ephemeral volumes still need. Pure. */

import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { PersistentVolumeClaim, Pod, Volume } from '../../api/types.gen.ts';
import { controllerReference, isControlledBy } from '../ownership/ownership.ts';
import { ephemeralClaimName } from '../../api/volume-binding/pod-claims.ts';

export type EphemeralClaim = { readonly volume: string } & (
  | { readonly type: 'create'; readonly name: string; readonly claim: Draft<PersistentVolumeClaim> }
  | { readonly type: 'conflict'; readonly message: string }
);

/** `find` yields the claim of that name in the pod's namespace. */
export function planEphemeralClaims(
  pod: Pod,
  find: (name: string) => PersistentVolumeClaim | undefined,
): readonly EphemeralClaim[] {
  return (pod.spec.volumes ?? []).flatMap((volume): readonly EphemeralClaim[] => {
    const claim = draftOf(pod, volume);
    if (claim === undefined) return [];
    const name = ephemeralClaimName(pod.metadata.name, volume);
    const present = find(name);
    if (present === undefined) return [{ volume: volume.name, type: 'create', name, claim }];
    if (isControlledBy(present, pod)) return [];
    const { namespace = '' } = pod.metadata;
    const owner = `${namespace}/${pod.metadata.name ?? ''}`;
    const message = `PVC ${namespace}/${name} was not created for pod ${owner} (pod is not owner)`;
    return [{ volume: volume.name, type: 'conflict', message }];
  });
}

function draftOf(pod: Pod, volume: Volume): Draft<PersistentVolumeClaim> | undefined {
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (template === undefined) return undefined;
  const { annotations, labels } = template.metadata;
  return {
    metadata: {
      name: ephemeralClaimName(pod.metadata.name, volume),
      namespace: pod.metadata.namespace,
      ownerReferences: [controllerReference(pods, pod)],
      ...(annotations === undefined ? {} : { annotations }),
      ...(labels === undefined ? {} : { labels }),
    },
    spec: template.spec,
  };
}

export function hasEphemeralVolumes({ spec }: Pod): boolean {
  return spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true;
}
