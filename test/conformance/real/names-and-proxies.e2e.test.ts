/**
 * Official tests of [sig-network] DNS and Proxy, with real containers. The official tests look up names with
 * `dig` in two images; these send the question from one, over UDP and over TCP as they do.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAuthority, issueCertificate } from '../../../src/pki/pki.ts';
import { each, Refused, type Fields } from '../api.fixture.ts';
import {
  AT_ONCE,
  eventually,
  lasting,
  NODE_VOLUMES,
  pathOf,
  program,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

let cluster: RealCluster;
before(async () => {
  cluster = await startContainers();
});
after(() => cluster.stop());

/**
 * Asks the pod's server for records, over `udp` or `tcp`; prints the code of the answer and how many records it
 * has. A partial name is completed from the list of domains in turn, as `dig +search` does.
 */
const QUERY = `
  const [transport, type, name] = process.argv.slice(2);
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const lines = readFileSync('/etc/resolv.conf', 'utf8').split('\\n').map((line) => line.split(/\\s+/));
  const server = lines.find(([word]) => word === 'nameserver')[1];
  const domains = lines.find(([word]) => word === 'search').slice(1);
  const question = (full) => Buffer.concat([
    Buffer.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...full.split('.').map((label) => Buffer.from(String.fromCharCode(label.length) + label)),
    Buffer.from([0, 0, { A: 1, CNAME: 5, PTR: 12, SRV: 33 }[type], 0, 1]),
  ]);
  const ask = (full) => new Promise((resolve, reject) => {
    setTimeout(reject, 3000, new Error('no answer')).unref();
    const read = (message) => resolve((message[3] & 15) + ' ' + message.readUInt16BE(6));
    const bytes = question(full);
    if (transport === 'udp') {
      const socket = process.getBuiltinModule('node:dgram').createSocket('udp4');
      socket.on('message', (message) => { socket.close(); read(message); }).send(bytes, 53, server);
      return;
    }
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    const socket = process.getBuiltinModule('node:net').connect(53, server);
    socket.once('data', (message) => { socket.destroy(); read(message.subarray(2)); });
    socket.end(Buffer.concat([length, bytes]));
  });
  (async () => {
    let said = '';
    for (const full of name.endsWith('.') ? [name.slice(0, -1)] : domains.map((domain) => name + '.' + domain)) {
      said = await ask(full);
      if (said.startsWith('0 ') && said !== '0 0') break;
    }
    console.log(said);
  })();`;

class Querier {
  readonly namespace: string;
  readonly bare: string;
  readonly pod: Fields;

  constructor(namespace: string, pod: Fields) {
    this.namespace = namespace;
    this.bare = namespace.slice(namespace.lastIndexOf('/') + 1);
    this.pod = pod;
  }

  sh(script: string): Promise<string> {
    return cluster.sh(pathOf(this.pod), script);
  }

  /** Over both transports. */
  async resolves(type: 'A' | 'SRV' | 'PTR', name: string): Promise<void> {
    for (const transport of ['udp', 'tcp'])
      await eventually(async () => {
        const said = await this.sh(`/node /query/query.js ${transport} ${type} ${name}`);
        assert.match(said, /^0 [1-9]/, `${type} ${name} over ${transport}`);
      }, 10_000);
  }

  /** What the C library of the pod finds, in its hosts file or elsewhere. */
  host(name: string): Promise<string> {
    return this.sh(`/node -e 'process.getBuiltinModule("node:dns")
      .lookup("${name}", (error, address) => console.log(String(error ?? address)))'`);
  }
}

async function querier(name: string, spec: object = {}, labels: object = {}): Promise<Querier> {
  const namespace = await cluster.namespace(name);
  await cluster.post(`${namespace}/configmaps`, { metadata: { name: 'query' }, data: { 'query.js': QUERY } });
  const idle = program('process.getBuiltinModule("node:http").createServer().listen(80)') as {
    volumeMounts: object[];
  };
  const volumeMounts = [...idle.volumeMounts, { name: 'query', mountPath: '/query' }];
  const volumes = [...NODE_VOLUMES, { name: 'query', configMap: { name: 'query' } }];
  const pod = lasting('querier', { ...idle, volumeMounts }, { volumes, ...spec }) as { metadata: object };
  const made = await cluster.start(namespace, { ...pod, metadata: { ...pod.metadata, labels } });
  return new Querier(namespace, made);
}

