/** A Job's selector, generated as a rule, and what may change of a Job, worded as upstream words it. */

import { invalid, required, ROOT_PATH, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { asJson, immutable } from '../../../field/rules.ts';
import { fromLabelSelector, matches } from '../../../labels/selector.ts';
import { deepEqual } from '../../../meta/equal.ts';
import { isDns1123Label } from '../../../names/names.ts';
import type {
  Affinity,
  Container,
  Job,
  JobSpec,
  LabelSelector,
  PodTemplateSpec,
} from '../../../types.gen.ts';
import { validateLabelSelector } from '../../core/pod/validate-label-selector.ts';
import { isTrue } from './job-conditions.ts';
import { validateJobSpec } from './validate-job-spec.ts';

const SPEC = ROOT_PATH.child('spec');
const TEMPLATE = SPEC.child('template');

/** Each under its name of today and the one of old. */
const NAME_LABELS: readonly string[] = ['job-name', 'batch.kubernetes.io/job-name'];
const UID_LABEL = 'batch.kubernetes.io/controller-uid';
const UID_LABELS: readonly string[] = ['controller-uid', UID_LABEL];

const FIXED = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const;

type Labels = { readonly [key: string]: string };

function generatedLabels({ metadata: { name = '', uid = '' } }: Job): Labels {
  const pairs = [...NAME_LABELS.map((key) => [key, name]), ...UID_LABELS.map((key) => [key, uid])];
  return Object.fromEntries(pairs) as Labels;
}

/**
 * Labels that no other Job's pods have, and a selector for them. What is given already stays, for validation
 * to judge.
 */
export function generateSelector(job: Job): Job {
  const { template, selector } = job.spec;
  const labels = { ...generatedLabels(job), ...template.metadata.labels };
  const matchLabels = { [UID_LABEL]: job.metadata.uid ?? '', ...selector?.matchLabels };
  const spec: JobSpec = {
    ...job.spec,
    selector: { ...selector, matchLabels },
    template: { ...template, metadata: { ...template.metadata, labels } },
  };
  return { ...job, spec };
}

export function validateJob(job: Job): FieldError[] {
  const { metadata, spec } = job;
  const errors = [
    ...validateGenerated(job),
    ...validateJobSpec(SPEC, spec),
    ...validateSelector(spec.selector, spec.template.metadata.labels ?? {}),
  ];
  const { completionMode, completions = 0 } = spec;
  if (completionMode !== 'Indexed' || completions === 0) return errors;
  const { name = '' } = metadata;
  const hostname = `${name}-${completions - 1}`;
  if (isDns1123Label(hostname)) return errors;
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`;
  return [...errors, invalid(ROOT_PATH.child('metadata', 'name'), name, detail)];
}

function validateGenerated(job: Job): FieldError[] {
  const { manualSelector, selector, template } = job.spec;
  if (manualSelector === true || selector === undefined) return [];
  const path = TEMPLATE.child('metadata');
  const labels = template.metadata.labels ?? {};
  const expected = generatedLabels(job);
  const errors = Object.entries(expected).flatMap(([key, value]) => hasLabel(path, labels, key, value));
  const compiled = fromLabelSelector(selector);
  if (compiled !== undefined && !matches(compiled, expected)) {
    errors.push(invalid(SPEC.child('selector'), asJson(selector), '`selector` not auto-generated'));
  }
  return errors;
}

function hasLabel(path: FieldPath, labels: Labels, key: string, value: string): FieldError[] {
  const given = labels[key];
  const at = path.child('labels').key(key);
  if (given === undefined) return [required(at, `must be '${value}'`)];
  return given === value ? [] : [invalid(at, { ...labels }, `must be '${value}'`)];
}

function validateSelector(selector: LabelSelector | undefined, labels: Labels): FieldError[] {
  const path = SPEC.child('selector');
  const errors = selector === undefined ? [required(path)] : validateLabelSelector(path, selector);
  const compiled = fromLabelSelector(selector);
  const isMatch = selector !== undefined && (compiled === undefined || matches(compiled, labels));
  if (isMatch) return errors;
  const detail = '`selector` does not match template `labels`';
  return [...errors, invalid(TEMPLATE.child('metadata', 'labels'), { ...labels }, detail)];
}

export function validateJobUpdate(next: Job, old: Job): FieldError[] {
  return [
    ...validateCompletions(next.spec, old.spec),
    ...immutable(SPEC.child('selector'), next.spec.selector, old.spec.selector),
    ...validateTemplateUpdate(next, old),
    ...FIXED.flatMap((field) => immutable(SPEC.child(field), next.spec[field], old.spec[field])),
  ];
}

/** An indexed job can be resized while as many pods run as indexes are left. */
function validateCompletions(next: JobSpec, old: JobSpec): FieldError[] {
  const path = SPEC.child('completions');
  if (next.completionMode !== 'Indexed') return immutable(path, next.completions, old.completions);
  const { completions, parallelism } = next;
  if (completions === undefined || completions === old.completions || completions === parallelism) return [];
  return [invalid(path, completions, 'can only be modified in tandem with spec.parallelism')];
}

/** While nothing of a suspended job runs, its pods may still be placed and sized otherwise. */
function validateTemplateUpdate(next: Job, old: Job): FieldError[] {
  const { conditions, startTime, active = 0 } = old.status;
  const isHeld = startTime === undefined || isTrue(conditions, 'Suspended');
  const [after, before] = [next.spec.template, old.spec.template];
  if (old.spec.suspend !== true || active > 0 || !isHeld) return immutable(TEMPLATE, after, before);
  return immutable(TEMPLATE.child('spec'), after.spec, withPlacement(before, after).spec);
}

/** The old template with all that may change taken from the new one. */
function withPlacement(old: PodTemplateSpec, next: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates, affinity, initContainers } = next.spec;
  const {
    nodeSelector: _selector,
    tolerations: _tolerations,
    schedulingGates: _gates,
    affinity: oldAffinity,
    ...rest
  } = old.spec;
  const placed = withNodeAffinity(oldAffinity, affinity);
  const spec = {
    ...rest,
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(schedulingGates === undefined ? {} : { schedulingGates }),
    ...(placed === undefined ? {} : { affinity: placed }),
    containers: withResources(rest.containers, next.spec.containers),
    ...(rest.initContainers === undefined
      ? {}
      : { initContainers: withResources(rest.initContainers, initContainers ?? []) }),
  };
  return { ...old, spec };
}

function withNodeAffinity(old: Affinity | undefined, next: Affinity | undefined): Affinity | undefined {
  const { nodeAffinity: _old, ...others } = old ?? {};
  const nodeAffinity = next?.nodeAffinity;
  if (next === undefined && Object.keys(others).length === 0) return undefined;
  if (deepEqual(old, next)) return old;
  return { ...others, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) };
}

function withResources(old: readonly Container[], next: readonly Container[]): readonly Container[] {
  if (old.length !== next.length) return old;
  return old.map((container, i) => {
    const other = next[i];
    return other?.name === container.name ? { ...container, resources: other.resources } : container;
  });
}
