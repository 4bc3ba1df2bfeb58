import assert from 'node:assert/strict';
import { request } from 'node:https';
import { test } from 'node:test';

import { createNodeClock } from '../../host/node/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { RemoteNodeOperations } from '../../client/node/remote-node-operations.ts';
import { LiveKeyPair } from '../../pki/live-key-pair.ts';
import { createAuthority, issueCertificate } from '../../pki/pki.ts';
import { startTestNode } from '../kubelet.fixture.ts';
import { parseContainerPath, parseLogOptions } from './paths.ts';
import { KubeletServer } from './server.ts';

const PORT = 20_000 + (process.pid % 20_000);

function get(
  path: string,
  tls: { cert?: string; key?: string; ca: string },
): Promise<{ code: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: PORT, path, agent: false, ...tls }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () =>
        resolve({ code: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    asking.once('error', reject);
    asking.end();
  });
}

test('the node answers the API server, and nobody else', async () => {
  const nowMs = createNodeClock().now();
  const authority = createAuthority('test', nowMs, 1);
  const issue = (commonName: string, organizations: readonly string[], usage: 'client' | 'server') =>
    issueCertificate(authority, {
      commonName,
      organizations,
      usage,
      hosts: ['127.0.0.1'],
      nowMs,
      validDays: 1,
    });
  const serving = issue('system:node:n1', ['system:nodes'], 'server');
  const live = new LiveKeyPair(serving);
  const client = issue('kube-apiserver-kubelet-client', ['system:masters'], 'client');
  const stranger = issue('jane', ['people'], 'client');
  const node = await startTestNode({
    script: {
      container: () => ({
        output: [{ afterMs: 0, stream: 'stdout', text: 'hello' }],
        exec: (cmd) => ({ stdout: `ran ${cmd.join(' ')}`, exitCode: 7 }),
      }),
    },
  });
  const pod = await node.createPod('web', { containers: [{ name: 'app', image: 'web:1' }] });
  const authorityPem = authority.certificatePem;
  const server = new KubeletServer({
    kubelet: node.kubelet,
    address: '127.0.0.1',
    port: PORT,
    serving: live,
    authorityPem,
    logger: silentLogger,
  });
  const abort = new AbortController();
  const running = server.start(abort.signal);
  while (!server.ready().ready) await new Promise((resolve) => setImmediate(resolve));
  try {
    const ca = authorityPem;
    assert.equal((await get('/healthz', { ca })).body, 'ok');
    assert.equal((await get('/pods', { ca })).code, 401);
    const as = (pair: typeof client) => ({ cert: pair.certificatePem, key: pair.keyPem, ca });
    assert.equal((await get('/pods', as(stranger))).code, 403);
    live.replace(issue('system:node:renewed', ['system:nodes'], 'server'));
    const pods = JSON.parse((await get('/pods', as(client))).body) as { items: readonly unknown[] };
    assert.equal(pods.items.length, 1);
    const summary = await get('/stats/summary', as(client));
    assert.match(summary.body, /"podRef":\{"name":"web","namespace":"default"/);
    const metrics = await get('/metrics/resource', as(client));
    assert.match(
      metrics.body,
      /container_memory_working_set_bytes\{container="app",namespace="default",pod="web"\} 8388608/,
    );
    assert.equal((await get('/nothing', as(client))).code, 404);

    const remote = new RemoteNodeOperations({ address: '127.0.0.1', port: PORT, authorityPem, client });
    const ref = { namespace: 'default', pod: 'web', uid: pod.metadata.uid ?? '', container: 'app' };
    const chunks: Uint8Array[] = [];
    const options = { follow: false, previous: false, timestamps: false };
    for await (const chunk of remote.logs(ref, options, abort.signal)) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString(), 'hello\n');
    const wrong = { ...ref, container: 'none' };
    await assert.rejects(async () => {
      for await (const _chunk of remote.logs(wrong, options, abort.signal));
    }, /container "none" in pod "web" is waiting to start/);
    const { files } = node.system;
    const folder = '/volumes/pvc-0a1b2c3d-0000-4000-8000-0123456789ab_default_data';
    await files.makeFolder(folder, 0o777);
    await remote.removeLocalPath(folder, abort.signal);
    assert.deepEqual(await files.list('/volumes'), []);
    await assert.rejects(remote.removeLocalPath('/volumes', abort.signal), /is no folder of a volume/);
    assert.notEqual(await files.stat('/volumes'), undefined);
    const out: string[] = [];
    const stdout = async (chunk: Uint8Array): Promise<void> => void out.push(Buffer.from(chunk).toString());
    const streams = { stdin: undefined, stdout, stderr: undefined, resizes: undefined };
    const result = await remote.exec(ref, { command: ['a', 'b c'], tty: false }, streams, abort.signal);
    assert.deepEqual([result, out.join('')], [{ exitCode: 7 }, 'ran a b c']);
  } finally {
    abort.abort();
    await running;
    await node.stop();
  }
});

test('paths and queries', () => {
  assert.deepEqual(parseContainerPath('/exec/ns/p/c'), {
    namespace: 'ns',
    pod: 'p',
    uid: '',
    container: 'c',
  });
  assert.equal(parseContainerPath('/exec/ns/p/u/c').uid, 'u');
  assert.throws(() => parseContainerPath('/exec/ns/p'), /names no container/);
  const options = parseLogOptions(new URLSearchParams('follow=true&tailLines=5&stream=Stderr'));
  assert.deepEqual(options, {
    follow: true,
    previous: false,
    timestamps: false,
    tailLines: 5,
    stream: 'Stderr',
  });
  assert.throws(() => parseLogOptions(new URLSearchParams('tailLines=-1')), /tailLines/);
});
