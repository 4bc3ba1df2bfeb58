/**
 * Official tests of [sig-network] Services, EndpointSlice, Networking and API Server: what really reaches
 * what, between the pods of two nodes.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { each, type Fields } from '../api.fixture.ts';
import {
  AT_ONCE,
  BUSYBOX,
  eventually,
  lasting,
  NODE_VOLUMES,
  pathOf,
  program,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

let cluster: RealCluster;
let nodes: readonly { readonly name: string; readonly ip: string }[];
before(async () => {
  cluster = await startContainers(2);
  nodes = each((await cluster.get('/api/v1/nodes')).items).map(({ metadata, status }) => ({
    name: String(metadata?.name),
    ip: String(each(status?.addresses).find(({ type }) => `${type}` === 'InternalIP')?.address),
  }));
});
after(() => cluster.stop());

/** Says its own name over HTTP on each of the ports. */
function namedServer(name: string, ports: readonly number[], spec: object = {}, labels: object = {}): object {
  const servers = ports.map((port) => `httpd -p ${port} -h /tmp`).join('; ');
  const script = `hostname > /tmp/index.html; ${servers}; exec sleep 3600`;
  const readinessProbe = { tcpSocket: { port: ports[0] }, periodSeconds: 1 };
  const container = { image: BUSYBOX, command: ['sh', '-c', script], readinessProbe };
  const pod = lasting(name, container, spec) as { readonly metadata: object };
  return { ...pod, metadata: { ...pod.metadata, labels } };
}

/** Who answers at each of the places, asked from the pod in turn. */
async function answers(client: string, places: readonly string[]): Promise<readonly string[]> {
  const asked = places.map((place) => `timeout 3 wget -qO- http://${place}/`).join('; ');
  return (await cluster.sh(client, `${asked}; true`)).split('\n').filter((line) => line !== '');
}

/** Three servers and a client, and a service before them. */
async function affinityService(
  name: string,
  spec: object,
): Promise<{ place: string; client: string; url: string }> {
  const namespace = await cluster.namespace(name);
  const labels = { app: name };
  const service = await cluster.post(`${namespace}/services`, {
    metadata: { name },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 9376 }], ...spec },
  });
  const names = [1, 2, 3].map((i) => `${name}-${i}`);
  const [client] = await Promise.all([
    cluster.start(namespace, lasting('client')).then(pathOf),
    ...names.map((one) => cluster.start(namespace, namedServer(one, [9376], {}, labels))),
  ]);
  const port = each(service.spec?.ports)[0];
  const isNodePort = String(service.spec?.type) === 'NodePort';
  const place = isNodePort ? `${nodes[0]?.ip}:${port?.nodePort}` : `${service.spec?.clusterIP}:80`;
  return { place, client, url: `${namespace}/services/${name}` };
}

const TRIES = 16;
/** How many pods answer, when asked often, comes to satisfy. */
async function isServedBy(
  { place, client }: { readonly place: string; readonly client: string },
  satisfies: (pods: number) => boolean,
): Promise<void> {
  await eventually(async () => {
    const said = await answers(
      client,
      Array.from({ length: TRIES }, () => place),
    );
    assert.equal(said.length, TRIES, 'every request is answered');
    const pods = new Set(said).size;
    assert.ok(satisfies(pods), `${pods} pods answered`);
  });
}
const STICKY = { sessionAffinity: 'ClientIP' };
const byOne = (pods: number): boolean => pods === 1;
const bySeveral = (pods: number): boolean => pods > 1;

const AFFINITY: readonly (readonly [string, string, object, boolean])[] = [
  [
    'Services should have session affinity work for service with type clusterIP',
    'affinity-cluster-ip',
    {},
    false,
  ],
  [
    'Services should have session affinity work for NodePort service',
    'affinity-node-port',
    { type: 'NodePort' },
    false,
  ],
  [
    'Services should be able to switch session affinity for service with type clusterIP',
    'switch-cluster-ip',
    {},
    true,
  ],
  [
    'Services should be able to switch session affinity for NodePort service',
    'switch-node-port',
    { type: 'NodePort' },
    true,
  ],
];

