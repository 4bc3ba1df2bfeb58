/**
 * Official tests of [sig-network] Services, Endpoints and EndpointSlices, as far as the API shows it: what a
 * node's network makes of them is tested end to end.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { supportsOperations } from './api-operations.fixture.ts';
import { each, includes, nameOf, startApi, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

interface Place {
  readonly namespace: string;
  readonly core: string;
  readonly services: string;
  readonly endpoints: string;
  readonly slices: string;
}

async function place(name: string): Promise<Place> {
  const namespace = await api.namespace(name);
  const core = `/api/v1/namespaces/${namespace}`;
  return {
    namespace,
    core,
    services: `${core}/services`,
    endpoints: `${core}/endpoints`,
    slices: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
  };
}

const PORTS = [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }];
const serviceOf = (name: string, spec: object = {}, labels: object = {}): object => ({
  metadata: { name, labels },
  spec: { ports: PORTS, ...spec },
});

test('Services should find a service from listing all namespaces', async () => {
  const { services } = await place('find');
  await api.post(services, serviceOf('test-service'));
  const found = (await api.list('/api/v1/services')).filter((service) => nameOf(service) === 'test-service');
  assert.deepEqual(
    found.map(({ metadata }) => metadata?.namespace),
    ['find'],
  );
});

test('API Server should provide secure master service', async () => {
  const kubernetes = await api.get('/api/v1/namespaces/default/services/kubernetes');
  includes(kubernetes.spec, {
    clusterIP: '10.43.0.1',
    ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
  });
});

test('Services should complete a service status lifecycle', async () => {
  const { services } = await place('status');
  const labels = { 'test-service-static': 'true' };
  const selector = 'labelSelector=test-service-static%3Dtrue';
  const url = `${services}/test-service`;
  const watch = api.watch(`${services}?${selector}`);
  const loadBalancerClass = 'example.com/internal-vip';
  await api.post(services, serviceOf('test-service', { type: 'LoadBalancer', loadBalancerClass }, labels));
  assert.ok((await api.list(`/api/v1/services?${selector}`)).some((one) => nameOf(one) === 'test-service'));
  await api.eventually(() => watch.events[0]?.type === 'ADDED');
  includes(await api.get(`${url}/status`), { kind: 'Service', status: { loadBalancer: {} } });
  const ingress = [{ ip: '203.0.113.1' }];
  const patched = await api.patch(`${url}/status`, {
    metadata: { annotations: { patchedstatus: 'true' } },
    status: { loadBalancer: { ingress } },
  });
  includes(patched, {
    metadata: { annotations: { patchedstatus: 'true' } },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] } },
  });
  const condition = {
    type: 'StatusUpdate',
    status: 'True',
    reason: 'E2E',
    message: 'Set from e2e test',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const updated = await api.change(`${url}/status`, (object) => ({
    ...object,
    status: { ...object.status, conditions: [condition] },
  }));
  includes(each(updated.status?.conditions)[0], condition);
  await api.patch(url, { metadata: { labels: { 'test-service': 'patched' } } }, 'strategic');
  await api.eventually(() =>
    watch.events.some(({ object }) => String(object.metadata?.labels?.['test-service']) === 'patched'),
  );
  await api.delete(`${services}?${selector}`);
  await api.eventually(() => watch.events.at(-1)?.type === 'DELETED');
  watch.stop();
});

test('Services should delete a collection of services', async () => {
  const { services } = await place('collection');
  const selector = 'labelSelector=e2e-test-service%3Dcollection';
  for (const name of ['e2e-svc-a', 'e2e-svc-b'])
    await api.post(services, serviceOf(name, {}, { 'e2e-test-service': 'collection' }));
  await api.post(services, serviceOf('e2e-svc-c', {}, { 'e2e-test-service': 'stays' }));
  assert.equal((await api.list(services)).length, 3);
  await api.delete(`${services}?${selector}`);
  await api.eventually(async () => assert.deepEqual((await api.list(services)).map(nameOf), ['e2e-svc-c']));
});

const IP = /^10\.43\.\d+\.\d+$/;
const retyped = (url: string, spec: object): Promise<Fields> =>
  api.change(url, (object) => ({ ...object, spec: { ...object.spec, ...spec } }));
const EXTERNAL = { type: 'ExternalName', externalName: 'foo.example.com' };

test('Services should be able to change the type from ExternalName to ClusterIP', async () => {
  const { services } = await place('to-cluster-ip');
  await api.post(services, serviceOf('svc', EXTERNAL));
  const changed = await retyped(`${services}/svc`, { type: 'ClusterIP', externalName: '', ports: PORTS });
  assert.match(String(changed.spec?.clusterIP), IP);
  assert.deepEqual(changed.spec?.clusterIPs, [changed.spec?.clusterIP]);
  assert.equal(changed.spec?.externalName, undefined);
});

test('Services should be able to change the type from ExternalName to NodePort', async () => {
  const { services } = await place('to-node-port');
  await api.post(services, serviceOf('svc', EXTERNAL));
  const changed = await retyped(`${services}/svc`, { type: 'NodePort', externalName: '', ports: PORTS });
  assert.match(String(changed.spec?.clusterIP), IP);
  const port = Number(each(changed.spec?.ports)[0]?.nodePort);
  assert.ok(port >= 30_000 && port <= 32_767);
});

async function toExternalName(name: string, type: string, address: object): Promise<void> {
  const { services } = await place(name);
  const made = await api.post(services, serviceOf('svc', { type }));
  const { clusterIP } = made.spec ?? {};
  assert.match(String(clusterIP), IP);
  const changed = await retyped(`${services}/svc`, { ...EXTERNAL, ...address });
  assert.equal(changed.spec?.clusterIP, undefined);
  assert.equal(each(changed.spec?.ports)[0]?.nodePort, undefined);
  // Both are free again.
  const again = { clusterIP, type, ports: each(made.spec?.ports) };
  includes(await api.post(services, serviceOf('again', again)), { spec: { clusterIP, ports: again.ports } });
}

test('Services should be able to change the type from ClusterIP to ExternalName', async () => {
  await toExternalName('from-cluster-ip', 'ClusterIP', {});
  await toExternalName('from-cluster-ip-emptied', 'ClusterIP', { clusterIP: '', clusterIPs: [] });
});

test('Services should be able to change the type from NodePort to ExternalName', async () => {
  await toExternalName('from-node-port', 'NodePort', {});
});

test('ServiceCIDR and IPAddress API should support IPAddress API operations', async () => {
  await supportsOperations(api, {
    groupVersion: 'networking.k8s.io/v1',
    plural: 'ipaddresses',
    kind: 'IPAddress',
    nameOf: (i) => `192.168.77.${i + 1}`,
    object: () => ({
      spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 'kubernetes' } },
    }),
  });
});
