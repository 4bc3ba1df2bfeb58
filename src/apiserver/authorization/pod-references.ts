/** Which objects a pod needs to run: what its node may read because of it. Pure. */

import type { Container, EphemeralContainer, Pod } from '../../api/types.gen.ts';

export type Referable = 'secret' | 'configMap' | 'persistentVolumeClaim' | 'serviceAccount';

export function podRefersTo(pod: Pod, kind: Referable, name: string): boolean {
  if (name === '') return false;
  switch (kind) {
    case 'serviceAccount':
      return pod.spec.serviceAccountName === name;
    case 'persistentVolumeClaim':
      return claimsOf(pod).includes(name);
    case 'secret':
      return secretsOf(pod).includes(name);
    case 'configMap':
      return configMapsOf(pod).includes(name);
  }
}

function containersOf({ spec }: Pod): readonly (Container | EphemeralContainer)[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
}

function claimsOf({ metadata, spec }: Pod): readonly (string | undefined)[] {
  return (spec.volumes ?? []).map(({ name, ephemeral, persistentVolumeClaim }) =>
    ephemeral === undefined ? persistentVolumeClaim?.claimName : `${metadata.name ?? ''}-${name}`,
  );
}

function secretsOf(pod: Pod): readonly (string | undefined)[] {
  const { imagePullSecrets = [], volumes = [] } = pod.spec;
  return [
    ...imagePullSecrets.map(({ name }) => name),
    ...volumes.flatMap((volume) => [
      volume.secret?.secretName,
      volume.csi?.nodePublishSecretRef?.name,
      volume.azureFile?.secretName,
      volume.iscsi?.secretRef?.name,
      volume.rbd?.secretRef?.name,
      volume.cephfs?.secretRef?.name,
      volume.flexVolume?.secretRef?.name,
      volume.scaleIO?.secretRef?.name,
      volume.storageos?.secretRef?.name,
      ...(volume.projected?.sources ?? []).map((source) => source.secret?.name),
    ]),
    ...containersOf(pod).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map((variable) => variable.valueFrom?.secretKeyRef?.name),
      ...envFrom.map((source) => source.secretRef?.name),
    ]),
  ];
}

function configMapsOf(pod: Pod): readonly (string | undefined)[] {
  return [
    ...(pod.spec.volumes ?? []).flatMap((volume) => [
      volume.configMap?.name,
      ...(volume.projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
    ...containersOf(pod).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map((variable) => variable.valueFrom?.configMapKeyRef?.name),
      ...envFrom.map((source) => source.configMapRef?.name),
    ]),
  ];
}