const SELECTOR = { 'dns-test': 'true' };
/** A headless service and one with an address, before the pod that asks. */
async function twoServices(namespace: string): Promise<string> {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];
  const make = (name: string, fields: object): Promise<Fields> =>
    cluster.post(`${namespace}/services`, {
      metadata: { name },
      spec: { selector: SELECTOR, ports, ...fields },
    });
  await make('dns-test-service', { clusterIP: 'None' });
  const { spec } = await make('test-service-2', {});
  return String(spec?.clusterIP);
}

const HOSTNAME = { hostname: 'dns-querier-2', subdomain: 'dns-test-service-2' };

async function behindSubdomain(name: string): Promise<{ asking: Querier; full: string }> {
  const asking = await querier(name, HOSTNAME, SELECTOR);
  await cluster.post(`${asking.namespace}/services`, {
    metadata: { name: 'dns-test-service-2' },
    spec: { clusterIP: 'None', selector: SELECTOR, ports: [{ name: 'http', port: 80 }] },
  });
  return { asking, full: `dns-querier-2.dns-test-service-2.${asking.bare}.svc.cluster.local` };
}

function dnsTests(): void {
  test('DNS should provide DNS for the cluster', async () => {
    const asking = await querier('dns-cluster');
    await asking.resolves('A', 'kubernetes.default.svc.cluster.local.');
  });

  test('DNS should provide /etc/hosts entries for the cluster', async () => {
    const spec = { hostname: 'dns-querier-1', subdomain: 'dns-test-service' };
    const asking = await querier('dns-hosts', spec);
    const full = `dns-querier-1.dns-test-service.${asking.bare}.svc.cluster.local`;
    for (const name of [full, 'dns-querier-1'])
      assert.equal(await asking.host(name), String(asking.pod.status?.podIP), name);
  });

  test('DNS should provide DNS for services', async () => {
    const asking = await querier('dns-services', {}, SELECTOR);
    const address = await twoServices(asking.namespace);
    const zone = `${asking.bare}.svc.cluster.local.`;
    await asking.resolves('A', `dns-test-service.${zone}`);
    await asking.resolves('SRV', `_http._tcp.dns-test-service.${zone}`);
    await asking.resolves('SRV', `_http._tcp.test-service-2.${zone}`);
    await asking.resolves('PTR', `${address.split('.').toReversed().join('.')}.in-addr.arpa.`);
  });

  test('DNS should resolve DNS of partial qualified names for services', async () => {
    const asking = await querier('dns-partial', {}, SELECTOR);
    await twoServices(asking.namespace);
    for (const name of [
      'dns-test-service',
      `dns-test-service.${asking.bare}`,
      `dns-test-service.${asking.bare}.svc`,
    ])
      await asking.resolves('A', name);
    for (const name of ['dns-test-service', 'test-service-2'])
      await asking.resolves('SRV', `_http._tcp.${name}.${asking.bare}.svc`);
  });

  test('DNS should provide DNS for pods for Hostname', async () => {
    const { asking, full } = await behindSubdomain('dns-hostname');
    for (const name of [full, 'dns-querier-2'])
      assert.equal(await asking.host(name), String(asking.pod.status?.podIP), name);
  });

  test('DNS should provide DNS for pods for Subdomain', async () => {
    const { asking, full } = await behindSubdomain('dns-subdomain');
    for (const name of [`${full}.`, `dns-test-service-2.${asking.bare}.svc.cluster.local.`])
      await asking.resolves('A', name);
  });

  test('DNS should provide DNS for ExternalName services', async () => {
    const asking = await querier('dns-external');
    const service = `${asking.namespace}/services/dns-test-service-3`;
    const full = `dns-test-service-3.${asking.bare}.svc.cluster.local`;
    const answer = (type: string): Promise<string> =>
      asking.sh(`/node -e 'new (process.getBuiltinModule("node:dns").Resolver)()
        .resolve("${full}", "${type}", (error, found) => console.log(String(error ?? found)))'`);
    const answers = (type: string, wanted: string): Promise<unknown> =>
      eventually(async () => assert.equal(await answer(type), wanted), 10_000);
    await cluster.post(`${asking.namespace}/services`, {
      metadata: { name: 'dns-test-service-3' },
      spec: { type: 'ExternalName', externalName: 'foo.example.com' },
    });
    await answers('CNAME', 'foo.example.com');
    await cluster.patch(service, { spec: { externalName: 'bar.example.com' } });
    await answers('CNAME', 'bar.example.com');
    const ports = [{ port: 80, name: 'http', protocol: 'TCP' }];
    const { spec } = await cluster.patch(service, { spec: { type: 'ClusterIP', externalName: null, ports } });
    await answers('A', String(spec?.clusterIP));
  });

  test('DNS should support configurable pod DNS nameservers', async () => {
    const namespace = await cluster.namespace('dns-config');
    const dnsConfig = { nameservers: ['1.1.1.1'], searches: ['resolv.conf.local'] };
    const pod = await cluster.start(
      namespace,
      lasting('test-dns-nameservers', {}, { dnsPolicy: 'None', dnsConfig }),
    );
    const text = await cluster.sh(pathOf(pod), 'cat /etc/resolv.conf');
    assert.deepEqual(text.split('\n').toSorted(), ['nameserver 1.1.1.1', 'search resolv.conf.local']);
  });
}

