/**
 * Official tests of [sig-network] Endpoints and EndpointSlices, as far as the API shows it: what a
 * node's network makes of them is tested end to end.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, includes, nameOf, startApi, template, type Api, type Fields } from './api.fixture.ts';

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

const podOf = (name: string, labels: object, ports: readonly object[]): object => ({
  metadata: { name, labels },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'agnhost', ports }] },
});

/** `pod protocol:port` of what Endpoints and slices list as ready; both must say the same. */
async function reaches(
  { core, endpoints, slices }: Place,
  service: string,
  expected: readonly string[],
): Promise<void> {
  await api.eventually(async () => {
    const addresses = new Map(
      (await api.list(`${core}/pods`)).map((pod) => [String(pod.status?.podIP), nameOf(pod)]),
    );
    const inEndpoints = each((await api.get(`${endpoints}/${service}`)).subsets).flatMap((subset) =>
      each(subset.addresses).flatMap(({ ip }) =>
        each(subset.ports).map(({ protocol, port }) => `${addresses.get(String(ip))} ${protocol}:${port}`),
      ),
    );
    const listed = await api.list(`${slices}?labelSelector=kubernetes.io/service-name%3D${service}`);
    const inSlices = listed.flatMap((slice) =>
      each(slice.endpoints).flatMap((endpoint) =>
        each(slice.ports).map(({ protocol, port }) => `${endpoint.targetRef?.name} ${protocol}:${port}`),
      ),
    );
    assert.deepEqual(inEndpoints.toSorted(), [...expected]);
    assert.deepEqual(inSlices.toSorted(), [...expected]);
  });
}

test('Services should serve a basic endpoint from pods', async () => {
  const at = await place('basic');
  const labels = { testid: 'endpoint-test2' };
  await api.post(at.services, serviceOf('endpoint-test2', { selector: labels }));
  await reaches(at, 'endpoint-test2', []);
  for (const name of ['pod1', 'pod2'])
    await api.post(`${at.core}/pods`, podOf(name, labels, [{ containerPort: 80 }]));
  await reaches(at, 'endpoint-test2', ['pod1 TCP:80', 'pod2 TCP:80']);
  await api.delete(`${at.core}/pods/pod1`);
  await reaches(at, 'endpoint-test2', ['pod2 TCP:80']);
  await api.delete(`${at.core}/pods/pod2`);
  await reaches(at, 'endpoint-test2', []);
});

test('Services should serve multiport endpoints from pods', async () => {
  const at = await place('multiport');
  const selector = { foo: 'bar' };
  const ports = [
    { name: 'portname1', port: 80, targetPort: 'portname1' },
    { name: 'portname2', port: 81, targetPort: 'portname2' },
  ];
  await api.post(at.services, serviceOf('multi-endpoint-test', { selector, ports }));
  await reaches(at, 'multi-endpoint-test', []);
  await api.post(`${at.core}/pods`, podOf('pod1', selector, [{ name: 'portname1', containerPort: 100 }]));
  await reaches(at, 'multi-endpoint-test', ['pod1 TCP:100']);
  await api.post(`${at.core}/pods`, podOf('pod2', selector, [{ name: 'portname2', containerPort: 101 }]));
  await reaches(at, 'multi-endpoint-test', ['pod1 TCP:100', 'pod2 TCP:101']);
  await api.delete(`${at.core}/pods/pod1`);
  await reaches(at, 'multi-endpoint-test', ['pod2 TCP:101']);
});

test('Services should serve endpoints on same port and different protocols', async () => {
  const at = await place('protocols');
  const selector = { svc: 'multiprotocol' };
  const port = (protocol: string): object => ({
    name: protocol.toLowerCase(),
    port: 80,
    protocol,
    targetPort: 80,
  });
  await api.post(
    at.services,
    serviceOf('multiprotocol-test', { selector, ports: [port('TCP'), port('UDP')] }),
  );
  const containerPorts = [
    { containerPort: 80, protocol: 'TCP' },
    { containerPort: 80, protocol: 'UDP' },
  ];
  await api.post(`${at.core}/pods`, podOf('pod1', selector, containerPorts));
  await reaches(at, 'multiprotocol-test', ['pod1 TCP:80', 'pod1 UDP:80']);
  for (const protocol of ['TCP', 'UDP']) {
    await api.patch(`${at.services}/multiprotocol-test`, { spec: { ports: [port(protocol)] } });
    await reaches(at, 'multiprotocol-test', [`pod1 ${protocol}:80`]);
  }
});

