/**
 * Official tests of [sig-storage] Downward API volume, Projected downwardAPI and Projected combined, and of
 * [sig-auth] ServiceAccounts in pods: files in real containers. Where the official tests read a file again
 * and again and look at the log, these run `cat` in the container.

 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { quantityOf } from '../../../src/api/quantity/quantity.ts';
import { includes, type Fields } from '../api.fixture.ts';
import {
  AT_ONCE,
  eventually,
  lasting,
  once,
  pathOf,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

let cluster: RealCluster;
before(async () => {
  cluster = await startContainers();
});
after(() => cluster.stop());

let count = 0;
const namespaceOf = (): Promise<string> => cluster.namespace(`downward-${++count}`);
const MOUNT = { volumeMounts: [{ name: 'podinfo', mountPath: '/etc/podinfo' }] };

function podInfo(isProjected: boolean, items: readonly object[], defaultMode?: number): object {
  const mode = defaultMode === undefined ? {} : { defaultMode };
  const source = isProjected
    ? { projected: { ...mode, sources: [{ downwardAPI: { items } }] } }
    : { downwardAPI: { ...mode, items } };
  return { volumes: [{ name: 'podinfo', ...source }] };
}
const field = (path: string, fieldPath: string): object => ({ path, fieldRef: { fieldPath } });
const resource = (path: string, name: string): object => ({
  path,
  resourceFieldRef: { containerName: 'main', resource: name },
});
const PODNAME = field('podname', 'metadata.name');

async function readsName(isProjected: boolean): Promise<void> {
  const pod = once('named', 'cat /etc/podinfo/podname', MOUNT, podInfo(isProjected, [PODNAME]));
  assert.equal(await cluster.output(await namespaceOf(), pod), 'named');
}

async function hasMode(
  isProjected: boolean,
  mode: { defaultMode?: number; itemMode?: number },
): Promise<void> {
  const item = mode.itemMode === undefined ? PODNAME : { ...PODNAME, mode: mode.itemMode };
  const script = 'stat -L -c %A /etc/podinfo/podname';
  const pod = once('moded', script, MOUNT, podInfo(isProjected, [item], mode.defaultMode));
  assert.equal(await cluster.output(await namespaceOf(), pod), '-r--------\n');
}

async function seesChanges(isProjected: boolean, what: 'labels' | 'annotations'): Promise<void> {
  const spec = podInfo(isProjected, [field(what, `metadata.${what}`)]);
  const pod = lasting('changing', MOUNT, spec) as { readonly metadata: object };
  const metadata = { ...pod.metadata, [what]: { key1: 'value1', key2: 'value2' } };
  const path = pathOf(await cluster.start(await namespaceOf(), { ...pod, metadata }));
  const read = (): Promise<string> => cluster.sh(path, `cat /etc/podinfo/${what}`);
  assert.equal(await read(), 'key1="value1"\nkey2="value2"');
  await cluster.patch(path, { metadata: { [what]: { key3: 'value3' } } });
  await eventually(async () => assert.match(await read(), /^key3="value3"$/m));
}

const RESOURCES = {
  requests: { cpu: '250m', memory: '32Mi' },
  limits: { cpu: '1250m', memory: '64Mi' },
};
/** Whole cores, rounded up, and bytes. */
async function readsResource(isProjected: boolean, name: string, value: string): Promise<void> {
  const container = { ...MOUNT, resources: RESOURCES };
  const spec = podInfo(isProjected, [resource('amount', name)]);
  const pod = once('measured', 'cat /etc/podinfo/amount', container, spec);
  assert.equal(await cluster.output(await namespaceOf(), pod), value);
}

async function readsAllocatable(isProjected: boolean, name: 'cpu' | 'memory'): Promise<void> {
  const { status } = await cluster.get('/api/v1/nodes/node-1');
  const { nanos } = quantityOf(String(status?.allocatable?.[name]));
  const spec = podInfo(isProjected, [resource('amount', `limits.${name}`)]);
  const pod = once('unlimited', 'cat /etc/podinfo/amount', MOUNT, spec);
  const read = BigInt(await cluster.output(await namespaceOf(), pod));
  assert.equal(read, (nanos + 999_999_999n) / 1_000_000_000n);
}

