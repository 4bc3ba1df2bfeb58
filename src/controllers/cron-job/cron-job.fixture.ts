/** For tests of the CronJob controller: it makes Jobs, and the test ends them. */

import { cronJobs } from '../../api/groups/batch/cron-job/cron-job.ts';
import { jobs } from '../../api/groups/batch/job/job.ts';
import type { Draft } from '../../api/meta/object.ts';
import { formatTime } from '../../api/time/time.ts';
import type { CronJob, CronJobSpec, Job } from '../../api/types.gen.ts';
import type { TestCluster } from '../cluster.fixture.ts';

export const TIDY = { namespace: 'default', name: 'tidy' };

export function createCronJob(
  { client }: TestCluster,
  spec: Omit<Draft<CronJobSpec>, 'jobTemplate'>,
): Promise<CronJob> {
  const podSpec = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'tidy:1' }] } as const;
  const jobTemplate = { spec: { template: { spec: podSpec } } };
  return client.create(cronJobs, { metadata: TIDY, spec: { ...spec, jobTemplate } });
}

export const getCronJob = ({ client }: TestCluster): Promise<CronJob> => client.get(cronJobs, TIDY);

export async function listJobs({ client }: TestCluster): Promise<readonly Job[]> {
  return (await client.list(jobs)).items;
}

export async function patchCronJob({ client }: TestCluster, spec: Draft<CronJobSpec>): Promise<void> {
  const body = JSON.parse(JSON.stringify({ spec }));
  await client.patch(cronJobs, TIDY, { type: 'merge', body });
}

export function scheduledAt({ metadata }: Job): string {
  return metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '';
}

/** As the Job controller ends it. */
export async function endJob({ client, host }: TestCluster, job: Job, isGood: boolean): Promise<void> {
  const now = formatTime(host.clock.now());
  const condition = (type: string) => ({
    ...{ type, status: 'True', lastProbeTime: now, lastTransitionTime: now },
  });
  const conditions = isGood
    ? [condition('SuccessCriteriaMet'), condition('Complete')]
    : [condition('FailureTarget'), condition('Failed')];
  const status = {
    ...{ startTime: job.status.startTime ?? now, conditions },
    ...(isGood ? { completionTime: now } : {}),
  };
  await client.update(jobs, { ...job, status }, { subresource: 'status' });
}
