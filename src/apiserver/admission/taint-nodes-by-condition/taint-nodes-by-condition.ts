/** TaintNodesByCondition: a new node gets no pods before it was seen to be ready. */

import type { Node, Taint } from '../../../api/types.gen.ts';
import type { AdmissionPlugin } from '../admission.ts';

const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  kinds: ['/nodes'],
  mutate: ({ operation, object }) => {
    if (operation !== 'CREATE') return object;
    const node = object as Node;
    const taints = node.spec.taints ?? [];
    if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return node;
    return { ...node, spec: { ...node.spec, taints: [...taints, NOT_READY] } };
  },
};
