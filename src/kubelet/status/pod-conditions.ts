/** The conditions that the kubelet keeps on a pod: types, reasons and messages as upstream's; pure. */

import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/types.gen.ts';
import { isSidecar } from '../pods/pod-containers.ts';

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

export interface ConditionView {
  readonly pod: Pod;
  readonly phase: NonNullable<PodStatus['phase']>;
  readonly inits: readonly ContainerStatus[];
  readonly regulars: readonly ContainerStatus[];
  readonly hasSandbox: boolean;
  readonly resize: ResizeState;
}

/** Where a change of resources stands; nothing: there is none. */
export interface ResizeState {
  /** Why the node does not give what is asked for. */
  readonly pending?: { readonly reason: string; readonly message: string } | undefined;
  /** It is being given; with what went wrong last. */
  readonly inProgress?: { readonly problem: string | undefined } | undefined;
}

/** These are there only as long as they hold. */
export const RESIZE_CONDITIONS = ['PodResizePending', 'PodResizeInProgress'] as const;

const TRUE: Verdict = { status: 'True' };

/** Those of the kubelet; all others belong to whoever set them. `now` becomes the transition time of those whose status has changed. */
export function podConditions(view: ConditionView, now: string): readonly PodCondition[] {
  const verdicts: Readonly<Record<string, Verdict>> = {
    PodReadyToStartContainers: { status: view.hasSandbox ? 'True' : 'False' },
    Initialized: initialized(view),
    Ready: ready(view),
    ContainersReady: containersReady(view),
    PodScheduled: TRUE,
    ...resizing(view.resize),
  };
  const { generation } = view.pod.metadata;
  return Object.entries(verdicts).map(([type, { status, reason, message }]) => {
    const old = view.pod.status.conditions?.find((condition) => condition.type === type);
    const isSame = old?.status === status && old.lastTransitionTime !== undefined;
    return {
      type,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      status,
      lastTransitionTime: isSame ? old.lastTransitionTime : now,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
  });
}

function resizing({ pending, inProgress }: ResizeState): Readonly<Record<string, Verdict>> {
  const problem = inProgress?.problem;
  return {
    ...(pending === undefined ? {} : { PodResizePending: { ...TRUE, ...pending } }),
    ...(inProgress === undefined
      ? {}
      : {
          PodResizeInProgress: problem === undefined ? TRUE : { ...TRUE, reason: 'Error', message: problem },
        }),
  };
}

function initialized({ pod, phase, inits, regulars }: ConditionView): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const hasBegun = ({ started, state, lastState }: ContainerStatus): boolean =>
    started === true || state.terminated !== undefined || lastState.terminated !== undefined;
  if (regulars.some(hasBegun)) return TRUE;
  const incomplete = (pod.spec.initContainers ?? []).filter((container) => {
    const status = inits.find(({ name }) => name === container.name);
    return isSidecar(container) ? status?.started !== true : status?.ready !== true;
  });
  if (incomplete.length === 0) return TRUE;
  const message = `containers with incomplete status: [${incomplete.map(({ name }) => name).join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotInitialized', message };
}

function containersReady({ pod, phase, inits, regulars }: ConditionView): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const statuses = [...inits.filter(({ name }) => sidecars.includes(name)), ...regulars];
  const unready = statuses.filter((status) => !status.ready).map(({ name }) => name);
  if (unready.length === 0) return TRUE;
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

function ready(view: ConditionView): Verdict {
  const containers = containersReady(view);
  if (containers.status !== 'True') return containers;
  const { conditions = [] } = view.pod.status;
  const missing = (view.pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = conditions.find(({ type }) => type === conditionType);
    if (found === undefined)
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (found.status === 'True') return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`];
  });
  if (missing.length === 0) return TRUE;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') };
}
