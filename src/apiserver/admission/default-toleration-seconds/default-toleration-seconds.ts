/** DefaultTolerationSeconds: a pod stays five minutes on a node that is not ready or cannot be reached. */

import type { Pod, Toleration } from '../../../api/types.gen.ts';
import type { AdmissionPlugin } from '../admission.ts';

const SECONDS = 300;
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate: ({ resource: { definition }, target, object }) => {
    if (definition.group !== '' || definition.plural !== 'pods' || target.subresource !== '') return object;
    return withDefaults(object as Pod);
  },
};

export function withDefaults(pod: Pod): Pod {
  const tolerations = pod.spec.tolerations ?? [];
  const missing = TAINTS.filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)));
  if (missing.length === 0) return pod;
  const added = missing.map((key): Toleration => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: SECONDS,
  }));
  return { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } };
}

function tolerates({ key = '', effect = 'NoExecute' }: Toleration, taint: string): boolean {
  return (key === taint || key === '') && effect === 'NoExecute';
}
