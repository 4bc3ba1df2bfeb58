/**
 * Job: pods that run to completion.
 *
 * `validate-job-spec.ts` judges what is wanted (CronJobs share it), `validate-job.ts` selectors and changes,
 * `validate-job-status.ts` what the controller reports; `job-columns.ts` shows.
 */

import { ROOT_PATH, type FieldPath } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Job, JobSpec } from '../../../types.gen.ts';
import { isNewGeneration } from '../../apps/pod-owner.ts';
import { defaultPodTemplate } from '../../core/pod/pod-defaults.ts';
import { ownerNameWarnings, templateWarnings } from '../../core/pod/pod-warnings.ts';
import { JOB_COLUMNS } from './job-columns.ts';
import { generateSelector, validateJob, validateJobUpdate } from './validate-job.ts';
import { validateJobStatus } from './validate-job-status.ts';

const BACKOFF_LIMIT = 6;
/** With a limit for each index there is none for all of them together. */
const NO_LIMIT = 2_147_483_647;

const COMPLETIONS_TRACKABLE = 100_000;
const PARALLELISM_TRACKABLE = 10_000;

export const jobs: ResourceDefinition<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  shortNames: [],
  categories: ['all'],
  namespaced: true,
  message: 'batch/v1.Job',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  orphansByDefault:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove ' +
    'them or set propagationPolicy=Orphan to suppress this warning',
  defaults,
  prepareForCreate: (job) =>
    withLabelsOfPods(job.spec.manualSelector === true ? job : generateSelector(job), job),
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatus,
  warnings: (job, old) => {
    if (old !== undefined && !isNewGeneration(job.metadata, old.metadata)) return [];
    const names = old === undefined ? ownerNameWarnings(job.metadata) : [];
    return [...names, ...jobSpecWarnings(ROOT_PATH.child('spec'), job.spec)];
  },
  selectableFieldNames: ['status.successful'],
  selectableFields: ({ status }) => ({ 'status.successful': String(status.succeeded ?? 0) }),
  columns: JOB_COLUMNS,
};

function defaults(job: Job): Job {
  const { metadata } = job;
  const spec = defaultSpec(job.spec);
  const { labels } = spec.template.metadata;
  const takesLabels = labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0;
  if (spec === job.spec && !takesLabels) return job;
  return { ...job, ...(takesLabels ? { metadata: { ...metadata, labels } } : {}), spec };
}

/** A Job that was given no labels has those of its pods, the generated ones too. */
function withLabelsOfPods(job: Job, given: Job): Job {
  const { labels = {} } = given.metadata;
  const isDefault = labels === given.spec.template.metadata.labels || Object.keys(labels).length === 0;
  const ofPods = job.spec.template.metadata.labels;
  if (!isDefault || ofPods === undefined) return job;
  return { ...job, metadata: { ...job.metadata, labels: ofPods } };
}

function defaultSpec(spec: JobSpec): JobSpec {
  const { parallelism, completions, backoffLimitPerIndex, podFailurePolicy } = spec;
  const isSingle = parallelism === undefined && completions === undefined;
  const fallback: Partial<JobSpec> = {
    parallelism: 1,
    ...(isSingle ? { completions: 1 } : {}),
    backoffLimit: backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : NO_LIMIT,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
  };
  const template = defaultPodTemplate(spec.template);
  const isComplete = Object.keys(fallback).every((field) => spec[field as keyof JobSpec] !== undefined);
  return isComplete && template === spec.template ? spec : { ...fallback, ...spec, template };
}

/** Shared with CronJobs, whose jobs are to be. */
export function jobSpecWarnings(path: FieldPath, spec: JobSpec): readonly string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  const isTooLarge = completions > COMPLETIONS_TRACKABLE && parallelism > PARALLELISM_TRACKABLE;
  const warnings = templateWarnings(path.child('template'), template);
  if (completionMode !== 'Indexed' || !isTooLarge) return warnings;
  const why =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, ' +
    'Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [`${path.toString()}: ${why}`, ...warnings];
}
