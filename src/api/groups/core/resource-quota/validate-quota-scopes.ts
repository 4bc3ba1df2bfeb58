/** Rules for the scopes of quotas: which resources a scope can be applied to, and which scopes contradict. */

import { invalid, required, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { asJson } from '../../../field/rules.ts';
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../../../types.gen.ts';
import { isQuotaResource } from '../resource-names.ts';

const POD_RESOURCES: readonly string[] = [
  'pods',
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
];
const CLAIM_RESOURCES: readonly string[] = ['persistentvolumeclaims', 'requests.storage'];

const APPLIES_TO: { readonly [scope: string]: readonly string[] } = {
  Terminating: POD_RESOURCES,
  NotTerminating: POD_RESOURCES,
  NotBestEffort: POD_RESOURCES,
  PriorityClass: POD_RESOURCES,
  CrossNamespacePodAffinity: POD_RESOURCES,
  BestEffort: ['pods'],
  VolumeAttributesClass: CLAIM_RESOURCES,
};

/** These are or are not; they have no values to choose from. */
const WITHOUT_VALUES: readonly string[] = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
];
const MUST_EXIST =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
  'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ' +
  'ResourceQuotaScopeCrossNamespacePodAffinity';

const CONTRADICTIONS: readonly (readonly string[])[] = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

export function validateScopes(path: FieldPath, spec: ResourceQuotaSpec): FieldError[] {
  const { scopes = [] } = spec;
  const at = path.child('scopes');
  return [...scopes.flatMap((scope) => unfit(at, spec, scope, scopes)), ...contradictions(at, scopes, spec)];
}

export function validateScopeSelector(path: FieldPath, spec: ResourceQuotaSpec): FieldError[] {
  const { matchExpressions = [] } = spec.scopeSelector ?? {};
  const at = path.child('scopeSelector', 'matchExpressions');
  const scopes = matchExpressions.map(({ scopeName }) => scopeName);
  return [
    ...matchExpressions.flatMap((requirement) => [
      ...unfit(at, spec, requirement.scopeName, spec.scopeSelector),
      ...validateRequirement(at, requirement),
    ]),
    ...contradictions(at, scopes, spec),
  ];
}

function unfit(
  path: FieldPath,
  { hard = {} }: ResourceQuotaSpec,
  scope: string,
  shown: unknown,
): FieldError[] {
  const fitting = APPLIES_TO[scope];
  if (fitting === undefined) return [];
  return Object.keys(hard)
    .toSorted()
    .filter((name) => isQuotaResource(name) && !fitting.includes(name))
    .map(() => invalid(path, asJson(shown), 'unsupported scope applied to resource'));
}

function contradictions(path: FieldPath, scopes: readonly string[], spec: ResourceQuotaSpec): FieldError[] {
  return CONTRADICTIONS.filter((pair) => pair.every((scope) => scopes.includes(scope))).map(() =>
    invalid(path, asJson(spec.scopes ?? []), 'conflicting scopes'),
  );
}

function validateRequirement(
  path: FieldPath,
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
): FieldError[] {
  const errors: FieldError[] = [];
  if (WITHOUT_VALUES.includes(scopeName) && operator !== 'Exists') {
    errors.push(invalid(path.child('operator'), operator, MUST_EXIST));
  }
  const needsValues = operator === 'In' || operator === 'NotIn';
  if (needsValues && values.length === 0) {
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    errors.push(required(path.child('values'), detail));
  }
  if (!needsValues && values.length > 0) {
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    errors.push(invalid(path.child('values'), [...values], detail));
  }
  return errors;
}
