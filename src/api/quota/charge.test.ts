import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../meta/object.ts';
import type { ResourceQuota, ResourceQuotaSpec } from '../types.gen.ts';
import { charge } from './charge.ts';
import { evaluatorOf } from './evaluator.ts';
import type { Scope } from './scopes.ts';
import { NOTHING_AROUND } from './surroundings.ts';
import { totalStatus } from './total.ts';

type List = { readonly [name: string]: string };

function quotaOf(hard: List, used: List = {}, spec: Partial<ResourceQuotaSpec> = {}): ResourceQuota {
  const zeros = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard, ...spec },
    status: { hard, used: { ...zeros, ...used } },
  };
}

const podOf = (requests: List, limits: List = {}, spec: object = {}): KubernetesObject =>
  ({
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', resources: { requests, limits } }], ...spec },
    status: {},
  }) as unknown as KubernetesObject;

const pods = { group: '', plural: 'pods' };
const services = { group: '', plural: 'services' };
const claims = { group: '', plural: 'persistentvolumeclaims' };

function outcome(kind: typeof pods, quota: ResourceQuota, object: KubernetesObject, old?: KubernetesObject) {
  const charged = charge({
    quotas: [quota],
    evaluator: evaluatorOf(kind, NOTHING_AROUND),
    object,
    old,
    nowMs: 0,
  });
  return charged.ok ? (charged.charged[0]?.status.used ?? 'nothing') : charged.refusal;
}

test('pods: charged, refused, and what they have to say', () => {
  const quota = quotaOf({ pods: '2', cpu: '1', 'limits.memory': '1Gi' }, { pods: '1', cpu: '600m' });
  assert.deepEqual(outcome(pods, quota, podOf({ cpu: '400m' }, { memory: '1Gi' })), {
    pods: '2',
    cpu: '1',
    'limits.memory': '1Gi',
  });
  assert.equal(
    outcome(pods, quota, podOf({ cpu: '500m' }, { memory: '2Gi' })),
    'exceeded quota: q, requested: cpu=500m,limits.memory=2Gi, used: cpu=600m,limits.memory=0, limited: cpu=1,limits.memory=1Gi',
  );
  assert.equal(
    outcome(pods, quota, podOf({}, {}, { initContainers: [{ name: 'a', resources: {} }] })),
    'failed quota: q: must specify cpu for: a,c; limits.memory for: a,c',
  );
  const whole = { resources: { requests: { cpu: '100m' }, limits: { memory: '1Mi' } } };
  assert.deepEqual(outcome(pods, quota, podOf({}, {}, whole)), {
    pods: '2',
    cpu: '700m',
    'limits.memory': '1Mi',
  });
  const unknown = { ...quota, status: { hard: quota.status.hard ?? {} } };
  assert.equal(
    outcome(pods, unknown, podOf({ cpu: '1m' }, { memory: '1' })),
    'status unknown for quota: q, resources: cpu,limits.memory,pods',
  );
  assert.equal(outcome(pods, { ...quota, status: {} }, podOf({})), 'nothing', 'nobody has counted yet');
});

test('pods: extended resources, huge pages, init containers and sidecars', () => {
  const quota = quotaOf({
    'requests.example.com/gpu': '4',
    'requests.hugepages-2Mi': '1Gi',
    'requests.cpu': '4',
  });
  const initContainers = [
    { name: 'sidecar', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } },
    { name: 'init', resources: { requests: { cpu: '2', 'example.com/gpu': '1' } } },
  ];
  const requests = { cpu: '500m', 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' };
  assert.deepEqual(outcome(pods, quota, podOf(requests, {}, { initContainers })), {
    'requests.example.com/gpu': '2',
    'requests.hugepages-2Mi': '4Mi',
    'requests.cpu': '3',
  });
});

