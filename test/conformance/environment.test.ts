/**
 * Official tests of [sig-node] of what a container finds in its environment. Simulated containers print it;
 * it is made by the kubelet that real nodes have, too.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { quantityValue } from '../../src/api/quantity/quantity.ts';
import { startApi, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 1 });
});
after(() => api.cluster.stop());

const core = async (name: string): Promise<string> => `/api/v1/namespaces/${await api.namespace(name)}`;

interface Ended {
  readonly pod: Fields;
  readonly lines: readonly string[];
}

/** What the container of a pod prints until its end. */
async function printed(at: string, container: object, spec: object = {}): Promise<Ended> {
  const containers = [{ name: 'env-test', image: 'busybox', command: ['sh', '-c', 'env'], ...container }];
  await api.post(`${at}/pods`, {
    metadata: { name: 'printer' },
    spec: { restartPolicy: 'Never', containers, ...spec },
  });
  const pod = await api.eventually(async () => {
    const object = await api.get(`${at}/pods/printer`);
    assert.equal(object.status?.phase, 'Succeeded');
    return object;
  });
  const { text } = await api.ask('GET', `${at}/pods/printer/log`);
  return { pod, lines: text.trimEnd().split('\n') };
}

function has(lines: readonly string[], ...wanted: readonly string[]): void {
  for (const line of wanted) assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
}

const DATA = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };
const UNDERSCORED = { data_1: 'value-1', data_2: 'value-2', data_3: 'value-3' };
const encoded = (data: { readonly [key: string]: string }): object =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

test('ConfigMap should be consumable via environment variable', async () => {
  const at = await core('map-variable');
  await api.post(`${at}/configmaps`, { metadata: { name: 'map' }, data: DATA });
  const valueFrom = { configMapKeyRef: { name: 'map', key: 'data-1' } };
  has((await printed(at, { env: [{ name: 'CONFIG_DATA_1', valueFrom }] })).lines, 'CONFIG_DATA_1=value-1');
});

test('ConfigMap should be consumable via the environment', async () => {
  const at = await core('map-environment');
  await api.post(`${at}/configmaps`, { metadata: { name: 'map' }, data: UNDERSCORED });
  const configMapRef = { name: 'map' };
  const { lines } = await printed(at, { envFrom: [{ configMapRef }, { prefix: 'p_', configMapRef }] });
  has(lines, 'data_1=value-1', 'data_2=value-2', 'data_3=value-3', 'p_data_1=value-1', 'p_data_3=value-3');
});

test('ConfigMap should be consumable as environment variable names with various prefixes', async () => {
  const at = await core('map-prefixes');
  await api.post(`${at}/configmaps`, { metadata: { name: 'map' }, data: DATA });
  const configMapRef = { name: 'map' };
  const envFrom = ['', 'p-', '#', '%', '1.'].map((prefix) => ({
    configMapRef,
    ...(prefix === '' ? {} : { prefix }),
  }));
  const { lines } = await printed(at, { envFrom });
  has(lines, 'data-1=value-1', 'p-data-1=value-1', '#data-2=value-2', '%data-3=value-3', '1.data-1=value-1');
});

test('Secrets should be consumable from pods in env vars', async () => {
  const at = await core('secret-variable');
  await api.post(`${at}/secrets`, { metadata: { name: 'secret' }, data: encoded(DATA) });
  const valueFrom = { secretKeyRef: { name: 'secret', key: 'data-1' } };
  has((await printed(at, { env: [{ name: 'SECRET_DATA', valueFrom }] })).lines, 'SECRET_DATA=value-1');
});

test('Secrets should be consumable via the environment', async () => {
  const at = await core('secret-environment');
  await api.post(`${at}/secrets`, { metadata: { name: 'secret' }, data: encoded(UNDERSCORED) });
  const secretRef = { name: 'secret' };
  const { lines } = await printed(at, { envFrom: [{ secretRef }, { prefix: 'p_', secretRef }] });
  has(lines, 'data_1=value-1', 'data_2=value-2', 'data_3=value-3', 'p_data_1=value-1', 'p_data_3=value-3');
});

test('Secrets should be consumable as environment variable names variable names with various prefixes', async () => {
  const at = await core('secret-prefixes');
  await api.post(`${at}/secrets`, { metadata: { name: 'secret' }, data: encoded(DATA) });
  const secretRef = { name: 'secret' };
  const envFrom = ['', 'p-', '#', '1.'].map((prefix) => ({
    secretRef,
    ...(prefix === '' ? {} : { prefix }),
  }));
  has(
    (await printed(at, { envFrom })).lines,
    'data-1=value-1',
    'p-data-1=value-1',
    '#data-2=value-2',
    '1.data-3=value-3',
  );
});

