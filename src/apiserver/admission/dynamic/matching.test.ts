import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { present } from '../../../base/assert.ts';
import { ADMIN, createTestPipeline } from '../../pipeline.fixture.ts';
import { builtInResources } from '../../resources.ts';
import type { AdmissionRequest } from '../admission.ts';
import { isExempt, matchOf, type Criteria, type Rule, type World } from './matching.ts';
import { asMatched, fromMatched } from './versions.ts';
import { worldOf } from './world.ts';

const resources = builtInResources();

function resource(group: string, version: string, plural: string) {
  return present(resources.find(group, version, plural), plural);
}

interface Asked {
  readonly operation?: AdmissionRequest['operation'];
  /** `group/version/plural/subresource`; `core` for the core group. */
  readonly what?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly oldLabels?: { readonly [key: string]: string };
}

function asked(parts: Asked): AdmissionRequest {
  const [named = '', version = '', plural = '', subresource = ''] = (
    parts.what ?? 'apps/v1/deployments'
  ).split('/');
  const group = named === 'core' ? '' : named;
  const spoken = resource(group, version, plural);
  const hub = spoken.definition.storedAs?.hub;
  const stored = hub === undefined ? spoken : resource(hub.group, hub.version, hub.plural);
  const { name = 'one', operation = 'CREATE', labels, oldLabels } = parts;
  const namespace = spoken.definition.namespaced ? (parts.namespace ?? 'blue') : '';
  const object = (of: Asked['labels']): KubernetesObject => ({
    ...{ apiVersion: spoken.apiVersion, kind: spoken.definition.kind },
    metadata: { name, ...(of === undefined ? {} : { labels: of }) },
  });
  return {
    operation,
    resource: stored,
    served: hub === undefined ? undefined : spoken,
    target: { group, version, resource: plural, namespace, name, subresource },
    object: operation === 'DELETE' ? undefined : object(labels),
    oldObject: operation === 'CREATE' ? undefined : object(oldLabels),
    dryRun: false,
    context: { user: ADMIN, userAgent: '', signal: new AbortController().signal, warn: () => {} },
  };
}

const NAMESPACES: { readonly [name: string]: KubernetesObject | undefined } = {
  blue: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'blue', labels: { colour: 'blue' } } },
};
const WORLD: World = { ...worldOf(createTestPipeline()), namespaceOf: (name) => NAMESPACES[name] };

function rule(text: string, more: Partial<Rule> = {}): Rule {
  const [operations = '', group = '', version = '', ...path] = text.split(' ');
  return {
    operations: operations.split(','),
    apiGroups: [group === 'core' ? '' : group],
    apiVersions: [version],
    resources: path.join('').split(','),
    ...more,
  };
}

function matched(rules: readonly Rule[], request: Asked, more: Partial<Criteria> = {}): string | undefined {
  return matchOf({ rules, matchPolicy: 'Equivalent', ...more }, asked(request), WORLD)?.resource.apiVersion;
}

const pods = 'core/v1/pods';
const IN_BLUE = { namespaceSelector: { matchLabels: { colour: 'blue' } } };
const OF_TEST = { objectSelector: { matchLabels: { purpose: 'test' } } };

test('rules match operations, groups, versions and resources, each by name or all of them', () => {
  const cases: readonly (readonly [string, Asked, boolean])[] = [
    ['CREATE apps v1 deployments', {}, true],
    ['* * * *', {}, true],
    ['UPDATE,DELETE apps v1 deployments', {}, false],
    ['UPDATE,DELETE apps v1 deployments', { operation: 'DELETE' }, true],
    ['CREATE core v1 deployments', {}, false],
    ['CREATE apps v2 deployments', {}, false],
    ['CREATE core v1 pods', { what: `${pods}/status` }, false],
    ['CREATE core v1 *', { what: `${pods}/status` }, false],
    ['CREATE core v1 pods/*', { what: `${pods}/status` }, true],
    ['CREATE core v1 pods/*', { what: pods }, true],
    ['CREATE core v1 */status', { what: `${pods}/status` }, true],
    ['CREATE core v1 */scale', { what: `${pods}/status` }, false],
    ['CREATE core v1 */*', { what: pods }, true],
    ['CREATE core v1 nodes,pods', { what: pods }, true],
  ];
  for (const [text, request, expected] of cases) {
    const found = matched([rule(text)], request);
    assert.equal(found !== undefined, expected, `${text} for ${JSON.stringify(request)}`);
  }
  assert.equal(matched([], {}), undefined, 'no rule matches nothing');
});

