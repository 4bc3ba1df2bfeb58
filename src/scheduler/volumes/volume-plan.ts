/** What has to be written for a pod to get its volumes on one node. */

import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.gen.ts';

export interface VolumePlan {
  /** Volumes that exist, each for one claim. */
  readonly bindings: readonly {
    readonly claim: PersistentVolumeClaim;
    readonly volume: PersistentVolume;
  }[];
  /** Claims whose volumes are to be made for the node. */
  readonly provisions: readonly PersistentVolumeClaim[];
}