test('scopes decide which pods are counted', () => {
  const elsewhere = {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['other'] }],
      },
    },
  };
  const high = { priorityClassName: 'high' };
  const byClass = (operator: Scope['operator'], values?: readonly string[]) => ({
    scopeSelector: {
      matchExpressions: [
        { scopeName: 'PriorityClass' as const, operator, ...(values === undefined ? {} : { values }) },
      ],
    },
  });
  const cases: readonly [Partial<ResourceQuotaSpec>, KubernetesObject, boolean][] = [
    [{ scopes: ['BestEffort'] }, podOf({}), true],
    [{ scopes: ['BestEffort'] }, podOf({ cpu: '1' }), false],
    [{ scopes: ['NotBestEffort'] }, podOf({ cpu: '1' }), true],
    [{ scopes: ['Terminating'] }, podOf({}, {}, { activeDeadlineSeconds: 5 }), true],
    [{ scopes: ['Terminating'] }, podOf({}), false],
    [{ scopes: ['NotTerminating', 'BestEffort'] }, podOf({}), true],
    [{ scopes: ['NotTerminating', 'BestEffort'] }, podOf({ cpu: '1' }), false],
    [{ scopes: ['CrossNamespacePodAffinity'] }, podOf({}, {}, elsewhere), true],
    [{ scopes: ['CrossNamespacePodAffinity'] }, podOf({}), false],
    [byClass('In', ['high']), podOf({}, {}, high), true],
    [byClass('In', ['low']), podOf({}, {}, high), false],
    [byClass('NotIn', ['low']), podOf({}, {}, high), true],
    [byClass('NotIn', ['low']), podOf({}), true],
    [byClass('Exists'), podOf({}), false],
    [byClass('DoesNotExist'), podOf({}), true],
    [{ scopes: ['VolumeAttributesClass'] }, podOf({}), false],
  ];
  for (const [spec, pod, isCounted] of cases) {
    const used = outcome(pods, quotaOf({ pods: '9' }, {}, spec), pod);
    assert.deepEqual(used, isCounted ? { pods: '1' } : 'nothing', JSON.stringify([spec, pod.metadata]));
  }
});

test('services, claims, device claims and the number of anything', () => {
  const object = (content: object) =>
    ({ metadata: { name: 'x' }, ...content }) as unknown as KubernetesObject;
  const service = (spec: object) => object({ spec });
  const ports = [{ port: 80 }, { port: 81 }];
  const ofServices = quotaOf({ services: '9', 'services.nodeports': '3', 'services.loadbalancers': '1' });
  assert.deepEqual(outcome(services, ofServices, service({ type: 'LoadBalancer', ports })), {
    services: '1',
    'services.nodeports': '2',
    'services.loadbalancers': '1',
  });
  const became = outcome(
    services,
    ofServices,
    service({ type: 'NodePort', ports }),
    service({ type: 'ClusterIP', ports }),
  );
  assert.deepEqual(became, { services: '0', 'services.nodeports': '2', 'services.loadbalancers': '0' });
  const claim = (storage: string, storageClassName?: string) =>
    object({ spec: { resources: { requests: { storage } }, storageClassName }, status: {} });
  const gold = 'gold.storageclass.storage.k8s.io/';
  const ofClaims = quotaOf({
    persistentvolumeclaims: '2',
    'requests.storage': '10Gi',
    [`${gold}requests.storage`]: '4Gi',
  });
  assert.deepEqual(outcome(claims, ofClaims, claim('3Gi', 'gold')), {
    persistentvolumeclaims: '1',
    'requests.storage': '3Gi',
    [`${gold}requests.storage`]: '3Gi',
  });
  assert.match(String(outcome(claims, ofClaims, claim('5Gi', 'gold'))), /requested: gold\.storageclass/);
  assert.equal(outcome(claims, ofClaims, claim('3Gi'), claim('3Gi')), 'nothing');
  const devices = 'gpu.deviceclass.resource.k8s.io/devices';
  const requests = [
    { name: 'a', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } },
    {
      name: 'b',
      firstAvailable: [
        { deviceClassName: 'gpu', count: 3 },
        { deviceClassName: 'gpu', count: 1 },
      ],
    },
  ];
  assert.deepEqual(
    outcome(
      { group: 'resource.k8s.io', plural: 'resourceclaims' },
      quotaOf({ [devices]: '8' }),
      object({ spec: { devices: { requests } } }),
    ),
    { [devices]: '5' },
  );
  const widgets = { group: 'example.com', plural: 'widgets' };
  const ofWidgets = quotaOf({ 'count/widgets.example.com': '1' }, { 'count/widgets.example.com': '1' });
  assert.equal(
    outcome(widgets, ofWidgets, object({})),
    'exceeded quota: q, requested: count/widgets.example.com=1, used: count/widgets.example.com=1, limited: count/widgets.example.com=1',
  );
});

test('counting anew leaves out what has ended, and keeps to what the quota names', () => {
  const quota = quotaOf({ pods: '5', 'count/pods': '5', cpu: '4' }, { pods: '5', cpu: '3' });
  const ended = { ...podOf({ cpu: '1' }), status: { phase: 'Succeeded' } } as KubernetesObject;
  const kinds = [
    {
      evaluator: evaluatorOf(pods, NOTHING_AROUND),
      objects: [podOf({ cpu: '1' }), podOf({ cpu: '500m' }), ended],
    },
  ];
  const status = totalStatus(quota, kinds, 0);
  assert.deepEqual(status?.used, { pods: '2', 'count/pods': '3', cpu: '1500m' });
  assert.equal(totalStatus({ ...quota, status: status ?? {} }, kinds, 0), undefined);
});
