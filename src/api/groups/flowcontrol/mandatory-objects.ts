/**
 * Flow schemas and priority levels that every server has, whatever is stored: the administrators' requests are
 * exempt, and what nothing else matches shares a little. Data, and the small words that it is written in.
 */

import type {
  FlowcontrolV1Subject,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
  ResourcePolicyRule,
} from '../../types.gen.ts';

export interface NamedSpec<S> {
  readonly name: string;
  readonly spec: S;
}

export type NamedFlowSchema = NamedSpec<FlowSchemaSpec>;
export type NamedPriorityLevel = NamedSpec<PriorityLevelConfigurationSpec>;

export function groupSubjects(...names: readonly string[]): readonly FlowcontrolV1Subject[] {
  return names.map((name) => ({ kind: 'Group', group: { name } }));
}

export const EVERYBODY = groupSubjects('system:unauthenticated', 'system:authenticated');
const EVERYTHING: ResourcePolicyRule = {
  verbs: ['*'],
  apiGroups: ['*'],
  resources: ['*'],
  clusterScope: true,
  namespaces: ['*'],
};
const EVERY_PATH: NonResourcePolicyRule = { verbs: ['*'], nonResourceURLs: ['*'] };

/** All that the subjects ask for. */
export function allOf(subjects: readonly FlowcontrolV1Subject[]): PolicyRulesWithSubjects {
  return { subjects, resourceRules: [EVERYTHING], nonResourceRules: [EVERY_PATH] };
}

export function flowSchema(
  name: string,
  priorityLevel: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  rule: PolicyRulesWithSubjects,
): NamedFlowSchema {
  return {
    name,
    spec: {
      priorityLevelConfiguration: { name: priorityLevel },
      matchingPrecedence,
      ...(distinguisher === undefined ? {} : { distinguisherMethod: { type: distinguisher } }),
      rules: [rule],
    },
  };
}

/** Without queues, what is too much is rejected. */
export function limitedLevel(
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queuing?: QueuingConfiguration,
): NamedPriorityLevel {
  const limitResponse = queuing === undefined ? { type: 'Reject' } : { type: 'Queue', queuing };
  return {
    name,
    spec: { type: 'Limited', limited: { nominalConcurrencyShares, limitResponse, lendablePercent } },
  };
}

export const EXEMPT = 'exempt';
const CATCH_ALL = 'catch-all';

export const MANDATORY_PRIORITY_LEVELS: readonly NamedPriorityLevel[] = [
  limitedLevel(CATCH_ALL, 5, 0),
  {
    name: EXEMPT,
    spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
];

export const MANDATORY_FLOW_SCHEMAS: readonly NamedFlowSchema[] = [
  flowSchema(EXEMPT, EXEMPT, 1, undefined, allOf(groupSubjects('system:masters'))),
  flowSchema(CATCH_ALL, CATCH_ALL, 10_000, 'ByUser', allOf(EVERYBODY)),
];
