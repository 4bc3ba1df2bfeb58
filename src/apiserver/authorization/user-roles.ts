/**
 * The roles meant for people: `view`, `edit` and `admin` of a namespace, put together from parts by label,
 * so that new kinds can add to them (upstream's `bootstrappolicy`).
 */

import type { LabelSelector, PolicyRule } from '../../api/types.gen.ts';
import { READ, rule, WRITE, type RoleSpec } from './role-spec.ts';

const WORKLOADS = [
  'controllerrevisions',
  'daemonsets',
  'daemonsets/status',
  'deployments',
  'deployments/scale',
  'deployments/status',
  'replicasets',
  'replicasets/scale',
  'replicasets/status',
  'statefulsets',
  'statefulsets/scale',
  'statefulsets/status',
];
const JOBS = ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'];
const NETWORK = ['ingresses', 'ingresses/status', 'networkpolicies'];

const VIEW: readonly PolicyRule[] = [
  rule('', READ, [
    'configmaps',
    'endpoints',
    'persistentvolumeclaims',
    'persistentvolumeclaims/status',
    'pods',
    'replicationcontrollers',
    'replicationcontrollers/scale',
    'serviceaccounts',
    'services',
    'services/status',
  ]),
  rule('', READ, [
    'bindings',
    'events',
    'limitranges',
    'namespaces/status',
    'pods/log',
    'pods/status',
    'replicationcontrollers/status',
    'resourcequotas',
    'resourcequotas/status',
  ]),
  rule('', READ, ['namespaces']),
  rule('discovery.k8s.io', READ, ['endpointslices']),
  rule('apps', READ, WORKLOADS),
  rule('autoscaling', READ, ['horizontalpodautoscalers', 'horizontalpodautoscalers/status']),
  rule('batch', READ, JOBS),
  rule('networking.k8s.io', READ, NETWORK),
  rule('policy', READ, ['poddisruptionbudgets', 'poddisruptionbudgets/status']),
  rule('resource.k8s.io', READ, ['resourceclaims', 'resourceclaims/status', 'resourceclaimtemplates']),
];

const EDIT: readonly PolicyRule[] = [
  rule('', READ, ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy']),
  rule('', ['impersonate'], ['serviceaccounts']),
  rule('', WRITE, ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy']),
  rule('', ['create'], ['pods/eviction']),
  rule('', WRITE, [
    'configmaps',
    'events',
    'persistentvolumeclaims',
    'replicationcontrollers',
    'replicationcontrollers/scale',
    'secrets',
    'serviceaccounts',
    'services',
    'services/proxy',
  ]),
  rule('', ['create'], ['serviceaccounts/token']),
  rule('apps', WRITE, [
    'daemonsets',
    'deployments',
    'deployments/rollback',
    'deployments/scale',
    'replicasets',
    'replicasets/scale',
    'statefulsets',
    'statefulsets/scale',
  ]),
  rule('autoscaling', WRITE, ['horizontalpodautoscalers']),
  rule('batch', WRITE, ['cronjobs', 'jobs']),
  rule('networking.k8s.io', WRITE, ['ingresses', 'networkpolicies']),
  rule('policy', WRITE, ['poddisruptionbudgets']),
  rule('coordination.k8s.io', [...WRITE, ...READ], ['leases']),
  rule('resource.k8s.io', WRITE, ['resourceclaims', 'resourceclaimtemplates']),
];

const ADMIN: readonly PolicyRule[] = [
  rule('authorization.k8s.io', ['create'], ['localsubjectaccessreviews']),
  rule('rbac.authorization.k8s.io', [...WRITE, ...READ], ['rolebindings', 'roles']),
];

/** As metrics-server's manifest has it. */
const METRICS: readonly PolicyRule[] = [rule('metrics.k8s.io', READ, ['pods', 'nodes'])];
/** Explanations say nothing but what those who see objects and events could find out. */
const EXPLAIN: readonly PolicyRule[] = [rule('explain.k8ts.dev', ['get'], ['*/progress', '*/scheduling'])];

const label = (target: string): string => `rbac.authorization.k8s.io/aggregate-to-${target}`;
const matching = (target: string): readonly LabelSelector[] => [{ matchLabels: { [label(target)]: 'true' } }];

/**
 * The three roles carry the rules of their parts from the start; the controller of aggregated roles keeps
 * them so when parts are added.
 */
export const USER_ROLES: readonly RoleSpec[] = [
  {
    name: 'admin',
    rules: [...ADMIN, ...EDIT, ...VIEW, ...METRICS, ...EXPLAIN],
    aggregates: matching('admin'),
  },
  {
    name: 'edit',
    rules: [...EDIT, ...VIEW, ...METRICS, ...EXPLAIN],
    labels: { [label('admin')]: 'true' },
    aggregates: matching('edit'),
  },
  {
    name: 'view',
    rules: [...VIEW, ...METRICS, ...EXPLAIN],
    labels: { [label('edit')]: 'true' },
    aggregates: matching('view'),
  },
  { name: 'system:aggregate-to-admin', rules: ADMIN, labels: { [label('admin')]: 'true' } },
  { name: 'system:aggregate-to-edit', rules: EDIT, labels: { [label('edit')]: 'true' } },
  { name: 'system:aggregate-to-view', rules: VIEW, labels: { [label('view')]: 'true' } },
  {
    name: 'system:aggregated-explanations-reader',
    rules: EXPLAIN,
    labels: { [label('admin')]: 'true', [label('edit')]: 'true', [label('view')]: 'true' },
  },
  {
    name: 'system:aggregated-metrics-reader',
    rules: METRICS,
    labels: { [label('admin')]: 'true', [label('edit')]: 'true', [label('view')]: 'true' },
  },
];