const { certificatePem, keyPem } = (() => {
  const nowMs = Date.now();
  const request = {
    commonName: 'porter',
    hosts: ['localhost'],
    usage: 'server' as const,
    nowMs,
    validDays: 1,
  };
  return issueCertificate(createAuthority('porter', nowMs, 1), request);
})();

/** Answers at each port of its environment: `SERVE_PORT_80=foo`, `SERVE_TLS_PORT_443=…`. */
const PORTER = `
  const tls = { key: process.env.TLS_KEY, cert: process.env.TLS_CERT };
  for (const [name, body] of Object.entries(process.env)) {
    const [, secure, port] = /^SERVE_(TLS_)?PORT_(\\d+)$/.exec(name) ?? [];
    if (port === undefined) continue;
    const answer = ({ method }, response) => {
      const isJson = process.env.JSON_RESPONSE !== undefined;
      response.writeHead(200, { 'content-type': isJson ? 'application/json' : 'text/html' });
      response.end(isJson ? JSON.stringify({ Method: method, Body: body }) : body);
    };
    if (secure) process.getBuiltinModule('node:https').createServer(tls, answer).listen(port);
    else process.getBuiltinModule('node:http').createServer(answer).listen(port);
  }`;

function porter(env: Readonly<Record<string, string>>, ports: readonly object[], labels: object): object {
  const values = { ...env, TLS_KEY: keyPem, TLS_CERT: certificatePem };
  const readinessProbe = { httpGet: { path: '/', port: 80 }, periodSeconds: 1 };
  const list = Object.entries(values).map(([name, value]) => ({ name, value }));
  const container = program(PORTER, { env: list, ports, readinessProbe });
  const pod = lasting('agnhost', container, { volumes: NODE_VOLUMES }) as { metadata: object };
  return { ...pod, metadata: { ...pod.metadata, labels } };
}

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** A pod that says how it was asked, and a service before it; the places of both. */
async function jsonPlaces(name: string): Promise<readonly string[]> {
  const namespace = await cluster.namespace(name);
  const labels = { test: 'response' };
  const env = { SERVE_PORT_80: 'foo', JSON_RESPONSE: 'yes' };
  const ports = [{ port: 80, targetPort: 80 }];
  await cluster.post(`${namespace}/services`, {
    metadata: { name: 'test-service' },
    spec: { selector: labels, ports },
  });
  await cluster.start(namespace, porter(env, [], labels));
  return [`${namespace}/pods/agnhost/proxy`, `${namespace}/services/test-service/proxy`];
}

async function saysItsMethod(method: string, place: string): Promise<void> {
  await eventually(async () => {
    const text = await cluster.text(method, place);
    if (method === 'HEAD') assert.equal(text, '');
    else assert.deepEqual(JSON.parse(text), { Method: method, Body: 'foo' });
  }, 10_000);
}