const fieldEnv = (name: string, fieldPath: string): object => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});
const resourceEnv = (name: string, resource: string): object => ({
  name,
  valueFrom: { resourceFieldRef: { containerName: 'env-test', resource } },
});

test('Downward API should provide pod name, namespace and IP address as env vars', async () => {
  const at = await core('downward-names');
  const env = [
    fieldEnv('POD_NAME', 'metadata.name'),
    fieldEnv('POD_NAMESPACE', 'metadata.namespace'),
    fieldEnv('POD_IP', 'status.podIP'),
  ];
  const { lines } = await printed(at, { env });
  has(lines, 'POD_NAME=printer', 'POD_NAMESPACE=downward-names');
  assert.ok(lines.some((line) => /^POD_IP=10\.42\.\d+\.\d+$/.test(line)));
});

test('Downward API should provide host IP as an env var', async () => {
  const at = await core('downward-host');
  const { pod, lines } = await printed(at, { env: [fieldEnv('HOST_IP', 'status.hostIP')] });
  has(lines, `HOST_IP=${pod.status?.hostIP}`);
});

test('Downward API should provide hostIPs as an env var', async () => {
  const at = await core('downward-hosts');
  const { pod, lines } = await printed(at, { env: [fieldEnv('HOST_IPS', 'status.hostIPs')] });
  has(lines, `HOST_IPS=${pod.status?.hostIP}`);
});

test('Downward API should provide pod UID as env vars', async () => {
  const at = await core('downward-uid');
  const { pod, lines } = await printed(at, { env: [fieldEnv('POD_UID', 'metadata.uid')] });
  has(lines, `POD_UID=${pod.metadata?.uid}`);
});

const AMOUNTS = [
  resourceEnv('CPU_LIMIT', 'limits.cpu'),
  resourceEnv('MEMORY_LIMIT', 'limits.memory'),
  resourceEnv('CPU_REQUEST', 'requests.cpu'),
  resourceEnv('MEMORY_REQUEST', 'requests.memory'),
];

test("Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars", async () => {
  const at = await core('downward-limits');
  const resources = { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } };
  const { lines } = await printed(at, { env: AMOUNTS, resources });
  has(lines, 'CPU_LIMIT=2', 'MEMORY_LIMIT=67108864', 'CPU_REQUEST=1', 'MEMORY_REQUEST=33554432');
});

test('Downward API should provide default limits.cpu/memory from node allocatable', async () => {
  const at = await core('downward-default');
  const { lines } = await printed(at, { env: AMOUNTS.slice(0, 2) });
  const node = await api.get('/api/v1/nodes/node-1');
  has(lines, `CPU_LIMIT=${node.status?.allocatable?.cpu}`);
  has(lines, `MEMORY_LIMIT=${quantityValue(String(node.status?.allocatable?.memory))}`);
});

const VARIABLES = [
  { name: 'FOO', value: 'foo-value' },
  { name: 'BAR', value: 'bar-value' },
  { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
];

test('Variable Expansion should allow composing env vars into new env vars', async () => {
  const { lines } = await printed(await core('composing'), { env: VARIABLES });
  has(lines, 'FOO=foo-value', 'BAR=bar-value', 'FOOBAR=foo-value;;bar-value');
});

const TEST_VAR = [{ name: 'TEST_VAR', value: 'test-value' }];

test("Variable Expansion should allow substituting values in a container's command", async () => {
  const command = ['sh', '-c', 'echo "$(TEST_VAR)"'];
  has((await printed(await core('command'), { env: TEST_VAR, command })).lines, 'test-value');
});

test("Variable Expansion should allow substituting values in a container's args", async () => {
  const args = ['echo "$(TEST_VAR)"'];
  has(
    (await printed(await core('args'), { env: TEST_VAR, command: ['sh', '-c'], args })).lines,
    'test-value',
  );
});

test('Pods should contain environment variables for services', async () => {
  const at = await core('services');
  const spec = { ports: [{ port: 8765, targetPort: 8080 }], selector: { name: 'server' } };
  const { spec: made } = await api.post(`${at}/services`, { metadata: { name: 'fooservice' }, spec });
  await api.cluster.clock.advance('5s');
  const ip = made?.clusterIP;
  has(
    (await printed(at, {})).lines,
    `FOOSERVICE_SERVICE_HOST=${ip}`,
    'FOOSERVICE_SERVICE_PORT=8765',
    `FOOSERVICE_PORT=tcp://${ip}:8765`,
    'FOOSERVICE_PORT_8765_TCP_PORT=8765',
    'FOOSERVICE_PORT_8765_TCP_PROTO=tcp',
    `FOOSERVICE_PORT_8765_TCP=tcp://${ip}:8765`,
    `FOOSERVICE_PORT_8765_TCP_ADDR=${ip}`,
    'KUBERNETES_SERVICE_PORT_HTTPS=443',
  );
});
