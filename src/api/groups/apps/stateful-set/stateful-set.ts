/**
 * StatefulSet: pods with names, storage and an order of their own.
 *
 * `validate-stateful-set.ts` judges. The controller gives each pod a host name, a subdomain and a volume for
 * each claim template, so the template is judged as if it had them.
 */

import { ROOT_PATH } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { PersistentVolumeClaim, StatefulSet, StatefulSetUpdateStrategy } from '../../../types.gen.ts';
import { claimSpecWarnings } from '../../core/persistent-volume-claim/claim-warnings.ts';
import { containerColumns, defaultTemplateOf, podTemplateWarnings } from '../pod-owner.ts';
import {
  validateNewStatefulSet,
  validateStatefulSet,
  validateStatefulSetStatus,
  validateStatefulSetUpdate,
} from './validate-stateful-set.ts';

const TEMPLATES = ROOT_PATH.child('spec', 'volumeClaimTemplates');

export const statefulSets: ResourceDefinition<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  message: 'apps/v1.StatefulSet',
  nameFormat: 'dns1123Label',
  hasStatus: true,
  hasGeneration: true,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  defaults,
  validate: validateStatefulSet,
  validateCreate: validateNewStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatus,
  warnings: (set, old) => [
    ...podTemplateWarnings(set, old),
    ...(set.spec.volumeClaimTemplates ?? []).flatMap(({ spec }, i) =>
      claimSpecWarnings(old === undefined ? TEMPLATES.index(i) : TEMPLATES.index(i).child('Spec'), spec),
    ),
    ...historyWarnings(set),
  ],
  columns: [
    NAME_COLUMN,
    {
      name: 'Ready',
      type: 'string',
      description: 'Number of the pod with ready state',
      priority: 0,
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    AGE_COLUMN,
    ...containerColumns<StatefulSet>(({ spec }) => spec.template.spec.containers),
  ],
};

/** Never refused, as it was allowed once. */
function historyWarnings({ spec: { revisionHistoryLimit = 0 } }: StatefulSet): readonly string[] {
  if (revisionHistoryLimit >= 0) return [];
  const why = 'a negative value retains all historical revisions; a value >= 0 is recommended';
  return [`spec.revisionHistoryLimit: ${why}`];
}

function defaults(set: StatefulSet): StatefulSet {
  const { updateStrategy, volumeClaimTemplates } = set.spec;
  const strategy = defaultStrategy(updateStrategy);
  const templates = volumeClaimTemplates?.map(withKind);
  const hasNewTemplate = templates?.some((template, i) => template !== volumeClaimTemplates?.[i]) ?? false;
  const changed = {
    ...(strategy === updateStrategy ? {} : { updateStrategy: strategy }),
    ...(templates === undefined || !hasNewTemplate ? {} : { volumeClaimTemplates: templates }),
  };
  const next = Object.keys(changed).length === 0 ? set : { ...set, spec: { ...set.spec, ...changed } };
  return defaultTemplateOf(next);
}

/**
 * No strategy at all means rolling updates of all pods; one of another type stays as it is. `maxUnavailable`
 * has no default, because upstream's gate for it is off (kubernetes#137904).
 */
function defaultStrategy(strategy: StatefulSetUpdateStrategy): StatefulSetUpdateStrategy {
  const { type = '', rollingUpdate } = strategy;
  if (type !== '' && (type !== 'RollingUpdate' || rollingUpdate === undefined)) return strategy;
  if (type !== '' && rollingUpdate?.partition !== undefined) return strategy;
  return { type: 'RollingUpdate', rollingUpdate: { partition: 0, ...rollingUpdate } };
}

/** Templates of claims say what they are. */
function withKind(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  if (claim.kind === 'PersistentVolumeClaim' && claim.apiVersion === 'v1') return claim;
  return { ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
}
