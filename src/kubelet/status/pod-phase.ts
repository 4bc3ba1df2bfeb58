/** The phase of a pod from the statuses of its containers, as upstream's `getPhase`; pure. */

import type { ContainerStatus, Pod, PodStatus } from '../../api/types.gen.ts';
import { isSidecar } from '../pods/pod-containers.ts';

type Phase = NonNullable<PodStatus['phase']>;

export function podPhase(
  { spec }: Pod,
  inits: readonly ContainerStatus[],
  regulars: readonly ContainerStatus[],
  isEnding: boolean,
): Phase {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const plainInits = inits.filter(({ name }) => !sidecars.has(name));
  const counts = { pending: 0, failed: 0 };
  for (const { state, lastState } of plainInits) {
    const ended = state.terminated ?? lastState.terminated;
    if (state.running !== undefined) counts.pending++;
    else if (ended === undefined) counts.pending++;
    else if (ended.exitCode !== 0) counts.failed++;
  }
  if (counts.failed > 0 && spec.restartPolicy === 'Never') return 'Failed';
  const sidecarsUp = inits.every(
    (status) =>
      !sidecars.has(status.name) ||
      status.started === true ||
      status.state.terminated !== undefined ||
      status.lastState.terminated !== undefined,
  );
  const isUninitialized = counts.pending > 0 || counts.failed > 0 || !sidecarsUp;
  const hasStarted = regulars.some(
    ({ state, lastState }) => state.running ?? state.terminated ?? lastState.terminated,
  );
  if (isUninitialized && !hasStarted) return 'Pending';
  return regularPhase({ restartPolicy: spec.restartPolicy ?? 'Always' }, regulars, isEnding);
}

function regularPhase(
  { restartPolicy }: { readonly restartPolicy: string },
  regulars: readonly ContainerStatus[],
  isEnding: boolean,
): Phase {
  let [waiting, running, succeeded, failed] = [0, 0, 0, 0];
  for (const { state, lastState } of regulars) {
    if (state.running !== undefined) running++;
    else if (state.terminated !== undefined) {
      if (state.terminated.exitCode === 0) succeeded++;
      else failed++;
    } else if (lastState.terminated !== undefined) {
      if (lastState.terminated.exitCode === 0 && restartPolicy !== 'Always') succeeded++;
      else running++;
    } else waiting++;
  }
  if (waiting > 0 && !isEnding) return 'Pending';
  if (running > 0) return 'Running';
  if (isEnding && waiting === 0) return failed > 0 ? 'Failed' : 'Succeeded';
  if (waiting > 0) return 'Pending';
  if (restartPolicy === 'Always') return 'Running';
  if (failed === 0) return 'Succeeded';
  return restartPolicy === 'Never' ? 'Failed' : 'Running';
}
