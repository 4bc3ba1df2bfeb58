/** Device classes, pods and claims as the store has them now, each read when it is asked for. */

import { pods } from '../../../api/groups/core/pod/pod.ts';
import { deviceClasses } from '../../../api/groups/resource/device-class/device-class.ts';
import { podOfExtendedClaim } from '../../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../../api/groups/resource/resource-claim/resource-claim.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Surroundings } from '../../../api/quota/surroundings.ts';
import type { DeviceClass, Pod, ResourceV1ResourceClaim } from '../../../api/types.gen.ts';
import { prefixRange, type Store } from '../../../store/store.ts';

/** For one decision: classes are read once. */
export function storedSurroundings(store: Store<KubernetesObject>): Surroundings {
  const all = (prefix: string): readonly KubernetesObject[] => {
    const page = store.list(prefixRange(prefix));
    return page.ok ? page.result.entries.map(({ value }) => value) : [];
  };
  let classes: readonly DeviceClass[] | undefined;
  return {
    classes: () =>
      (classes ??= all(
        `/registry/${deviceClasses.group}/${deviceClasses.plural}/`,
      ) as readonly DeviceClass[]),
    pod: (namespace, name) =>
      store.get(`/registry/core/${pods.plural}/${namespace}/${name}`)?.value as Pod | undefined,
    extendedClaims: (namespace, podUid) => {
      const prefix = `/registry/${resourceClaims.group}/${resourceClaims.plural}/${namespace}/`;
      return (all(prefix) as readonly ResourceV1ResourceClaim[]).filter(
        (claim) => podOfExtendedClaim(claim)?.uid === podUid,
      );
    },
  };
}
