/** What `kubectl get jobs` shows. */

import { AGE_COLUMN, humanDuration, NAME_COLUMN } from '../../../meta/columns.ts';
import type { Column } from '../../../meta/resource-definition.ts';
import type { Job } from '../../../types.gen.ts';
import { templateColumns } from '../../apps/pod-owner.ts';
import { isTrue } from './job-conditions.ts';

export const JOB_COLUMNS: readonly Column<Job>[] = [
  NAME_COLUMN,
  column('Status', 'Status of the job.', status),
  column('Completions', 'How many of its pods succeeded, of how many.', completions),
  column('Duration', 'Time required to complete the job.', duration),
  AGE_COLUMN,
  ...templateColumns<Job>(),
];

function column(name: string, description: string, value: (job: Job, nowMs: number) => string): Column<Job> {
  return { name, type: 'string', description, priority: 0, value };
}

/** The first that holds; a job on its way out is shown so only while it is not finished. */
function status({ metadata, status: { conditions } }: Job): string {
  if (isTrue(conditions, 'Complete')) return 'Complete';
  if (isTrue(conditions, 'Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const rest = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'];
  return rest.find((type) => isTrue(conditions, type)) ?? 'Running';
}

function completions({ spec, status: { succeeded = 0 } }: Job): string {
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const { parallelism = 0 } = spec;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status: { startTime, completionTime } }: Job, nowMs: number): string {
  if (startTime === undefined) return '';
  const endMs = completionTime === undefined ? nowMs : Date.parse(completionTime);
  return humanDuration(endMs - Date.parse(startTime));
}
