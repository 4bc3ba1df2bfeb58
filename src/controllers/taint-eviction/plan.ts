/**
 * When a pod has to leave its node because of the node's taints. Pure; the rules are upstream's taint
 * manager.
 */

import { tolerates } from '../../api/node-fit/taints.ts';
import type { Pod, Taint, Toleration } from '../../api/types.gen.ts';

export type Stay =
  /** No taint concerns it, or it tolerates all of them for good. */
  | { readonly type: 'for-ever' }
  | { readonly type: 'not-at-all' }
  | { readonly type: 'for'; readonly seconds: number };

export function planStay({ spec: { tolerations = [] } }: Pod, nodeTaints: readonly Taint[]): Stay {
  const taints = nodeTaints.filter(({ effect }) => effect === 'NoExecute');
  if (taints.length === 0) return { type: 'for-ever' };
  const used: Toleration[] = [];
  for (const taint of taints) {
    const toleration = tolerations.find((candidate) => tolerates(candidate, taint));
    if (toleration === undefined) return { type: 'not-at-all' };
    used.push(toleration);
  }
  const limits = used
    .map(({ tolerationSeconds }) => tolerationSeconds)
    .filter((limit) => limit !== undefined);
  if (limits.length === 0) return { type: 'for-ever' };
  const seconds = Math.min(...limits);
  return seconds <= 0 ? { type: 'not-at-all' } : { type: 'for', seconds };
}
