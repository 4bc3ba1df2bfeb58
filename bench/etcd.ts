/** The peer of the store: Debian's etcd on loopback, driven by `h2load` with a ready-made gRPC request. */

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Etcd {
  /** Conditional puts per second with so many of them outstanding. */
  drive(value: Uint8Array, outstanding: number, seconds: number): Promise<number>;
  stop(): Promise<void>;
}

const ETCD = '/usr/bin/etcd';
const H2LOAD = '/usr/bin/h2load';
const KEY = '/registry/core/pods/default/bench';

/** Undefined when the machine has no etcd or no h2load. */
export async function startEtcd(folder: string): Promise<Etcd | undefined> {
  if (!existsSync(ETCD) || !existsSync(H2LOAD)) return undefined;
  const [client, peer] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const flags = [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
  ];
  flags.push(`--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`);
  flags.push(`--initial-cluster=default=${peerUrl}`, '--log-level=error', '--quota-backend-bytes=8589934592');
  const child = spawn(ETCD, flags, { stdio: 'ignore' });
  await untilReady(child, url);
  return {
    drive: (value, outstanding, seconds) => drive(url, folder, value, outstanding, seconds),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function drive(url: string, folder: string, value: Uint8Array, outstanding: number, seconds: number) {
  await gateway(url, 'put', { key: base64(KEY), value: '' });
  const body = join(folder, 'request.bin');
  await writeFile(body, conditionalPut(KEY, value));
  const clients = Math.min(8, Math.max(1, outstanding / 8));
  const args = ['-c', String(clients), '-m', String(outstanding / clients), '-D', String(seconds), '-t', '1'];
  args.push('-H', 'content-type: application/grpc', '-H', 'te: trailers', '-d', body);
  const before = await revision(url);
  const load = spawn(H2LOAD, [...args, `${url}/etcdserverpb.KV/Txn`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  load.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise((resolve) => load.once('close', resolve));
  const took = /finished in ([\d.]+)(m?s)/.exec(output);
  if (took === null) throw new Error(`h2load said: ${output}`);
  const elapsed = Number(took[1]) / (took[2] === 'ms' ? 1000 : 1);
  // What etcd has really written, not what the load generator believes.
  return ((await revision(url)) - before) / elapsed;
}

/**
 * A gRPC message `Txn(if mod_revision(key) > 0 then put)`. The condition costs etcd what a comparison with
 * the current revision costs, and lets one request body serve all requests.
 */
function conditionalPut(key: string, value: Uint8Array): Uint8Array {
  const name = Buffer.from(key);
  const compare = Buffer.concat([Buffer.from([0x08, 1, 0x10, 2]), field(3, name), Buffer.from([0x30, 0])]);
  const put = Buffer.concat([field(1, name), field(2, value)]);
  const message = Buffer.concat([field(1, compare), field(2, field(2, put))]);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

function field(number: number, bytes: Uint8Array): Buffer {
  const head = [(number << 3) | 2];
  let length = bytes.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  head.push(length);
  return Buffer.concat([Buffer.from(head), bytes]);
}

async function revision(url: string): Promise<number> {
  const answer = await gateway(url, 'range', { key: base64(KEY), keys_only: true });
  return Number(answer.header.revision);
}

async function gateway(url: string, call: string, body: object): Promise<{ header: { revision: string } }> {
  const response = await fetch(`${url}/v3/kv/${call}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`etcd ${call}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { header: { revision: string } };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`etcd ended with exit code ${child.exitCode}`);
    const healthy = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('etcd did not become ready in 10 s');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