function serviceTests(): void {
  for (const [title, name, spec, isSwitched] of AFFINITY)
    test(title, async () => {
      const made = await affinityService(name, isSwitched ? spec : { ...spec, ...STICKY });
      if (isSwitched) {
        await isServedBy(made, bySeveral);
        await cluster.patch(made.url, { spec: STICKY });
      }
      await isServedBy(made, byOne);
      await isServedBy(made, byOne);
      if (!isSwitched) return;
      await cluster.patch(made.url, { spec: { sessionAffinity: 'None' } });
      await isServedBy(made, bySeveral);
    });

  test('Services should be able to create a functioning NodePort service', async () => {
    const namespace = await cluster.namespace('node-port');
    const labels = { app: 'node-port' };
    const service = await cluster.post(`${namespace}/services`, {
      metadata: { name: 'nodeport-test' },
      spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 9376 }] },
    });
    const servers = nodes.map(({ name }) => `on-${name}`);
    const [client] = await Promise.all([
      cluster.start(namespace, lasting('client')).then(pathOf),
      ...nodes.map(({ name }) =>
        cluster.start(namespace, namedServer(`on-${name}`, [9376], { nodeName: name }, labels)),
      ),
    ]);
    const { nodePort } = each(service.spec?.ports)[0] ?? {};
    const places = [
      'nodeport-test:80',
      `${service.spec?.clusterIP}:80`,
      ...nodes.map(({ ip }) => `${ip}:${nodePort}`),
    ];
    await eventually(async () => {
      for (const place of places) {
        const [said = 'nobody'] = await answers(client, [place]);
        assert.ok(servers.includes(said), `${said} answered at ${place}`);
      }
    });
  });
}

function refusalTests(): void {
  test('a cluster IP refuses ports that no service has, and nobody answers where there is no service', async () => {
    const namespace = await cluster.namespace('refusals');
    const labels = { app: 'refusals' };
    const service = await cluster.post(`${namespace}/services`, {
      metadata: { name: 'one-port' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 9376 }] },
    });
    const [client] = await Promise.all([
      cluster.start(namespace, lasting('client')).then(pathOf),
      cluster.start(namespace, namedServer('server', [9376], {}, labels)),
    ]);
    const address = String(service.spec?.clusterIP);
    await eventually(async () => assert.deepEqual(await answers(client, [address]), ['server']));
    const attempt = (place: string): Promise<string> =>
      cluster.sh(client, `timeout 2 wget -qO- http://${place}/ 2>&1; true`);
    assert.match(await attempt(`${address}:81`), /Connection refused/);
    await cluster.delete(`${namespace}/services/one-port`);
    // Nothing is said at all, by nobody on the way either.
    await eventually(async () => assert.match(await attempt(address), /^(Terminated)?$/));
  });
}

/** A service without a selector, and its slices: a name of a port, an address and a port each. */
async function sliced(
  namespace: string,
  slices: readonly (readonly [string, Fields, number])[],
): Promise<Fields> {
  const ports = [
    { name: 'port80', port: 80 },
    { name: 'port81', port: 81 },
  ];
  const service = await cluster.post(`${namespace}/services`, {
    metadata: { name: 'example-custom-endpoints' },
    spec: { ports },
  });
  for (const [name, pod, port] of slices)
    await cluster.post(`${namespace.replace('/api/v1', '/apis/discovery.k8s.io/v1')}/endpointslices`, {
      metadata: {
        generateName: 'example-custom-endpoints-',
        labels: { 'kubernetes.io/service-name': 'example-custom-endpoints' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [pod.status?.podIP] }],
      ports: [{ name, port, protocol: 'TCP' }],
    });
  return service;
}

