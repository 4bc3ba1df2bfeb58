/** NodeName: a pod that names its node fits no other. */

import type { Refusal, SchedulerPlugin } from '../../framework.ts';

const REFUSAL: Refusal = { reason: "node(s) didn't match the requested node name", resolvable: false };

export const nodeName: SchedulerPlugin = {
  name: 'NodeName',
  wakesOn: (event, pod) => event.resource === 'Node' && event.next.metadata.name === pod.spec.nodeName,
  sign: ({ spec }) => spec.nodeName ?? '',
  filter: (_state, { spec }, { name }) =>
    (spec.nodeName ?? '') === '' || spec.nodeName === name ? undefined : REFUSAL,
};
