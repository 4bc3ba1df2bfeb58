/** What a Job's pod failure policy says of a pod that failed: the first rule that fits decides. Pure. */

import type {
  ContainerStatus,
  Pod,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../api/types.gen.ts';

export interface FailureVerdict {
  /** Whether it counts towards the backoff limits. */
  readonly counts: boolean;
  readonly failsIndex: boolean;
  /** Why the whole Job fails; undefined: it does not. */
  readonly failsJob?: string;
}

const COUNTS: FailureVerdict = { counts: true, failsIndex: false };

export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const why = fits(rule, pod);
    if (why === undefined) continue;
    switch (rule.action) {
      case 'Ignore':
        return { counts: false, failsIndex: false };
      case 'Count':
        return COUNTS;
      case 'FailIndex':
        return { counts: true, failsIndex: true };
      case 'FailJob': {
        const failsJob = `${why} matching ${rule.action} rule at index ${index}`;
        return { counts: true, failsIndex: false, failsJob };
      }
    }
  }
  return COUNTS;
}

function fits(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`;
  if (rule.onExitCodes !== undefined) {
    const ended = findExit(rule.onExitCodes, pod);
    const code = ended?.state.terminated?.exitCode;
    return ended && `Container ${ended.name} for pod ${name} failed with exit code ${code ?? 0}`;
  }
  const condition = pod.status.conditions?.find(({ type, status }) =>
    rule.onPodConditions?.some((pattern) => pattern.type === type && pattern.status === status),
  );
  return condition && `Pod ${name} has condition ${condition.type}`;
}

function findExit(wanted: PodFailurePolicyOnExitCodesRequirement, pod: Pod): ContainerStatus | undefined {
  const all = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
  return all.find(({ name, state }) => {
    const code = state?.terminated?.exitCode ?? 0;
    // Success is never a failure, even where `NotIn` does not list it.
    if (code === 0 || (wanted.containerName !== undefined && wanted.containerName !== name)) return false;
    return wanted.values.includes(code) === (wanted.operator === 'In');
  });
}
