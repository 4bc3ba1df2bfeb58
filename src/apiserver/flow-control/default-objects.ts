/**
 * The flow schemas and priority levels that a cluster starts with: those that must be, and those that
 * upstream suggests. Data; by precedence, so that it can be read which schema gets a request.
 */

import {
  allOf,
  EVERYBODY,
  EXEMPT,
  flowSchema,
  groupSubjects,
  limitedLevel,
  MANDATORY_FLOW_SCHEMAS,
  MANDATORY_PRIORITY_LEVELS,
  type NamedFlowSchema,
  type NamedPriorityLevel,
} from '../../api/groups/flowcontrol/mandatory-objects.ts';
import type { FlowcontrolV1Subject, QueuingConfiguration, ResourcePolicyRule } from '../../api/types.gen.ts';

/** Objects with it, set to `true`, are kept as they are here. */
export const AUTO_UPDATE_ANNOTATION = 'apf.kubernetes.io/autoupdate-spec';

const users = (...names: readonly string[]): readonly FlowcontrolV1Subject[] =>
  names.map((name) => ({ kind: 'User', user: { name } }));
const systemAccounts = (...names: readonly string[]): readonly FlowcontrolV1Subject[] =>
  names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } }));

const CONTROLLER_MANAGER = 'system:kube-controller-manager';
const SCHEDULER = 'system:kube-scheduler';

const anywhere = (
  verbs: readonly string[],
  apiGroup: string,
  resources: readonly string[],
): ResourcePolicyRule => ({ verbs, apiGroups: [apiGroup], resources, namespaces: ['*'] });

const HOLD: readonly string[] = ['get', 'create', 'update'];
const LEASES = anywhere(HOLD, 'coordination.k8s.io', ['leases']);

const queues = (queues: number, handSize: number): QueuingConfiguration => ({
  queues,
  handSize,
  queueLengthLimit: 50,
});

export const DEFAULT_PRIORITY_LEVELS: readonly NamedPriorityLevel[] = [
  ...MANDATORY_PRIORITY_LEVELS,
  limitedLevel('system', 30, 33, queues(64, 6)),
  limitedLevel('node-high', 40, 25, queues(64, 6)),
  limitedLevel('leader-election', 10, 0, queues(16, 4)),
  limitedLevel('workload-high', 40, 50, queues(128, 6)),
  limitedLevel('workload-low', 100, 90, queues(128, 6)),
  limitedLevel('global-default', 20, 50, queues(128, 6)),
];

export const DEFAULT_FLOW_SCHEMAS: readonly NamedFlowSchema[] = [
  ...MANDATORY_FLOW_SCHEMAS,
  flowSchema('probes', EXEMPT, 2, undefined, {
    subjects: EVERYBODY,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  flowSchema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...users(CONTROLLER_MANAGER, SCHEDULER), ...systemAccounts('*')],
    resourceRules: [LEASES],
  }),
  // Before the next one, so that its writes to endpoints are not taken for an election.
  flowSchema('endpoint-controller', 'workload-high', 150, 'ByUser', {
    subjects: [
      ...users(CONTROLLER_MANAGER),
      ...systemAccounts('endpoint-controller', 'endpointslicemirroring-controller'),
    ],
    resourceRules: [anywhere(HOLD, '', ['endpoints'])],
  }),
  flowSchema('workload-leader-election', 'leader-election', 200, 'ByUser', {
    subjects: systemAccounts('*'),
    resourceRules: [anywhere(HOLD, '', ['endpoints', 'configmaps']), LEASES],
  }),
  flowSchema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: groupSubjects('system:nodes'),
    resourceRules: [
      { ...anywhere(['*'], '', ['nodes', 'nodes/status']), clusterScope: true },
      anywhere(['*'], 'coordination.k8s.io', ['leases']),
    ],
  }),
  flowSchema('system-nodes', 'system', 500, 'ByUser', allOf(groupSubjects('system:nodes'))),
  flowSchema(
    'kube-controller-manager',
    'workload-high',
    800,
    'ByNamespace',
    allOf(users(CONTROLLER_MANAGER)),
  ),
  flowSchema('kube-scheduler', 'workload-high', 800, 'ByNamespace', allOf(users(SCHEDULER))),
  flowSchema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', allOf(systemAccounts('*'))),
  flowSchema(
    'service-accounts',
    'workload-low',
    9000,
    'ByUser',
    allOf(groupSubjects('system:serviceaccounts')),
  ),
  flowSchema('global-default', 'global-default', 9900, 'ByUser', allOf(EVERYBODY)),
];
