/**
 * `matchLabelKeys` and `mismatchLabelKeys`: "pods with the same (or another) value of this label as mine".
 * When a pod is created they become ordinary requirements of the selector, with the pod's own values
 * (KEP-3633, KEP-3243), so that nobody else has to know about them.
 */

import { forbidden, invalid, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { labelKeyProblem, type LabelMap } from '../../../labels/selector.ts';
import type {
  Affinity,
  LabelSelector,
  LabelSelectorRequirement,
  Pod,
  PodAffinity,
  PodAffinityTerm,
  PodAntiAffinity,
} from '../../../types.gen.ts';

interface LabelKeys {
  readonly labelSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

export function withMergedLabelKeys(spec: Pod['spec'], labels: LabelMap | undefined): Pod['spec'] {
  const { affinity, topologySpreadConstraints } = spec;
  if (affinity === undefined && topologySpreadConstraints === undefined) return spec;
  const merge = <T extends LabelKeys>(one: T): T => merged(one, labels ?? {});
  return {
    ...spec,
    ...(affinity === undefined ? {} : { affinity: mergeAffinity(affinity, merge) }),
    ...(topologySpreadConstraints === undefined
      ? {}
      : { topologySpreadConstraints: topologySpreadConstraints.map(merge) }),
  };
}

function mergeAffinity(affinity: Affinity, merge: (term: PodAffinityTerm) => PodAffinityTerm): Affinity {
  const { podAffinity, podAntiAffinity } = affinity;
  return {
    ...affinity,
    ...(podAffinity === undefined ? {} : { podAffinity: mergeTerms(podAffinity, merge) }),
    ...(podAntiAffinity === undefined ? {} : { podAntiAffinity: mergeTerms(podAntiAffinity, merge) }),
  };
}

function mergeTerms<T extends PodAffinity | PodAntiAffinity>(
  terms: T,
  merge: (term: PodAffinityTerm) => PodAffinityTerm,
): T {
  const required = terms.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = terms.preferredDuringSchedulingIgnoredDuringExecution;
  return {
    ...terms,
    ...(required === undefined
      ? {}
      : { requiredDuringSchedulingIgnoredDuringExecution: required.map(merge) }),
    ...(preferred === undefined
      ? {}
      : {
          preferredDuringSchedulingIgnoredDuringExecution: preferred.map((one) => ({
            ...one,
            podAffinityTerm: merge(one.podAffinityTerm),
          })),
        }),
  };
}

/** A selector that is absent selects nothing, and stays so. */
function merged<T extends LabelKeys>(one: T, labels: LabelMap): T {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = one;
  const requirements = [
    ...requirementsOf(matchLabelKeys, 'In', labels),
    ...requirementsOf(mismatchLabelKeys, 'NotIn', labels),
  ];
  if (labelSelector === undefined || requirements.length === 0) return one;
  const matchExpressions = [...(labelSelector.matchExpressions ?? []), ...requirements];
  return { ...one, labelSelector: { ...labelSelector, matchExpressions } };
}

function requirementsOf(
  keys: readonly string[],
  operator: LabelSelectorRequirement['operator'],
  labels: LabelMap,
): readonly LabelSelectorRequirement[] {
  return keys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}

/** On a created pod the keys are merged already, so one that the user selects by as well is there twice. */
export function validateLabelKeys(path: FieldPath, keys: LabelKeys): FieldError[] {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = keys;
  const errors = [
    ...validateKeys(path.child('matchLabelKeys'), matchLabelKeys, labelSelector),
    ...validateKeys(path.child('mismatchLabelKeys'), mismatchLabelKeys, labelSelector),
  ];
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const at = matchLabelKeys.indexOf(key);
    if (at >= 0 && selected.has(key))
      errors.push(invalid(path.index(at), key, 'exists in both matchLabelKeys and labelSelector'));
    selected.add(key);
  }
  for (const [i, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue;
    const at = path.child('matchLabelKeys').index(i);
    errors.push(invalid(at, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  }
  return errors;
}

function validateKeys(
  path: FieldPath,
  keys: readonly string[],
  labelSelector: LabelSelector | undefined,
): FieldError[] {
  if (keys.length > 0 && labelSelector === undefined)
    return [forbidden(path, 'must not be specified when labelSelector is not set')];
  return keys.flatMap((key, i) => {
    const problem = labelKeyProblem(key);
    return problem === undefined ? [] : [invalid(path.index(i), key, problem)];
  });
}
