/** A server process that is told to stop: what it still does, for how long, and how its clients see the end. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientFiles, MAIN, run, startTestCluster, until } from './cluster.fixture.ts';

// Once up and down: then the folder has certificates and a kubeconfig for a server in the foreground.
const cluster = await startTestCluster();
const files = await clientFiles(cluster);
after(() => cluster.remove());
const place = ['--data-dir', cluster.folder];
const down = await run([process.execPath, MAIN, 'down', ...place]);
assert.equal(down.exitCode, 0, down.stderr);

const server = spawn(process.execPath, [MAIN, 'server', ...place, '--shutdown-delay-duration', '3s'], {
  stdio: 'ignore',
});
const exited = once(server, 'exit');
after(() => server.kill('SIGKILL'));

function open(method: string, path: string, more: RequestOptions = {}): ClientRequest {
  const options = { ...files, host: '127.0.0.1', port: cluster.port, agent: false, ...more };
  return httpsRequest({ ...options, method, path });
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function answerOf(sent: ClientRequest): Promise<Answer> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}

function ask(method: string, path: string, body = ''): Promise<Answer> {
  const sent = open(method, path, { headers: { 'content-type': 'application/json' } });
  sent.end(body);
  return answerOf(sent);
}

const PATH = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string): string => JSON.stringify({ metadata: { name } });

test('the checks have the names that upstream has', async () => {
  await until(async () => (await ask('GET', '/readyz')).status === 200);
  const names = ({ text }: Answer): readonly string[] =>
    text.split('\n').flatMap((line) => /^\[\+\](\S+) ok$/.exec(line)?.[1] ?? []);
  const alive = names(await ask('GET', '/livez?verbose'));
  assert.deepEqual(alive, [
    'ping',
    'log',
    'etcd',
    'poststarthook/crd-informer-synced',
    'poststarthook/priority-and-fairness-config-consumer',
    'poststarthook/start-system-namespaces-controller',
    'poststarthook/bootstrap-controller',
    'poststarthook/rbac/bootstrap-roles',
    'poststarthook/scheduling/bootstrap-system-priority-classes',
    'poststarthook/priority-and-fairness-config-producer',
  ]);
  const ready = names(await ask('GET', '/readyz?verbose'));
  const onlyReady = ['etcd-readiness', 'informer-sync', 'shutdown'];
  assert.deepEqual(ready.toSorted(), [...alive, ...onlyReady].toSorted());
  assert.equal((await ask('GET', '/livez/etcd')).text, 'ok');
});

test('SIGTERM: serving during the delay, watches that end whole, requests under way that are answered', async () => {
  const watch = open('GET', `${PATH}?watch=1`);
  watch.end();
  const [stream] = (await once(watch, 'response')) as [IncomingMessage];
  let seen = '';
  stream.setEncoding('utf8').on('data', (text: string) => (seen += text));
  const watchEnded = once(stream, 'end');

  const body = configMap('under-way');
  const slow = open('POST', PATH, {
    headers: { 'content-type': 'application/json', 'content-length': body.length },
  });
  slow.write(body.slice(0, 5));
  await sleep(200);
  server.kill('SIGTERM');

  await until(async () => (await ask('GET', '/readyz')).status === 500);
  assert.match((await ask('GET', '/readyz')).text, /^\[-\]shutdown failed: reason withheld$/m);
  assert.equal((await ask('GET', '/livez')).text, 'ok');
  assert.equal((await ask('POST', PATH, configMap('during-the-delay'))).status, 201);
  await until(async () => seen.includes('during-the-delay'));

  await watchEnded;
  assert.ok(stream.complete, 'the watch was not cut off');
  assert.ok(seen.endsWith('}\n'));
  for (const line of seen.trim().split('\n')) JSON.parse(line);
  await assert.rejects(ask('GET', '/livez'), /ECONNREFUSED/, 'no new connections');

  const answered = answerOf(slow);
  slow.end(body.slice(5));
  const { status, text } = await answered;
  assert.deepEqual([status, JSON.parse(text).metadata.name], [201, 'under-way']);
  assert.deepEqual(await exited, [0, null]);
});

test('a delay that is none is refused', async () => {
  const refused = async (text: string): Promise<string> => {
    const outcome = await run([
      process.execPath,
      MAIN,
      'server',
      ...place,
      '--shutdown-delay-duration',
      text,
    ]);
    assert.notEqual(outcome.exitCode, 0);
    return outcome.stderr;
  };
  assert.match(await refused('soon'), /--shutdown-delay-duration soon: time: invalid duration "soon"/);
  assert.match(await refused('-1s'), /--shutdown-delay-duration can not be negative value/);
});
