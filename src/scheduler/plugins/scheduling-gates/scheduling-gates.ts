/** SchedulingGates: a pod with gates is not tried until they are gone (KEP-3521). */

import { neverWakes, type SchedulerPlugin } from '../../framework.ts';

export const schedulingGates: SchedulerPlugin = {
  name: 'SchedulingGates',
  // Gates are removed by changing the pod itself, which the queue notices.
  wakesOn: neverWakes,
  preEnqueue: ({ spec }) => {
    const gates = (spec.schedulingGates ?? []).map((gate) => gate.name);
    return gates.length === 0 ? undefined : `waiting for scheduling gates: [${gates.join(' ')}]`;
  },
};