test('Endpoints should test the lifecycle of an Endpoint', async () => {
  const { endpoints } = await place('endpoints');
  const url = `${endpoints}/testservice`;
  const labels = { 'test-endpoint-static': 'true' };
  const selector = 'labelSelector=test-endpoint-static%3Dtrue';
  const watch = api.watch(`${endpoints}?${selector}`);
  const subset = (ip: string, port: number): object => ({
    addresses: [{ ip }],
    ports: [{ name: 'http', port, protocol: 'TCP' }],
  });
  await api.post(endpoints, {
    metadata: { name: 'testservice', labels },
    subsets: [subset('10.0.0.24', 80)],
  });
  const listed = await api.list(`/api/v1/endpoints?${selector}`);
  assert.deepEqual(listed.map(nameOf), ['testservice']);
  const updated = await api.change(url, (object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...labels, 'test-service': 'updated' } },
  }));
  includes(updated, { metadata: { labels: { 'test-service': 'updated' } } });
  const patch = { metadata: { labels: { 'test-service': 'patched' } }, subsets: [subset('10.0.0.25', 8080)] };
  await api.patch(url, patch, 'strategic');
  includes(await api.get(url), patch);
  await api.delete(`${endpoints}?${selector}`);
  await api.eventually(() =>
    assert.deepEqual(watch.seen(), [
      'ADDED testservice',
      'MODIFIED testservice',
      'MODIFIED testservice',
      'DELETED testservice',
    ]),
  );
  watch.stop();
});

