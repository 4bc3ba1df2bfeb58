/** A pod with a claim of its own, which is bound to a volume of its own. */

import type { KubernetesObject } from '../../src/api/meta/object.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../src/api/types.gen.ts';

export interface Templates {
  readonly pod: KubernetesObject;
  readonly volume: KubernetesObject;
  readonly claim: KubernetesObject;
}

export function podWithVolume(templates: Templates, namespace: string, name: string): Templates {
  const volume = templates.volume as PersistentVolume;
  const claim = templates.claim as PersistentVolumeClaim;
  const pod = templates.pod as Pod;
  const { csi, awsElasticBlockStore } = volume.spec;
  return {
    volume: {
      ...volume,
      metadata: { ...volume.metadata, name },
      spec: {
        ...volume.spec,
        ...(csi === undefined ? {} : { csi: { ...csi, volumeHandle: name } }),
        ...(awsElasticBlockStore === undefined ? {} : { awsElasticBlockStore: { volumeID: name } }),
        claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name },
      },
    } as KubernetesObject,
    claim: {
      ...claim,
      metadata: { ...claim.metadata, name },
      spec: { ...claim.spec, volumeName: name },
    } as KubernetesObject,
    pod: {
      ...pod,
      spec: { ...pod.spec, volumes: [{ name: 'vol', persistentVolumeClaim: { claimName: name } }] },
    } as KubernetesObject,
  };
}