function sliceTests(): void {
  test('EndpointSlice should support a Service with multiple ports specified in multiple EndpointSlices', async () => {
    const namespace = await cluster.namespace('slices-ports');
    const [server, client] = await Promise.all([
      cluster.start(namespace, namedServer('server', [8090, 9090])),
      cluster.start(namespace, lasting('client')),
    ]);
    const { spec } = await sliced(namespace, [
      ['port80', server, 8090],
      ['port81', server, 9090],
    ]);
    const places = [80, 81].map((port) => `${spec?.clusterIP}:${port}`);
    await eventually(async () =>
      assert.deepEqual(await answers(pathOf(client), places), ['server', 'server']),
    );
  });

  test('EndpointSlice should support a Service with multiple endpoint IPs specified in multiple EndpointSlices', async () => {
    const namespace = await cluster.namespace('slices-addresses');
    const [first, second, client] = await Promise.all([
      cluster.start(namespace, namedServer('first', [8090])),
      cluster.start(namespace, namedServer('second', [9090])),
      cluster.start(namespace, lasting('client')),
    ]);
    const { spec } = await sliced(namespace, [
      ['port80', first, 8090],
      ['port81', second, 9090],
    ]);
    const places = [80, 81].map((port) => `${spec?.clusterIP}:${port}`);
    await eventually(async () =>
      assert.deepEqual(await answers(pathOf(client), places), ['first', 'second']),
    );
  });

  test('API Server should have Endpoints and EndpointSlices pointing to API Server', async () => {
    await cluster.get('/api/v1/namespaces/default/services/kubernetes');
    const { subsets } = await cluster.get('/api/v1/namespaces/default/endpoints/kubernetes');
    const [slice] = await cluster.list(
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=kubernetes',
      (slices) => slices.length > 0,
    );
    const pointed = each(subsets).map(({ addresses, ports }) => [
      each(addresses).map(({ ip }) => ip),
      each(ports).map(({ port }) => port),
    ]);
    assert.ok(pointed.length > 0);
    assert.deepEqual(pointed, [
      [
        each(slice?.endpoints).flatMap(({ addresses }) => each(addresses)),
        each(slice?.ports).map(({ port }) => port),
      ],
    ]);
  });
}

/** Says its name over HTTP and over UDP. */
const BOTH = `
  const { createServer } = process.getBuiltinModule('node:http');
  const name = process.getBuiltinModule('node:os').hostname();
  const socket = process.getBuiltinModule('node:dgram').createSocket('udp4');
  socket.on('message', (_message, { port, address }) => socket.send(name, port, address)).bind(8081);
  createServer((_request, response) => response.end(name + '\\n')).listen(8083);`;
const askOverUdp = (ip: string): string => `/node -e '
  const socket = process.getBuiltinModule("node:dgram").createSocket("udp4");
  const ask = () => socket.send("hostName", 8081, "${ip}");
  ask();
  setInterval(ask, 500);
  socket.on("message", (name) => { console.log(name.toString()); process.exit(); });'`;

const NETWORKING: readonly (readonly [string, 'http' | 'udp', boolean])[] = [
  ['Networking Granular Checks: Pods should function for intra-pod communication: http', 'http', false],
  ['Networking Granular Checks: Pods should function for intra-pod communication: udp', 'udp', false],
  ['Networking Granular Checks: Pods should function for node-pod communication: http', 'http', true],
  ['Networking Granular Checks: Pods should function for node-pod communication: udp', 'udp', true],
];

function networkingTests(): void {
  let servers: readonly Fields[] = [];
  const clients = new Map<boolean, string>();
  before(async () => {
    const namespace = await cluster.namespace('networking');
    const readinessProbe = { httpGet: { path: '/', port: 8083 }, periodSeconds: 1 };
    const serverOn = (name: string): object =>
      lasting(`netserver-${name}`, program(BOTH, { readinessProbe }), {
        nodeName: name,
        volumes: NODE_VOLUMES,
      });
    const clientIn = async (hostNetwork: boolean): Promise<void> => {
      const idle = program('setInterval(() => {}, 1e9)');
      const spec = { hostNetwork, volumes: NODE_VOLUMES };
      const pod = lasting(hostNetwork ? 'host-test-container-pod' : 'test-container-pod', idle, spec);
      clients.set(hostNetwork, pathOf(await cluster.start(namespace, pod)));
    };
    const waits = [clientIn(false), clientIn(true)];
    servers = await Promise.all(nodes.map(({ name }) => cluster.start(namespace, serverOn(name))));
    await Promise.all(waits);
  });
  for (const [title, protocol, fromNode] of NETWORKING)
    test(title, async () => {
      const client = clients.get(fromNode) ?? '';
      for (const { metadata, status } of servers) {
        const ip = String(status?.podIP);
        const said =
          protocol === 'http'
            ? await answers(client, [`${ip}:8083`])
            : [await cluster.sh(client, `timeout 10 ${askOverUdp(ip)}`)];
        assert.deepEqual(said, [String(metadata?.name)]);
      }
    });
}

describe('the network of pods', AT_ONCE, () => {
  describe('services', AT_ONCE, serviceTests);
  describe('refusals', AT_ONCE, refusalTests);
  describe('slices', AT_ONCE, sliceTests);
  describe('pods', AT_ONCE, networkingTests);
});
