/** Rules for the counts of pods that controllers report: none is negative, and no part exceeds the whole. */

import { invalid, ROOT_PATH, type FieldError } from '../../field/field-error.ts';
import { nonNegative } from '../../field/rules.ts';

const STATUS = ROOT_PATH.child('status');

export interface ReplicaCounts {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly observedGeneration?: number;
}

/** `parts` names further counts that cannot exceed `replicas`; `readyName` is what the message calls it. */
export function validateReplicaCounts<T extends ReplicaCounts>(
  status: T,
  parts: readonly (keyof T & string)[],
  readyName: string,
): FieldError[] {
  const all: readonly string[] = [...parts, 'readyReplicas', 'availableReplicas'];
  const count = (name: string): number => Number(status[name as keyof T] ?? 0);
  const errors = ['replicas', ...all, 'observedGeneration'].flatMap((name) =>
    nonNegative(STATUS.child(name), count(name)),
  );
  for (const name of all) {
    if (count(name) <= count('replicas')) continue;
    errors.push(invalid(STATUS.child(name), count(name), 'cannot be greater than status.replicas'));
  }
  if (count('availableReplicas') > count('readyReplicas')) {
    const detail = `cannot be greater than ${readyName}`;
    errors.push(invalid(STATUS.child('availableReplicas'), count('availableReplicas'), detail));
  }
  return errors;
}
