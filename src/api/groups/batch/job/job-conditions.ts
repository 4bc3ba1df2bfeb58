/** What a Job's conditions say. */

import type { JobCondition } from '../../../types.gen.ts';

type Conditions = readonly JobCondition[] | undefined;

export function isTrue(conditions: Conditions, type: string): boolean {
  return (conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
}

export function isFinished(conditions: Conditions): boolean {
  return isTrue(conditions, 'Complete') || isTrue(conditions, 'Failed');
}