const TESTS: readonly (readonly [string, () => Promise<void>])[] = [
  ['Downward API volume should provide podname only', () => readsName(false)],
  ['Downward API volume should set DefaultMode on files', () => hasMode(false, { defaultMode: 0o400 })],
  ['Downward API volume should set mode on item file', () => hasMode(false, { itemMode: 0o400 })],
  ['Downward API volume should update labels on modification', () => seesChanges(false, 'labels')],
  ['Downward API volume should update annotations on modification', () => seesChanges(false, 'annotations')],
  ["Downward API volume should provide container's cpu limit", () => readsResource(false, 'limits.cpu', '2')],
  [
    "Downward API volume should provide container's memory limit",
    () => readsResource(false, 'limits.memory', '67108864'),
  ],
  [
    "Downward API volume should provide container's cpu request",
    () => readsResource(false, 'requests.cpu', '1'),
  ],
  [
    "Downward API volume should provide container's memory request",
    () => readsResource(false, 'requests.memory', '33554432'),
  ],
  [
    'Downward API volume should provide node allocatable (cpu) as default cpu limit if the limit is not set',
    () => readsAllocatable(false, 'cpu'),
  ],
  [
    'Downward API volume should provide node allocatable (memory) as default memory limit if the limit is not set',
    () => readsAllocatable(false, 'memory'),
  ],
  ['Projected downwardAPI should provide podname only', () => readsName(true)],
  ['Projected downwardAPI should set DefaultMode on files', () => hasMode(true, { defaultMode: 0o400 })],
  ['Projected downwardAPI should set mode on item file', () => hasMode(true, { itemMode: 0o400 })],
  ['Projected downwardAPI should update labels on modification', () => seesChanges(true, 'labels')],
  ['Projected downwardAPI should update annotations on modification', () => seesChanges(true, 'annotations')],
  [
    "Projected downwardAPI should provide container's cpu limit",
    () => readsResource(true, 'limits.cpu', '2'),
  ],
  [
    "Projected downwardAPI should provide container's memory limit",
    () => readsResource(true, 'limits.memory', '67108864'),
  ],
  [
    "Projected downwardAPI should provide container's cpu request",
    () => readsResource(true, 'requests.cpu', '1'),
  ],
  [
    "Projected downwardAPI should provide container's memory request",
    () => readsResource(true, 'requests.memory', '33554432'),
  ],
  [
    'Projected downwardAPI should provide node allocatable (cpu) as default cpu limit if the limit is not set',
    () => readsAllocatable(true, 'cpu'),
  ],
  [
    'Projected downwardAPI should provide node allocatable (memory) as default memory limit if the limit is not set',
    () => readsAllocatable(true, 'memory'),
  ],
];

/** Who the API takes the bearer for. */
async function reviewed(token: string): Promise<Fields> {
  const review = await cluster.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } });
  includes(review.status, { authenticated: true });
  return review.status?.user ?? review;
}

describe('volumes of what a pod knows of itself', AT_ONCE, () => {
  for (const [title, run] of TESTS) test(title, run);

  test('Projected combined should project all components that make up the projection API', async () => {
    const namespace = await namespaceOf();
    await cluster.post(`${namespace}/configmaps`, {
      metadata: { name: 'all' },
      data: { 'configmap-data': 'configmap-value-1' },
    });
    await cluster.post(`${namespace}/secrets`, {
      metadata: { name: 'all' },
      stringData: { 'secret-data': 'secret-value-1' },
    });
    const sources = [
      { downwardAPI: { items: [PODNAME] } },
      { secret: { name: 'all' } },
      { configMap: { name: 'all' } },
    ];
    const script = 'cd /etc/podinfo; for f in podname secret-data configmap-data; do cat $f; echo; done';
    const volumes = [{ name: 'podinfo', projected: { sources } }];
    const printed = await cluster.output(namespace, once('combined', script, MOUNT, { volumes }));
    assert.equal(printed, 'combined\nsecret-value-1\nconfigmap-value-1\n');
  });

  test('ServiceAccounts should mount an API token into pods', async () => {
    const namespace = await namespaceOf();
    const bare = namespace.slice(namespace.lastIndexOf('/') + 1);
    await cluster.post(`${namespace}/serviceaccounts`, { metadata: { name: 'mount-test' } });
    const pod = await cluster.start(namespace, lasting('mounted', {}, { serviceAccountName: 'mount-test' }));
    const read = (file: string): Promise<string> =>
      cluster.sh(pathOf(pod), `cat /var/run/secrets/kubernetes.io/serviceaccount/${file}`);
    const root = await cluster.get(`${namespace}/configmaps/kube-root-ca.crt`);
    assert.equal(await read('ca.crt'), String(root.data?.['ca.crt']).trimEnd());
    assert.equal(await read('namespace'), bare);
    const user = await reviewed(await read('token'));
    assert.equal(user.username, `system:serviceaccount:${bare}:mount-test`);
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${bare}`, 'system:authenticated'];
    assert.deepEqual(Array.from(user.groups as never), groups);
    assert.deepEqual(user.extra?.['authentication.kubernetes.io/pod-name'], ['mounted']);
  });

  test('ServiceAccounts should mount projected service account token', async () => {
    const namespace = await namespaceOf();
    const sources = [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }];
    const volumes = [{ name: 'podinfo', projected: { sources } }];
    const script = 'cat /etc/podinfo/token';
    const pod = lasting('projected', MOUNT, { volumes, automountServiceAccountToken: false });
    const token = await cluster.sh(pathOf(await cluster.start(namespace, pod)), script);
    const bare = namespace.slice(namespace.lastIndexOf('/') + 1);
    assert.equal((await reviewed(token)).username, `system:serviceaccount:${bare}:default`);
  });
});
