/** The runtime's configuration of one attempt at a container; pure. */

import type { Pod } from '../../api/types.gen.ts';
import type { ContainerConfig, Image, KeyValue, Mount } from '../cri/messages.ts';
import { expand } from '../env/expand.ts';
import type { PodContainer } from '../pods/pod-containers.ts';
import { containerAnnotations, containerLabels } from '../pods/pod-names.ts';
import { containerResources } from './resources.ts';
import { containerSecurity } from './security.ts';

export interface ContainerInputs {
  readonly pod: Pod;
  readonly entry: PodContainer;
  readonly attempt: number;
  /** What the pull returned. */
  readonly imageRef: string;
  readonly image: Image | undefined;
  readonly environment: readonly KeyValue[];
  readonly mounts: readonly Mount[];
  readonly machineMemoryBytes: number;
  /** Where `Localhost` profiles lie. */
  readonly seccompFolder: string;
  /** Id of the container whose processes an ephemeral one wants to see. */
  readonly targetId?: string | undefined;
}

export function containerConfig(inputs: ContainerInputs): ContainerConfig {
  const { pod, entry, attempt, environment, targetId } = inputs;
  const { container } = entry;
  const variables = new Map(environment.map(({ key, value }) => [key, value]));
  const expanded = (words: readonly string[] = []): readonly string[] =>
    words.map((word) => expand(word, (name) => variables.get(name)));
  const { lifecycle, workingDir } = container;
  return {
    metadata: { name: container.name, attempt },
    image: { image: inputs.imageRef, userSpecifiedImage: container.image ?? '' },
    command: expanded(container.command),
    args: expanded(container.args),
    ...(workingDir === undefined ? {} : { workingDir }),
    envs: environment,
    mounts: inputs.mounts,
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, attempt),
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    ...(lifecycle?.stopSignal === undefined ? {} : { stopSignal: lifecycle.stopSignal }),
    linux: {
      resources: containerResources(pod, container, inputs.machineMemoryBytes),
      securityContext: containerSecurity(pod, container, inputs.image, inputs.seccompFolder, targetId),
    },
  };
}