function proxyTests(): void {
  test('Proxy version v1 should proxy through a service and a pod', async () => {
    const namespace = await cluster.namespace('proxy');
    const labels = { 'proxy-service-target': 'true' };
    const link = '<a href="/rewriteme">test</a>';
    const env = {
      SERVE_PORT_80: link,
      SERVE_PORT_1080: link,
      SERVE_PORT_160: 'foo',
      SERVE_PORT_162: 'bar',
      SERVE_TLS_PORT_443: '<a href="/tlsrewriteme">test</a>',
      SERVE_TLS_PORT_460: 'tls baz',
      SERVE_TLS_PORT_462: 'tls qux',
    };
    const named = [
      ['dest1', 160],
      ['dest2', 162],
      ['tlsdest1', 460],
      ['tlsdest2', 462],
    ] as const;
    await cluster.post(`${namespace}/services`, {
      metadata: { name: 'proxy-service' },
      spec: {
        selector: labels,
        ports: [
          { name: 'portname1', port: 80, targetPort: 'dest1' },
          { name: 'portname2', port: 81, targetPort: 162 },
          { name: 'tlsportname1', port: 443, targetPort: 'tlsdest1' },
          { name: 'tlsportname2', port: 444, targetPort: 462 },
        ],
      },
    });
    // A pod that is asked without a port answers at its first.
    const ports = [{ containerPort: 80 }, ...named.map(([name, containerPort]) => ({ name, containerPort }))];
    await cluster.start(namespace, porter(env, ports, labels));
    await eventually(async () =>
      assert.ok(each((await cluster.get(`${namespace}/endpoints/proxy-service`)).subsets).length > 0),
    );
    const service = (scheme: string, port: string): string =>
      `${namespace}/services/${scheme}proxy-service:${port}/proxy/`;
    const pod = (scheme: string, port: string): string => `${namespace}/pods/${scheme}agnhost${port}/proxy/`;
    const rewritten = (place: string, path = 'rewriteme'): readonly [string, string] => [
      place,
      `<a href="${place}${path}">test</a>`,
    ];
    const expected: readonly (readonly [string, string])[] = [
      ...['', 'http:'].flatMap((scheme) => [
        [service(scheme, 'portname1'), 'foo'] as const,
        [service(scheme, 'portname2'), 'bar'] as const,
        [pod(scheme, ':160'), 'foo'] as const,
        [pod(scheme, ':162'), 'bar'] as const,
        rewritten(pod(scheme, ':1080')),
      ]),
      rewritten(pod('', '')),
      [service('https:', 'tlsportname1'), 'tls baz'],
      [service('https:', 'tlsportname2'), 'tls qux'],
      [pod('https:', ':460'), 'tls baz'],
      [pod('https:', ':462'), 'tls qux'],
      rewritten(pod('https:', ':443'), 'tlsrewriteme'),
    ];
    for (let round = 0; round < 20; round++)
      await Promise.all(
        expected.map(async ([place, body]) => assert.equal(await cluster.text('GET', place), body, place)),
      );
  });

  test('Proxy version v1 A set of valid responses are returned for both pod and service ProxyWithPath', async () => {
    for (const place of await jsonPlaces('proxy-with-path'))
      for (const method of METHODS) await saysItsMethod(method, `${place}/some/path/with/${method}`);
  });

  test('Proxy version v1 A set of valid responses are returned for both pod and service Proxy', async () => {
    for (const place of await jsonPlaces('proxy-without-path'))
      for (const method of METHODS) {
        const url = `${place}?method=${method}`;
        if (method !== 'GET' && method !== 'HEAD') {
          await saysItsMethod(method, url);
          continue;
        }
        const isRedirect = (error: unknown): boolean => error instanceof Refused && error.code === 301;
        await assert.rejects(cluster.text(method, url), isRedirect);
      }
  });
}

describe('names and proxies', AT_ONCE, () => {
  describe('names', AT_ONCE, dnsTests);
  describe('proxies', AT_ONCE, proxyTests);
});
