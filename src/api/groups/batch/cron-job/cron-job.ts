/** CronJob: makes a Job whenever its schedule says so. */

import { ROOT_PATH } from '../../../field/field-error.ts';
import { age, AGE_COLUMN, labelSelectorText, NAME_COLUMN, NONE } from '../../../meta/columns.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { CronJob } from '../../../types.gen.ts';
import { containerColumns, isNewGeneration, wideColumn } from '../../apps/pod-owner.ts';
import { defaultPodTemplate } from '../../core/pod/pod-defaults.ts';
import { ownerNameWarnings } from '../../core/pod/pod-warnings.ts';
import { jobSpecWarnings } from '../job/job.ts';
import { validateCronJob, validateCronJobUpdate, validateNewCronJob } from './validate-cron-job.ts';

const JOB_SPEC = ROOT_PATH.child('spec', 'jobTemplate', 'spec');

export const cronJobs: ResourceDefinition<CronJob> = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  message: 'batch/v1.CronJob',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  defaults,
  validate: validateCronJob,
  validateCreate: validateNewCronJob,
  validateUpdate: validateCronJobUpdate,
  warnings: (job, old) => {
    if (old !== undefined && !isNewGeneration(job.metadata, old.metadata)) return [];
    const names = old === undefined ? ownerNameWarnings(job.metadata) : [];
    return [...names, ...jobSpecWarnings(JOB_SPEC, job.spec.jobTemplate.spec)];
  },
  columns: [
    NAME_COLUMN,
    column('Schedule', 'string', 'When its jobs are due, in cron format.', ({ spec }) => spec.schedule),
    column('Timezone', 'string', 'The clock that the schedule goes by.', ({ spec }) => spec.timeZone ?? NONE),
    column('Suspend', 'boolean', 'Whether it makes no jobs for now.', ({ spec }) =>
      spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False',
    ),
    column('Active', 'integer', 'How many of its jobs run.', ({ status }) => (status.active ?? []).length),
    column('Last Schedule', 'string', 'When it last made a job.', ({ status }, nowMs) =>
      status.lastScheduleTime === undefined ? NONE : age(status.lastScheduleTime, nowMs),
    ),
    AGE_COLUMN,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template.spec.containers),
    wideColumn('Selector', 'Which pods count as those of its jobs.', ({ spec }) =>
      labelSelectorText(spec.jobTemplate.spec.selector),
    ),
  ],
};

function column(
  name: string,
  type: Column<CronJob>['type'],
  description: string,
  value: (job: CronJob, nowMs: number) => string | number | boolean,
): Column<CronJob> {
  return { name, type, description, priority: 0, value };
}

/** The jobs themselves get their defaults when they are made. */
function defaults(job: CronJob): CronJob {
  const { jobTemplate } = job.spec;
  const template = defaultPodTemplate(jobTemplate.spec.template);
  if (template === jobTemplate.spec.template) return job;
  const spec = { ...jobTemplate.spec, template };
  return { ...job, spec: { ...job.spec, jobTemplate: { ...jobTemplate, spec } } };
}
