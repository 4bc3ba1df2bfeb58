/** Official tests of [sig-node] Pods over WebSockets: commands and logs, on a simulated node. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { load } from 'js-yaml';
import { WebSocket } from 'ws';
import { startTestCluster, until } from '../cluster.fixture.ts';

const cluster = await startTestCluster();
after(() => cluster.remove());
const { ok } = cluster;

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string } }];
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ];
}

/** Everything that comes over the connection until `isEnough`. */
async function received(
  path: string,
  protocol: string,
  isEnough: (messages: readonly Buffer[]) => boolean,
): Promise<readonly Buffer[]> {
  const { clusters, users } = load(await readFile(cluster.kubeconfig, 'utf8')) as Kubeconfig;
  const decoded = (text: string): Buffer => Buffer.from(text, 'base64');
  const socket = new WebSocket(
    clusters[0].cluster.server.replace('https', 'wss') + path,
    protocol === '' ? [] : [protocol],
    {
      rejectUnauthorized: false,
      cert: decoded(users[0].user['client-certificate-data']),
      key: decoded(users[0].user['client-key-data']),
    },
  );
  const messages: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on('message', (data: Buffer) => {
    messages.push(data);
    if (isEnough(messages)) resolve();
  });
  socket.on('close', () => resolve());
  socket.on('error', reject);
  socket.on('unexpected-response', (_request, { statusCode }) => reject(new Error(`answered ${statusCode}`)));
  await promise;
  assert.equal(socket.protocol, protocol);
  socket.terminate();
  return messages;
}

async function runs(name: string, script: string): Promise<void> {
  await until(() => ok(['get', 'serviceaccount', 'default']));
  await ok(['run', name, '--image=busybox', '--restart=Never', '--command', '--', 'sh', '-c', script]);
  await ok(['wait', `pod/${name}`, '--for=condition=Ready', '--timeout=30s']);
}
const textOf = (messages: readonly Buffer[]): string => Buffer.concat(messages).toString();

test('Pods should support remote command execution over websockets', async () => {
  await runs('pod-exec-websocket', 'echo container is alive; sleep 600');
  const query =
    'stderr=1&stdout=1&container=pod-exec-websocket&command=echo&command=remote&command=execution&command=test';
  const path = `/api/v1/namespaces/default/pods/pod-exec-websocket/exec?${query}`;
  const output = (messages: readonly Buffer[]): string =>
    textOf(messages.filter((message) => message[0] === 1).map((message) => message.subarray(1)));
  for (const protocol of ['channel.k8s.io', 'v4.channel.k8s.io', 'v5.channel.k8s.io', '']) {
    const messages = await received(path, protocol, (sofar) => output(sofar).includes('test\n'));
    assert.equal(output(messages), 'remote execution test\n', protocol);
  }
});

test('Pods should support retrieving logs from the container over websockets', async () => {
  await runs('pod-logs-websocket', 'echo container is alive; sleep 600');
  const path = '/api/v1/namespaces/default/pods/pod-logs-websocket/log?container=pod-logs-websocket';
  const isAlive = (messages: readonly Buffer[]): boolean => textOf(messages).includes('alive\n');
  assert.equal(textOf(await received(path, 'binary.k8s.io', isAlive)), 'container is alive\n');
  const encoded = await received(path, 'base64.binary.k8s.io', (messages) => messages.length > 0);
  assert.equal(Buffer.from(textOf(encoded), 'base64').toString(), 'container is alive\n');
  await assert.rejects(received(`${path}-no`, 'binary.k8s.io', isAlive), /answered 400/);
});

test('a watch over a WebSocket sends each event as a message', async () => {
  const url =
    '/api/v1/namespaces/kube-public/configmaps?watch=true&fieldSelector=metadata.name%3Dkube-root-ca.crt';
  const [message = Buffer.alloc(0)] = await received(url, '', (messages) => messages.length > 0);
  const { type, object } = JSON.parse(message.toString()) as {
    readonly type: string;
    readonly object: { readonly kind: string };
  };
  assert.deepEqual([type, object.kind], ['ADDED', 'ConfigMap']);
});
