import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipAddresses } from '../../api/groups/networking/ip-address/ip-address.ts';
import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { createTestPipeline, type TestPipeline } from '../pipeline.fixture.ts';
import { NODE_PORTS, ServiceAllocator } from './service-allocator.ts';
import { ensureServiceNetwork } from './service-network.ts';

function start(serviceCidr = '10.43.0.0/16', nodePorts = NODE_PORTS): TestPipeline {
  return createTestPipeline(({ store, host }) => ({
    companions: new ServiceAllocator({
      store,
      serviceCidr,
      nodePorts,
      random: host.random,
      clock: host.clock,
    }),
  }));
}

const service = (name: string, spec: object) => ({ metadata: { namespace: 'default', name }, spec });
const PORTS = [{ port: 80 }];

test('a Service gets an address, which is an object until the Service goes', async () => {
  const { client } = start();
  const made = await client.create(services, service('a', { ports: PORTS, selector: { app: 'a' } }));
  assert.match(made.spec.clusterIP ?? '', /^10\.43\.\d+\.\d+$/);
  assert.deepEqual(made.spec.clusterIPs, [made.spec.clusterIP]);
  assert.deepEqual([made.spec.ipFamilies, made.spec.ipFamilyPolicy], [['IPv4'], 'SingleStack']);
  const taken = await client.list(ipAddresses);
  assert.deepEqual(
    taken.items.map(({ metadata }) => metadata.name),
    [made.spec.clusterIP],
  );
  await client.delete(services, { namespace: 'default', name: 'a' });
  assert.equal((await client.list(ipAddresses)).items.length, 0);
});

test('an address can be asked for, once and within the network', async () => {
  const { client } = start();
  const made = await client.create(services, service('kubernetes', { ports: PORTS, clusterIP: '10.43.0.1' }));
  assert.equal(made.spec.clusterIP, '10.43.0.1');
  await assert.rejects(client.create(services, service('b', { ports: PORTS, clusterIP: '10.43.0.1' })), {
    message:
      'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.43.0.1"]: failed to allocate IP 10.43.0.1: provided IP is already allocated',
  });
  await assert.rejects(client.create(services, service('b', { ports: PORTS, clusterIP: '10.44.0.1' })), {
    code: 422,
    message: /failed to allocate IP 10\.44\.0\.1: the provided network does not match the current range/,
  });
});

test('node ports: given, taken, kept by updates, released by a change of type', async () => {
  const { client, store } = start();
  const made = await client.create(
    services,
    service('a', {
      type: 'NodePort',
      ports: [
        { name: 'x', port: 80, nodePort: 30_080 },
        { name: 'y', port: 81 },
      ],
    }),
  );
  const [first, second] = made.spec.ports ?? [];
  assert.equal(first?.nodePort, 30_080);
  assert.ok((second?.nodePort ?? 0) >= 30_086);
  const clash = service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] });
  await assert.rejects(client.create(services, clash), {
    message:
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
  });
  const ports = [
    { name: 'x', port: 80, protocol: 'TCP' as const },
    { name: 'y', port: 81, protocol: 'TCP' as const },
  ];
  const kept = await client.update(services, { ...made, spec: { ...made.spec, ports } });
  assert.deepEqual(
    kept.spec.ports?.map((port) => port.nodePort),
    [first.nodePort, second?.nodePort],
  );
  const patch = { type: 'merge', body: { spec: { type: 'ClusterIP' } } } as const;
  const plain = await client.patch(services, { namespace: 'default', name: 'a' }, patch);
  assert.deepEqual(
    plain.spec.ports?.map((port) => port.nodePort),
    [undefined, undefined],
  );
  assert.equal(plain.spec.externalTrafficPolicy, undefined);
  assert.equal(store.get('/registry/k8ts/nodeports/30080'), undefined);
  assert.equal(plain.spec.clusterIP, made.spec.clusterIP);
});

test('a change to ExternalName gives the address back, and another change gets a new one', async () => {
  const { client } = start();
  await client.create(services, service('a', { ports: PORTS }));
  const at = { namespace: 'default', name: 'a' };
  const away = {
    type: 'merge',
    body: { spec: { type: 'ExternalName', externalName: 'example.com' } },
  } as const;
  const external = await client.patch(services, at, away);
  assert.equal(external.spec.clusterIP, undefined);
  assert.equal((await client.list(ipAddresses)).items.length, 0);
  const back = { type: 'merge', body: { spec: { type: 'ClusterIP', externalName: null } } } as const;
  assert.match((await client.patch(services, at, back)).spec.clusterIP ?? '', /^10\.43\./);
});

test('headless Services have no address; load balancers get a health check port', async () => {
  const { client } = start();
  const headless = service('h', { ports: PORTS, clusterIP: 'None', selector: { a: 'b' } });
  assert.deepEqual((await client.create(services, headless)).spec.clusterIPs, ['None']);
  const balancer = { type: 'LoadBalancer', ports: PORTS, externalTrafficPolicy: 'Local' };
  const made = await client.create(services, service('l', balancer));
  assert.ok((made.spec.healthCheckNodePort ?? 0) >= 30_000);
  assert.notEqual(made.spec.healthCheckNodePort, made.spec.ports?.[0]?.nodePort);
});

test('a full range says so, and a concurrent rush hands every address out once', async () => {
  const { client } = start('10.43.0.0/29');
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const made = await Promise.all(
    names.map((name) => client.create(services, service(name, { ports: PORTS }))),
  );
  assert.equal(new Set(made.map(({ spec }) => spec.clusterIP)).size, 6);
  await assert.rejects(client.create(services, service('g', { ports: PORTS })), { code: 500 });
});

test('networks come and go: a full one gives way to the next, one on its way out gives no more', async () => {
  const { client, host } = start('10.43.0.0/30');
  await ensureServiceNetwork(client, '10.43.0.0/30', host.clock);
  const make = async (name: string): Promise<string> =>
    (await client.create(services, service(name, { ports: PORTS }))).spec.clusterIP ?? '';
  assert.deepEqual([await make('a'), await make('b')].toSorted(), ['10.43.0.1', '10.43.0.2']);
  await assert.rejects(make('c'), { code: 500 });
  const more = { metadata: { name: 'more', finalizers: ['x.io/keep'] }, spec: { cidrs: ['10.99.0.0/24'] } };
  await client.create(serviceCidrs, more);
  assert.match(await make('c'), /^10\.99\.0\.\d+$/);
  await client.delete(serviceCidrs, { name: 'more' });
  await assert.rejects(make('d'), { code: 500 });
  const asked = service('e', { ports: PORTS, clusterIP: '10.99.0.200' });
  await assert.rejects(client.create(services, asked), /does not match the current range/);
});

test('the service network is an object', async () => {
  const { client, host } = start();
  await ensureServiceNetwork(client, '10.43.0.0/16', host.clock);
  await ensureServiceNetwork(client, '10.43.0.0/16', host.clock);
});