test('a Namespace counts as cluster-scoped', () => {
  const all = (scope: string): Rule => rule('* * * *', { scope });
  const node = { what: 'core/v1/nodes' };
  const namespace = { what: 'core/v1/namespaces' };
  const found = (scope: string) =>
    [{}, node, namespace].map((request) => matched([all(scope)], request) !== undefined);
  assert.deepEqual(found('Namespaced'), [true, false, false]);
  assert.deepEqual(found('Cluster'), [false, true, true]);
  assert.deepEqual(found('*'), [true, true, true]);
});

test('names narrow a rule, and excluded rules take away', () => {
  const named = rule('* * * *', { resourceNames: ['one'] });
  assert.equal(matched([named], {}), 'apps/v1');
  assert.equal(matched([named], { name: 'two' }), undefined);
  const excludeRules = [rule('DELETE * * *')];
  assert.equal(matched([rule('* * * *')], {}, { excludeRules }), 'apps/v1');
  assert.equal(matched([rule('* * * *')], { operation: 'DELETE' }, { excludeRules }), undefined);
});

test('an equivalent resource matches unless only the exact one may', () => {
  const what = 'autoscaling/v1/horizontalpodautoscalers';
  const second = rule('* autoscaling v2 *');
  assert.equal(matched([second], { what }), 'autoscaling/v2');
  assert.equal(matched([second], { what }, { matchPolicy: 'Exact' }), undefined);
  assert.equal(matched([second, rule('* autoscaling v1 *')], { what }), 'autoscaling/v1', 'its own is first');
  assert.equal(matched([rule('* autoscaling v3 *')], { what }), undefined);
  assert.equal(matched([rule('* core v1 events')], { what: 'events.k8s.io/v1/events' }), 'v1');
});

test('objects are seen in the version that matched', async () => {
  const v1 = resource('autoscaling', 'v1', 'horizontalpodautoscalers');
  const v2 = resource('autoscaling', 'v2', 'horizontalpodautoscalers');
  const target = { type: 'Utilization', averageUtilization: 60 };
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  const scaleTargetRef = { kind: 'Deployment', name: 'web' };
  const object = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'one' },
    spec: { maxReplicas: 3, scaleTargetRef, metrics },
    status: { conditions: [], currentMetrics: [], desiredReplicas: 0 },
  };
  const what = 'autoscaling/v1/horizontalpodautoscalers';
  const request: AdmissionRequest = { ...asked({ what }), object, oldObject: undefined };
  assert.equal((await asMatched(request, v2)).object, object);
  const seen = await asMatched(request, v1);
  assert.equal(seen.kind.version, 'v1');
  const { spec } = seen.object as unknown as { readonly spec: object };
  assert.deepEqual(spec, { maxReplicas: 3, scaleTargetRef, targetCPUUtilizationPercentage: 60 });
  const back = await fromMatched(present(seen.object, 'object'), request, v1);
  assert.deepEqual((back as typeof object).spec.metrics, metrics);
});

test('labels of a namespace choose what is in it', () => {
  const all = [rule('* * * *')];
  assert.equal(matched(all, {}, IN_BLUE), 'apps/v1');
  const red = { namespaceSelector: { matchLabels: { colour: 'red' } } };
  assert.equal(matched(all, {}, red), undefined);
  assert.equal(matched(all, { what: 'core/v1/nodes' }, red), 'v1', 'what is in none is in every one');
  const what = 'core/v1/namespaces';
  assert.equal(
    matched(all, { what, labels: { colour: 'red' } }, red),
    'v1',
    'its own labels as they will be',
  );
  assert.equal(matched(all, { what, name: 'blue', operation: 'DELETE' }, IN_BLUE), 'v1', 'as they are');
  assert.throws(() => matched(all, { namespace: 'gone' }, IN_BLUE), /namespaces "gone" not found/);
  assert.equal(matched([rule('DELETE * * *')], { namespace: 'gone' }, IN_BLUE), undefined);
});

test('labels of the new or of the old object choose', () => {
  const all = [rule('* * * *')];
  const purpose = { purpose: 'test' };
  assert.equal(matched(all, { labels: purpose }, OF_TEST), 'apps/v1');
  assert.equal(matched(all, {}, OF_TEST), undefined);
  assert.equal(matched(all, { operation: 'UPDATE', oldLabels: purpose }, OF_TEST), 'apps/v1');
  assert.equal(matched(all, { operation: 'DELETE', oldLabels: purpose }, OF_TEST), 'apps/v1');
  assert.equal(matched(all, { operation: 'CONNECT', labels: purpose }, OF_TEST), undefined);
});

test('what configures admission is exempt from it', () => {
  const group = 'admissionregistration.k8s.io/v1';
  assert.equal(isExempt(asked({ what: `${group}/validatingwebhookconfigurations` })), true);
  assert.equal(isExempt(asked({ what: `${group}/mutatingadmissionpolicies` })), true);
  assert.equal(isExempt(asked({})), false);
});
