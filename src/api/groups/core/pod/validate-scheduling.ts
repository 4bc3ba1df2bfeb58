/** Rules for where a pod wants to run: affinity, tolerations, spreading. */

import {
  duplicate,
  forbidden,
  invalid,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { laterRule } from '../../../field/later-rule.ts';
import { labelKeyProblem, labelValueProblem } from '../../../labels/selector.ts';
import { dns1123LabelProblem } from '../../../names/names.ts';
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../../../types.gen.ts';
import { validateLabelKeys } from './label-keys.ts';
import { validateLabelSelector } from './validate-label-selector.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
/** The only field of a node that can be selected by. */
const NODE_NAME = 'metadata.name';

export function validateAffinity(path: FieldPath, affinity: Affinity | undefined): FieldError[] {
  if (affinity === undefined) return [];
  return [
    ...validateNodeAffinity(path.child('nodeAffinity'), affinity.nodeAffinity),
    ...validatePodAffinity(path.child('podAffinity'), affinity.podAffinity),
    ...validatePodAffinity(path.child('podAntiAffinity'), affinity.podAntiAffinity),
  ];
}

export function validateNodeAffinity(path: FieldPath, affinity: NodeAffinity | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const needed = affinity?.[REQUIRED];
  if (needed !== undefined) errors.push(...validateNodeSelector(path.child(REQUIRED), needed));
  for (const [i, { weight, preference }] of (affinity?.[PREFERRED] ?? []).entries()) {
    const at = path.child(PREFERRED).index(i);
    errors.push(...validateWeight(at, weight), ...validateTerm(at.child('preference'), preference));
  }
  return errors;
}

/** Where a pod must run, or where a volume can be reached from. */
export function validateNodeSelector(path: FieldPath, { nodeSelectorTerms }: NodeSelector): FieldError[] {
  const terms = path.child('nodeSelectorTerms');
  if (nodeSelectorTerms.length === 0) {
    return [required(terms, 'must have at least one node selector term')];
  }
  return nodeSelectorTerms.flatMap((term, i) => validateTerm(terms.index(i), term));
}

function validateWeight(path: FieldPath, weight: number): FieldError[] {
  return weight >= 1 && weight <= 100
    ? []
    : [invalid(path.child('weight'), weight, 'must be in the range 1-100')];
}

function validateTerm(path: FieldPath, term: NodeSelectorTerm): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((r, i) =>
      validateRequirement(path.child('matchExpressions').index(i), r),
    ),
    ...(term.matchFields ?? []).flatMap((r, i) => validateField(path.child('matchFields').index(i), r)),
  ];
}

function validateRequirement(path: FieldPath, requirement: NodeSelectorRequirement): FieldError[] {
  const { key, operator, values = [] } = requirement;
  const errors: FieldError[] = [];
  const at = path.child('values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        errors.push(required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        errors.push(forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        errors.push(required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      }
      break;
  }
  const problem = labelKeyProblem(key);
  if (problem !== undefined) errors.push(invalid(path.child('key'), key, problem));
  for (const [i, value] of values.entries()) {
    const bad = labelValueProblem(value);
    if (bad === undefined) continue;
    errors.push(...laterRule('label values in required node affinity', [invalid(at.index(i), value, bad)]));
  }
  return errors;
}

function validateField(path: FieldPath, requirement: NodeSelectorRequirement): FieldError[] {
  const { key, operator, values = [] } = requirement;
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(path.child('values'), detail));
  }
  if (key !== NODE_NAME) errors.push(invalid(path.child('key'), key, 'not a valid field selector key'));
  return errors;
}

function validatePodAffinity(path: FieldPath, affinity: PodAffinity | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, term] of (affinity?.[REQUIRED] ?? []).entries()) {
    errors.push(...validatePodTerm(path.child(REQUIRED).index(i), term));
  }
  for (const [i, { weight, podAffinityTerm }] of (affinity?.[PREFERRED] ?? []).entries()) {
    const at = path.child(PREFERRED).index(i);
    errors.push(
      ...validateWeight(at, weight),
      ...validatePodTerm(at.child('podAffinityTerm'), podAffinityTerm),
    );
  }
  return errors;
}

function validatePodTerm(path: FieldPath, term: PodAffinityTerm): FieldError[] {
  const errors = validateTopologyKey(path.child('topologyKey'), term.topologyKey);
  errors.push(...validateLabelSelector(path.child('labelSelector'), term.labelSelector));
  errors.push(...validateLabelSelector(path.child('namespaceSelector'), term.namespaceSelector));
  errors.push(...validateLabelKeys(path, term));
  for (const [i, namespace] of (term.namespaces ?? []).entries()) {
    const problem = dns1123LabelProblem(namespace);
    if (problem !== undefined) errors.push(invalid(path.child('namespaces').index(i), namespace, problem));
  }
  return errors;
}

function validateTopologyKey(path: FieldPath, key: string): FieldError[] {
  if (key === '') return [required(path, 'can not be empty')];
  const problem = labelKeyProblem(key);
  return problem === undefined ? [] : [invalid(path, key, problem)];
}

export function validateTolerations(path: FieldPath, tolerations: readonly Toleration[]): FieldError[] {
  return tolerations.flatMap((toleration, i) => validateToleration(path.index(i), toleration));
}

function validateToleration(path: FieldPath, toleration: Toleration): FieldError[] {
  const { key = '', operator = 'Equal', value = '', effect = '', tolerationSeconds } = toleration;
  const errors: FieldError[] = [];
  const problem = key === '' ? undefined : labelKeyProblem(key);
  if (problem !== undefined) errors.push(invalid(path.child('key'), key, problem));
  if (key === '' && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(path.child('operator'), operator, detail));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalid(path.child('effect'), effect, detail));
  }
  const at = path.child('operator');
  if (operator === 'Exists' && value !== '') {
    errors.push(invalid(at, value, "value must be empty when `operator` is 'Exists'"));
  } else if (operator === 'Equal') {
    const bad = labelValueProblem(value);
    if (bad !== undefined) errors.push(invalid(at, value, bad));
  } else if ((operator === 'Lt' || operator === 'Gt') && !/^(0|-?[1-9]\d*)$/.test(value)) {
    errors.push(
      invalid(
        path.child('value'),
        value,
        "must be a valid 64-bit integer without leading zeros when `operator` is 'Lt' or 'Gt'",
      ),
    );
  }
  return errors;
}

export function validateSpread(
  path: FieldPath,
  constraints: readonly TopologySpreadConstraint[],
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, constraint] of constraints.entries()) {
    const at = path.index(i);
    const { maxSkew, minDomains, topologyKey, whenUnsatisfiable } = constraint;
    if (maxSkew <= 0) errors.push(invalid(at.child('maxSkew'), maxSkew, 'must be greater than zero'));
    errors.push(...validateTopologyKey(at.child('topologyKey'), topologyKey));
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.push(duplicate(at.child('{topologyKey, whenUnsatisfiable}'), pair));
    seen.add(pair);
    if (minDomains !== undefined && minDomains <= 0) {
      errors.push(invalid(at.child('minDomains'), minDomains, 'must be greater than zero'));
    } else if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
      const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(invalid(at.child('minDomains'), minDomains, detail));
    }
    const ofSelector = 'selectors of topology spread constraints';
    const selectorErrors = validateLabelSelector(
      at.child('labelSelector'),
      constraint.labelSelector,
      ofSelector,
    );
    errors.push(...laterRule(ofSelector, selectorErrors));
    errors.push(...laterRule('label keys of topology spread constraints', validateLabelKeys(at, constraint)));
  }
  return errors;
}
