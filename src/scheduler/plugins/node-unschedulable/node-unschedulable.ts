/** NodeUnschedulable: a cordoned node takes only pods that tolerate its taint. */

import { toleratesTaint } from '../../../api/node-fit/taints.ts';
import type { Refusal, SchedulerPlugin } from '../../framework.ts';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;
const REFUSAL: Refusal = { reason: 'node(s) were unschedulable', resolvable: false };

export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  wakesOn: (event) => event.resource === 'Node' && event.next.spec.unschedulable !== true,
  sign: ({ spec }) => JSON.stringify(spec.tolerations ?? []),
  filter: (_state, pod, { node }) =>
    node.spec.unschedulable !== true || toleratesTaint(pod.spec.tolerations ?? [], CORDONED)
      ? undefined
      : REFUSAL,
};
