/** DefaultTolerationSeconds: a pod stays five minutes on a node that is not ready or cannot be reached. */

import { bySpec } from '../../../api/groups/core/pod/by-spec.ts';
import type { Pod, PodSpec, Toleration } from '../../../api/types.gen.ts';
import type { AdmissionPlugin } from '../admission.ts';

const SECONDS = 300;
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  kinds: ['/pods'],
  mutate: ({ target, object }) => (target.subresource === '' ? withDefaults(object as Pod) : object),
};

export function withDefaults(pod: Pod): Pod {
  const spec = tolerant(pod.spec);
  return spec === pod.spec ? pod : { ...pod, spec };
}

const tolerant = bySpec((spec): PodSpec => {
  const tolerations = spec.tolerations ?? [];
  const missing = TAINTS.filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)));
  if (missing.length === 0) return spec;
  const added = missing.map((key): Toleration => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: SECONDS,
  }));
  return { ...spec, tolerations: [...tolerations, ...added] };
});

function tolerates({ key = '', effect = 'NoExecute' }: Toleration, taint: string): boolean {
  return (key === taint || key === '') && effect === 'NoExecute';
}
