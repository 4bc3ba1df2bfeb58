/** The pod that a Job makes: its template, the finalizer by which it is counted, and its index. Pure. */

import type { Draft } from '../../api/meta/object.ts';
import type { Container, Job, OwnerReference, Pod, PodTemplateSpec } from '../../api/types.gen.ts';
import { podFromTemplate } from '../pod-template/pod-template.ts';
import { judgeFailure } from './failure-policy.ts';
import {
  COMPLETION_INDEX,
  ignoredIndexFailures,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  indexFailures,
  TRACKING_FINALIZER,
} from './job-pods.ts';

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';
/** A name has 63 characters at most, five of which are random. */
const GENERATE_NAME_MAX = 58;

/** `replaced`: the latest pod of the same index, whose failures the new one carries on. */
export function podOfJob(
  job: Job,
  owner: OwnerReference,
  index: number | undefined,
  replaced: Pod | undefined,
): Draft<Pod> {
  const { name = '', namespace = '' } = job.metadata;
  const { template } = job.spec;
  const { finalizers = [] } = template.metadata;
  const tracked = finalizers.includes(TRACKING_FINALIZER) ? finalizers : [...finalizers, TRACKING_FINALIZER];
  const base = { ...template, metadata: { ...template.metadata, finalizers: tracked } };
  if (index === undefined) return podFromTemplate(base, namespace, owner);
  const pod = podFromTemplate(withIndex(job, base, index, replaced), namespace, owner);
  const suffix = `-${index}-`;
  const generateName = `${name.slice(0, GENERATE_NAME_MAX - suffix.length)}${suffix}`;
  return { ...pod, metadata: { ...pod.metadata, generateName } };
}

function withIndex(
  job: Job,
  { metadata, spec }: PodTemplateSpec,
  index: number,
  replaced: Pod | undefined,
): PodTemplateSpec {
  const own = { [COMPLETION_INDEX]: String(index) };
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...own },
      annotations: { ...metadata.annotations, ...own, ...failureCounts(job, replaced) },
    },
    spec: {
      ...spec,
      hostname: `${job.metadata.name ?? ''}-${index}`,
      containers: spec.containers.map(withIndexVariable),
      ...(spec.initContainers === undefined
        ? {}
        : { initContainers: spec.initContainers.map(withIndexVariable) }),
    },
  };
}

/** Only with a limit for each index, which these annotations are measured against. */
function failureCounts({ spec }: Job, replaced: Pod | undefined): { readonly [key: string]: string } {
  if (spec.backoffLimitPerIndex === undefined) return {};
  if (replaced === undefined) return { [INDEX_FAILURES]: '0' };
  const { counts } = judgeFailure(spec.podFailurePolicy, replaced);
  const failures = indexFailures(replaced) + (counts ? 1 : 0);
  const ignored = ignoredIndexFailures(replaced) + (counts ? 0 : 1);
  return {
    [INDEX_FAILURES]: String(failures),
    ...(ignored > 0 ? { [INDEX_IGNORED_FAILURES]: String(ignored) } : {}),
  };
}

function withIndexVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath } } }] };
}
