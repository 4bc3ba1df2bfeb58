import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../catalog.ts';
import type { Draft } from '../meta/object.ts';
import type { Namespace, Pod } from '../types.gen.ts';
import { controllerRevisions } from './apps/controller-revision/controller-revision.ts';
import { deployments } from './apps/deployment/deployment.ts';
import { judge } from './judge.fixture.ts';
import { podDisruptionBudgets } from './policy/pod-disruption-budget/pod-disruption-budget.ts';
import { namespaces } from './core/namespace/namespace.ts';
import { nodes } from './core/node/node.ts';
import { podTemplates } from './core/pod-template/pod-template.ts';
import { pods } from './core/pod/pod.ts';
import { serviceAccounts } from './core/service-account/service-account.ts';

const METADATA = { name: 'x', namespace: 'default' };
const TEMPLATE = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };

/** Plural: short names, categories, in upstream's words. */
const NAMES: { readonly [plural: string]: readonly [short: string, categories: string] } = {
  bindings: ['', ''],
  componentstatuses: ['cs', ''],
  configmaps: ['cm', ''],
  controllerrevisions: ['', ''],
  cronjobs: ['cj', 'all'],
  daemonsets: ['ds', 'all'],
  deployments: ['deploy', 'all'],
  endpoints: ['ep', ''],
  events: ['ev', ''],
  horizontalpodautoscalers: ['hpa', 'all'],
  jobs: ['', 'all'],
  limitranges: ['limits', ''],
  namespaces: ['ns', ''],
  nodes: ['no', ''],
  persistentvolumeclaims: ['pvc', ''],
  persistentvolumes: ['pv', ''],
  poddisruptionbudgets: ['pdb', ''],
  pods: ['po', 'all'],
  podtemplates: ['', ''],
  replicasets: ['rs', 'all'],
  replicationcontrollers: ['rc', 'all'],
  resourcequotas: ['quota', ''],
  secrets: ['', ''],
  serviceaccounts: ['sa', ''],
  services: ['svc', 'all'],
  statefulsets: ['sts', 'all'],
};

test('short names and categories', () => {
  // These have plurals of other groups, and no short names.
  const borrowing = ['metrics.k8s.io', 'explain.k8ts.dev'];
  const found = BUILT_IN_KINDS.filter(({ group, plural }) => plural in NAMES && !borrowing.includes(group));
  assert.ok(found.length >= Object.keys(NAMES).length);
  for (const { plural, shortNames, categories } of found) {
    assert.deepEqual([shortNames.join(), categories.join()], NAMES[plural], plural);
  }
});

test('rows without what upstream does not show', () => {
  assert.deepEqual(judge(serviceAccounts).row({ metadata: METADATA, secrets: [{ name: 's' }] }), ['x']);
  assert.deepEqual(
    podTemplates.columns.map(({ name }) => name),
    ['Name', 'Containers', 'Images', 'Pod Labels'],
  );
  const counts = deployments.columns.filter(({ name }) => name === 'Up-to-date' || name === 'Available');
  assert.deepEqual(
    counts.map(({ type }) => type),
    ['string', 'string'],
  );
});

test('a container that failed is shown before one that is done', () => {
  const ended = (name: string, exitCode: number, reason: string) => ({
    ...{ name, image: 'i:1', imageID: '', ready: false, restartCount: 0 },
    state: { terminated: { exitCode, reason } },
  });
  const pod: Draft<Pod> = {
    metadata: METADATA,
    spec: { containers: ['a', 'b'].map((name) => ({ name, image: 'i:1' })) },
    status: { phase: 'Failed', containerStatuses: [ended('a', 0, 'Completed'), ended('b', 1, 'Error')] },
  };
  assert.deepEqual(judge(pods).row(pod).slice(0, 3), ['x', '0/2', 'Error']);
});

test('the phase of a namespace', () => {
  const judged = judge(namespaces);
  const space = (status: Draft<Namespace['status']>): Draft<Namespace> => ({
    metadata: { name: 'x' },
    status,
  });
  assert.deepEqual(judged.refusedStatus(space({ phase: 'Active' }), space({})), []);
  assert.deepEqual(judged.refusedStatus(space({ phase: 'Terminating' }), space({})), [
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ]);
});

test('what a node reports', () => {
  const address = { type: 'InternalIP', address: '10.0.0.1' };
  const status = { capacity: { pods: '1500m' }, addresses: [address, address] };
  const node = { metadata: { name: 'n' } };
  assert.deepEqual(judge(nodes).refusedStatus({ ...node, status }, node), [
    'status.capacity.pods: Invalid value: "1500m": must be an integer',
    'status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"}',
  ]);
  const taint = { key: 'a', effect: 'NoSchedule' } as const;
  assert.deepEqual(judge(nodes).refused({ ...node, spec: { taints: [taint, taint] } }), [
    'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: taints must be unique by key and effect pair',
  ]);
});

test('templates and revisions', () => {
  assert.deepEqual(
    judge(podTemplates).refused({ metadata: METADATA, template: { spec: { containers: [] } } }),
    ['template.spec.containers: Required value'],
  );
  const judged = judge(controllerRevisions);
  const revision = (data: object | undefined, number = 1) => ({
    ...{ metadata: METADATA, revision: number },
    ...(data === undefined ? {} : { data }),
  });
  assert.deepEqual(judged.refused(revision({ spec: {} })), []);
  assert.deepEqual(judged.refused(revision(undefined, -1)), [
    'revision: Invalid value: -1: must be greater than or equal to 0',
    'data: Required value: data is mandatory',
  ]);
  assert.deepEqual(judged.refused(revision([])), ['data: Required value: data must be a valid JSON object']);
  assert.deepEqual(judged.refusedUpdate(revision({ a: 2 }), revision({ a: 1 })), [
    'data: Invalid value: {"a":2}: field is immutable',
  ]);
});

test('disruption budgets', () => {
  const judged = judge(podDisruptionBudgets);
  const spec = { minAvailable: 1, maxUnavailable: 1 };
  assert.deepEqual(judged.refused({ metadata: METADATA, spec }), [
    `spec: Invalid value: ${JSON.stringify(spec)}: minAvailable and maxUnavailable cannot be both set`,
  ]);
  const condition = { type: 'Ready', status: 'Maybe', reason: 'no good', message: '' };
  const status = { disruptionsAllowed: -1, conditions: [condition] };
  const refused = judged.refusedStatus({ metadata: METADATA, status }, { metadata: METADATA });
  assert.deepEqual(
    refused.map((text) => text.split(': ').slice(0, 2).join(': ')),
    [
      'status.conditions[0].status: Unsupported value',
      'status.conditions[0].lastTransitionTime: Required value',
      'status.conditions[0].reason: Invalid value',
      'status.disruptionsAllowed: Invalid value',
    ],
  );
});

test('owners warn about their template while it is new', () => {
  const judged = judge(deployments);
  const labels = { a: 'b' };
  const old = { ...TEMPLATE, spec: { ...TEMPLATE.spec, nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } };
  const draft = { metadata: METADATA, spec: { selector: { matchLabels: labels }, template: old } };
  const text =
    'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead';
  assert.deepEqual(judged.warned(draft), [text]);
  assert.deepEqual(judged.warned(draft, draft), []);
});
