/** Rules for StatefulSets, worded as upstream words them (`pkg/apis/apps/validation`). Pure. */

import { forbidden, invalid, notSupported, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { laterRule } from '../../../field/later-rule.ts';
import { asJson, nonNegative, notDecremented } from '../../../field/rules.ts';
import { deepEqual } from '../../../meta/equal.ts';
import { dns1123LabelProblem } from '../../../names/names.ts';
import type {
  PodTemplateSpec,
  StatefulSet,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
  Volume,
} from '../../../types.gen.ts';
import { validateClaimSpec } from '../../core/persistent-volume-claim/validate-claim.ts';
import { validatePodTemplate } from '../../core/pod/validate-pod-spec.ts';
import { validateAlwaysRunning, validateSelector } from '../pod-owner.ts';
import { validateReplicaCounts } from '../replica-status.ts';
import { amountProblems, isZeroAmount } from '../rolling-update.ts';

const SPEC = ROOT_PATH.child('spec');
const STATUS = ROOT_PATH.child('status');
const RETENTION_POLICIES: readonly string[] = ['Retain', 'Delete'];

/** What may change after creation, in the order of the message. */
const CHANGEABLE: readonly (keyof StatefulSetSpec)[] = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export function validateStatefulSet(set: StatefulSet): FieldError[] {
  const { spec } = set;
  return [
    ...validateStrategy(spec.updateStrategy),
    ...validateRetention(spec),
    ...nonNegative(SPEC.child('replicas'), spec.replicas),
    ...nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds),
    ...nonNegative(SPEC.child('ordinals', 'start'), spec.ordinals?.start),
    ...validateSelector(set, 'statefulset'),
    ...laterRule('template of a stateful set', [
      ...validatePodTemplate(SPEC.child('template'), asGiven(spec)),
      ...validateAlwaysRunning(spec.template, 'StatefulSet'),
    ]),
  ];
}

/** These cannot change, so older objects keep what was allowed once. */
export function validateNewStatefulSet({ spec }: StatefulSet): FieldError[] {
  const { serviceName, volumeClaimTemplates = [] } = spec;
  const problem = serviceName === '' ? undefined : dns1123LabelProblem(serviceName);
  return [
    ...volumeClaimTemplates.flatMap((claim, i) =>
      validateClaimSpec(SPEC.child('volumeClaimTemplates').index(i).child('spec'), claim.spec),
    ),
    ...(problem === undefined ? [] : [invalid(SPEC.child('serviceName'), serviceName, problem)]),
  ];
}

export function validateStatefulSetUpdate(next: StatefulSet, old: StatefulSet): FieldError[] {
  const fixed = (spec: StatefulSetSpec): Partial<StatefulSetSpec> => {
    const copy: { -readonly [K in keyof StatefulSetSpec]?: StatefulSetSpec[K] } = { ...spec };
    for (const field of CHANGEABLE) delete copy[field];
    return copy;
  };
  if (deepEqual(fixed(next.spec), fixed(old.spec))) return [];
  const quoted = CHANGEABLE.map((field) => `'${field}'`);
  const names = `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`;
  return [forbidden(SPEC, `updates to statefulset spec for fields other than ${names} are forbidden`)];
}

export function validateStatefulSetStatus(next: StatefulSet, old: StatefulSet): FieldError[] {
  const { status } = next;
  const path = STATUS.child('collisionCount');
  return [
    ...validateReplicaCounts(status, ['currentReplicas', 'updatedReplicas'], 'status.readyReplicas'),
    ...nonNegative(path, status.collisionCount),
    ...notDecremented(path, status.collisionCount, old.status.collisionCount),
  ];
}

function validateStrategy(strategy: StatefulSetUpdateStrategy): FieldError[] {
  const path = SPEC.child('updateStrategy');
  const { type, rollingUpdate } = strategy;
  switch (type) {
    case 'OnDelete': {
      if (rollingUpdate === undefined) return [];
      const detail = "only allowed for updateStrategy 'RollingUpdate'";
      return [invalid(path.child('rollingUpdate'), asJson(rollingUpdate), detail)];
    }
    case 'RollingUpdate': {
      const at = path.child('rollingUpdate');
      const { partition, maxUnavailable } = rollingUpdate ?? {};
      const errors = nonNegative(at.child('partition'), partition);
      if (maxUnavailable === undefined) return errors;
      const place = at.child('maxUnavailable');
      if (isZeroAmount(maxUnavailable)) errors.push(invalid(place, maxUnavailable, 'cannot be 0'));
      return [...errors, ...amountProblems(place, maxUnavailable)];
    }
    default:
      return [invalid(path, asJson(strategy), "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function validateRetention({ persistentVolumeClaimRetentionPolicy: policy }: StatefulSetSpec): FieldError[] {
  if (policy === undefined) return [];
  const path = SPEC.child('persistentVolumeClaimRetentionPolicy');
  return (['whenDeleted', 'whenScaled'] as const).flatMap((field) => {
    const value = policy[field] ?? '';
    return RETENTION_POLICIES.includes(value)
      ? []
      : [notSupported(path.child(field), value, RETENTION_POLICIES)];
  });
}

/** The template as the controller will use it: a volume for each claim, host names given to each pod. */
function asGiven({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const { hostname: _host, subdomain: _domain, volumes = [], ...rest } = template.spec;
  const claims = volumeClaimTemplates.map(({ metadata: { name = '' } }): Volume => {
    return { name, persistentVolumeClaim: { claimName: name } };
  });
  const names = new Set(claims.map(({ name }) => name));
  const all = [...claims, ...volumes.filter(({ name }) => !names.has(name))];
  return { ...template, spec: all.length === 0 ? rest : { ...rest, volumes: all } };
}
