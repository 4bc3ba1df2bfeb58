import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { silentLogger } from '../base/log.ts';
import type { HttpsRequest } from '../host/host.ts';
import { createNodeHost } from '../host/node/node.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { createAuthority, issueCertificate } from '../pki/pki.ts';
import { Scraper } from './scraper.ts';

const NODE = {
  address: '10.0.0.1',
  port: 10250,
  authorityPem: 'CA',
  client: { certificatePem: 'C', keyPem: 'K' },
};

test('every node is asked once a period; silence and removal are forgotten in time', async () => {
  const { clock, network } = createSimulatedHost(1);
  const nodes = new Map([['one', NODE]]);
  const asked: HttpsRequest[] = [];
  let answers = true;
  network.onRequest = (wanted: HttpsRequest) => {
    asked.push(wanted);
    if (!answers) throw new Error('no route to host');
    const body = Buffer.from(
      `node_cpu_usage_seconds_total ${asked.length}\nnode_memory_working_set_bytes 1\n`,
    );
    return { status: 200, headers: {}, body };
  };
  const scraper = new Scraper({
    clock,
    network,
    logger: silentLogger,
    periodMs: 15_000,
    kubelets: () => nodes,
  });
  const stop = new AbortController();
  const running = scraper.run(stop.signal);
  await clock.advance('31s');
  assert.equal(asked.length, 3);
  assert.equal(asked[0]?.url, 'https://10.0.0.1:10250/metrics/resource');
  const { last, before } = scraper.historyOf('one') ?? {};
  assert.deepEqual([before?.node?.cpuNanoSeconds, last?.node?.cpuNanoSeconds], [2e9, 3e9]);
  answers = false;
  await clock.advance('45s');
  assert.ok(scraper.historyOf('one') !== undefined, 'a node may miss some');
  await clock.advance('45s');
  assert.equal(scraper.historyOf('one'), undefined);
  answers = true;
  await clock.advance('15s');
  assert.ok(scraper.historyOf('one') !== undefined);
  nodes.clear();
  await clock.advance('15s');
  assert.equal(scraper.historyOf('one'), undefined);
  stop.abort();
  await clock.settle();
  await running;
});

test('a kubelet is reached by its address, and knows who asks', async () => {
  const { clock, network } = createNodeHost();
  const nowMs = clock.now();
  const authority = createAuthority('ca', nowMs, 1);
  const certificate = (usage: 'client' | 'server', hosts: readonly string[]) =>
    issueCertificate(authority, { commonName: usage, hosts, usage, nowMs, validDays: 1 });
  const serving = certificate('server', ['127.0.0.1']);
  const trust = { ca: authority.certificatePem, requestCert: true, rejectUnauthorized: true };
  const server = createServer(
    { cert: serving.certificatePem, key: serving.keyPem, ...trust },
    (_request, response) =>
      response.end('node_cpu_usage_seconds_total 7 1.5\nnode_memory_working_set_bytes 5\n'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = certificate('client', []);
  const node = { address: '127.0.0.1', port, authorityPem: authority.certificatePem, client };
  const scraper = new Scraper({
    ...{ clock, network, logger: silentLogger, periodMs: 15_000 },
    kubelets: () => new Map([['one', node]]),
  });
  await scraper.scrape();
  server.close();
  assert.deepEqual(scraper.historyOf('one')?.last.node, { atMs: 1, cpuNanoSeconds: 7e9, memoryBytes: 5 });
});

test('with nobody to ask it sleeps until a node comes', async () => {
  const { clock, network } = createSimulatedHost(1);
  let looks = 0;
  const nodes = new Map<string, typeof NODE>();
  network.onRequest = () => ({
    status: 200,
    headers: {},
    body: Buffer.from('node_cpu_usage_seconds_total 1\n'),
  });
  const kubelets = (): ReadonlyMap<string, typeof NODE> => {
    looks++;
    return nodes;
  };
  const scraper = new Scraper({ clock, network, logger: silentLogger, periodMs: 2000, kubelets });
  const stop = new AbortController();
  const running = scraper.run(stop.signal);
  await clock.advance('170s');
  assert.ok(looks <= 2 * 11, `${looks} looks`);
  nodes.set('one', NODE);
  scraper.nodesChanged();
  await clock.advance('3s');
  assert.ok(scraper.historyOf('one') !== undefined);
  stop.abort();
  await clock.settle();
  await running;
});
