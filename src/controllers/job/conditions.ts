/** The conditions of a Job: each type stands once. Pure. */

import { formatTime } from '../../api/time/time.ts';
import type { JobCondition, JobStatus } from '../../api/types.gen.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * The status with the condition; the same status when it says so already, or when it would say only that
 * something has never been.
 */
export function setCondition(
  status: JobStatus,
  { type, status: value, reason, message }: Condition,
  nowMs: number,
): JobStatus {
  const present = status.conditions?.find((condition) => condition.type === type);
  const isSame = present?.status === value && present.reason === reason && present.message === message;
  if (isSame || (present === undefined && value === 'False')) return status;
  return withCondition(status, { type, status: value, reason, message }, nowMs);
}

export function withCondition(status: JobStatus, condition: Condition, nowMs: number): JobStatus {
  const now = formatTime(nowMs);
  const next: JobCondition = { ...condition, lastProbeTime: now, lastTransitionTime: now };
  const { conditions = [] } = status;
  const isPresent = conditions.some(({ type }) => type === next.type);
  return {
    ...status,
    conditions: isPresent
      ? conditions.map((present) => (present.type === next.type ? next : present))
      : [...conditions, next],
  };
}