async function comesAndGoes(name: string): Promise<Place> {
  const at = await place(name);
  await api.post(
    at.services,
    serviceOf('example-empty-selector', {
      selector: { 'does-not-match-anything': 'endpoints-and-endpoint-slices-should-still-be-created' },
    }),
  );
  await api.eventually(async () => {
    assert.deepEqual(each((await api.get(`${at.endpoints}/example-empty-selector`)).subsets), []);
    const slices = await api.list(
      `${at.slices}?labelSelector=kubernetes.io/service-name%3Dexample-empty-selector`,
    );
    assert.equal(slices.length, 1);
    assert.deepEqual(each(slices[0]?.endpoints), []);
    includes(slices[0]?.metadata?.labels, {
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
  });
  await api.delete(`${at.services}/example-empty-selector`);
  await api.gone(`${at.endpoints}/example-empty-selector`);
  await api.eventually(async () => assert.deepEqual(await api.list(at.slices), []));
  return at;
}

test('EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods', async () => {
  await comesAndGoes('slices-empty');
});

test('EndpointsController should create and delete Endpoints for a Service with a selector that matches no pods', async () => {
  await comesAndGoes('endpoints-empty');
});

async function followsPods(name: string): Promise<void> {
  const at = await place(name);
  const labels = { 'foo-label': 'bar' };
  for (const [name, port] of [
    ['pod1', 3000],
    ['pod2', 3001],
  ] as const) {
    await api.post(
      `${at.core}/pods`,
      podOf(name, { ...labels, [name]: 'yes' }, [{ name: 'example-name', containerPort: port }]),
    );
  }
  const ports = [
    { name: 'example', port: 80, targetPort: 'example-name' },
    { name: 'example-no-match', port: 8080, targetPort: 8080 },
  ];
  await api.post(
    at.services,
    serviceOf('example-int-port', {
      selector: { pod1: 'yes' },
      ports: [{ name: 'example', port: 80, targetPort: 3000 }],
      publishNotReadyAddresses: true,
    }),
  );
  await api.post(
    at.services,
    serviceOf('example-named-port', { selector: labels, ports, publishNotReadyAddresses: true }),
  );
  await reaches(at, 'example-int-port', ['pod1 TCP:3000']);
  await reaches(at, 'example-named-port', [
    'pod1 TCP:3000',
    'pod1 TCP:8080',
    'pod2 TCP:3001',
    'pod2 TCP:8080',
  ]);
  const [slice] = await api.list(`${at.slices}?labelSelector=kubernetes.io/service-name%3Dexample-int-port`);
  assert.match(nameOf(slice), /^example-int-port-[a-z0-9]{5}$/);
  const service = await api.get(`${at.services}/example-int-port`);
  includes(each(slice?.metadata?.ownerReferences)[0], {
    kind: 'Service',
    uid: service.metadata?.uid,
    controller: true,
  });
  const [endpoint] = each(slice?.endpoints);
  includes(endpoint, {
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: { kind: 'Pod', name: 'pod1' },
  });
  // Deleted by hand, both come again.
  await api.delete(`${at.slices}/${nameOf(slice)}`);
  await api.delete(`${at.endpoints}/example-int-port`);
  await reaches(at, 'example-int-port', ['pod1 TCP:3000']);
}

test('EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service', async () => {
  await followsPods('slices-pods');
});

test('EndpointsController should create Endpoints for Pods matching a Service', async () => {
  await followsPods('endpoints-pods');
});

test('EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete', async () => {
  const { services, endpoints, slices } = await place('mirror');
  await api.post(services, serviceOf('example-custom-endpoints'));
  const subset = (ip: string, port: number): object => ({
    ports: [{ name: 'example', port, protocol: 'TCP' }],
    addresses: [{ ip }],
  });
  const mirrored = (): Promise<readonly Fields[]> =>
    api.list(`${slices}?labelSelector=kubernetes.io/service-name%3Dexample-custom-endpoints`);
  await api.post(endpoints, {
    metadata: { name: 'example-custom-endpoints' },
    subsets: [subset('10.1.2.3', 80)],
  });
  const isLike = (ip: string, port: number): Promise<void> =>
    api.eventually(async () => {
      const [slice, ...more] = await mirrored();
      assert.deepEqual(more, []);
      includes(slice?.metadata?.labels, {
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      });
      includes(each(slice?.ports)[0], { port, protocol: 'TCP' });
      assert.deepEqual(each(slice?.endpoints)[0]?.addresses, [ip]);
    });
  await isLike('10.1.2.3', 80);
  await api.change(`${endpoints}/example-custom-endpoints`, (object) => ({
    ...object,
    subsets: [subset('10.2.3.4', 9090)],
  }));
  await isLike('10.2.3.4', 9090);
  await api.delete(`${endpoints}/example-custom-endpoints`);
  await api.eventually(async () => assert.deepEqual(await mirrored(), []));
});

test('HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol', async () => {
  const { core } = await place('host-port');
  const on = (hostIP: string, protocol: string): readonly object[] => [
    { containerPort: 8080, hostPort: 54323, hostIP, protocol },
  ];
  for (const [name, ports] of [
    ['pod1', on('127.0.0.1', 'TCP')],
    ['pod2', on('10.0.0.9', 'TCP')],
    ['pod3', on('10.0.0.9', 'UDP')],
  ] as const) {
    const pod = podOf(name, {}, ports) as { spec: object };
    await api.post(`${core}/pods`, {
      ...pod,
      spec: { ...pod.spec, nodeSelector: { 'kubernetes.io/hostname': 'node-1' } },
    });
    await api.eventually(async () =>
      includes(await api.get(`${core}/pods/${name}`), {
        spec: { nodeName: 'node-1' },
        status: { phase: 'Running' },
      }),
    );
  }
});

test('Service endpoints latency should not be very high', async () => {
  const at = await place('latency');
  const labels = { name: 'svc-latency-rc' };
  await api.post(`${at.core}/replicationcontrollers`, {
    metadata: { name: 'svc-latency-rc' },
    spec: { replicas: 1, selector: labels, template: template(labels) },
  });
  await api.eventually(async () =>
    includes(await api.get(`${at.core}/replicationcontrollers/svc-latency-rc`), {
      status: { readyReplicas: 1 },
    }),
  );
  for (let i = 0; i < 50; i++) {
    await api.post(at.services, serviceOf(`latency-svc-${i}`, { selector: labels }));
    // Of virtual time; how long it really takes is a benchmark's business.
    await api.eventually(
      async () => assert.equal(each((await api.get(`${at.endpoints}/latency-svc-${i}`)).subsets).length, 1),
      20_000,
    );
  }
});
