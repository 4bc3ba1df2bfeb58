/** Certificates over years of virtual time: renewed while they are in use, by one process or by two. */

import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger, type Logger } from '../base/log.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import type { KeyPair } from '../pki/pki.ts';
import { renewDaily } from './certificate-renewal.ts';
import { loadCredentials } from './credentials.ts';
import { LiveCredentials } from './live-credentials.ts';

const DAY_MS = 86_400_000;
const FOLDER = '/data/pki';

async function start(): Promise<{
  readonly host: ReturnType<typeof createSimulatedHost>;
  readonly credentials: LiveCredentials;
  readonly daysLeft: (pair: KeyPair) => number;
}> {
  const host = createSimulatedHost(1);
  const parts = { disk: host.disk, clock: host.clock, folder: FOLDER, hosts: ['127.0.0.1', 'localhost'] };
  const credentials = new LiveCredentials(parts, await loadCredentials(parts));
  const daysLeft = ({ certificatePem }: KeyPair): number =>
    (new X509Certificate(certificatePem).validToDate.getTime() - host.clock.now()) / DAY_MS;
  return { host, credentials, daysLeft };
}

/** Day after day; a renewal has cryptography in it, which takes real time, and is waited for. */
class Days {
  readonly #host: ReturnType<typeof createSimulatedHost>;
  #renewal: Promise<unknown> = Promise.resolve();

  constructor(host: ReturnType<typeof createSimulatedHost>) {
    this.#host = host;
  }

  readonly watched = (renew: () => Promise<readonly string[]>) => (): Promise<readonly string[]> => {
    const renewal = renew();
    this.#renewal = renewal.catch(() => undefined);
    return renewal;
  };

  async pass(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.#host.clock.advance('24h');
      await this.#renewal;
    }
  }
}

test('nothing in use is ever near its end, for two years', async () => {
  const { host, credentials, daysLeft } = await start();
  const abort = new AbortController();
  const replaced: KeyPair[] = [];
  credentials.onServerReplaced((pair) => replaced.push(pair), abort.signal);
  const days = new Days(host);
  const renew = days.watched(() => credentials.renew());
  void renewDaily({ clock: host.clock, logger: silentLogger, renew }, abort.signal);
  const { frontProxy } = credentials;
  const first = frontProxy.client;
  const authority = new X509Certificate(credentials.authority.certificatePem);
  for (let day = 0; day < 730; day += 10) {
    await days.pass(10);
    const { server, admin, kubeletClient, frontProxyClient } = credentials;
    for (const pair of [server, admin, kubeletClient, frontProxyClient]) {
      assert.ok(daysLeft(pair) > 15, `day ${day}: ${daysLeft(pair)} days are left`);
      assert.ok(new X509Certificate(pair.certificatePem).checkPrivateKey(createPrivateKey(pair.keyPem)));
    }
    assert.ok(new X509Certificate(server.certificatePem).verify(authority.publicKey));
    assert.equal(new X509Certificate(server.certificatePem).checkIP('127.0.0.1'), '127.0.0.1');
  }
  assert.equal(replaced.length, 2, 'about once a year, less a month');
  assert.equal(replaced.at(-1), credentials.server);
  assert.notEqual(
    frontProxy.client.certificatePem,
    first.certificatePem,
    'whoever has the view sees the new one',
  );
  assert.equal(frontProxy.client, credentials.frontProxyClient);
  const stored = await host.disk.readFile(join(FOLDER, 'apiserver.crt'));
  assert.equal(Buffer.from(stored ?? []).toString(), credentials.server.certificatePem);
  abort.abort();
  await days.pass(400);
  assert.equal(replaced.length, 2, 'who has stopped renews nothing');
});

test('what another process has renewed is taken, and a pair of two halves is made anew', async () => {
  const { host, credentials, daysLeft } = await start();
  const parts = { disk: host.disk, clock: host.clock, folder: FOLDER, hosts: ['127.0.0.1'] };
  assert.deepEqual(await credentials.renew(), []);
  await host.clock.advance('340d');
  // It answers to fewer names, so that its certificate lacks one of ours.
  const other = await loadCredentials(parts);
  assert.deepEqual(await credentials.renew(), ['server', 'admin', 'kubeletClient', 'frontProxyClient']);
  assert.equal(credentials.admin.certificatePem, other.admin.certificatePem);
  assert.notEqual(credentials.server.certificatePem, other.server.certificatePem);
  assert.equal(new X509Certificate(credentials.server.certificatePem).checkHost('localhost'), 'localhost');
  const key = join(FOLDER, 'admin.key');
  await host.disk.writeFileAtomic(key, Buffer.from(credentials.server.keyPem), 0o600);
  assert.deepEqual(await credentials.renew(), ['admin']);
  assert.ok(daysLeft(credentials.admin) > 360);
});

test('a failure is said, and the next day is another try', async () => {
  const { host, credentials } = await start();
  const said: string[] = [];
  const logger: Logger = { ...silentLogger, error: (message) => said.push(message) };
  let tries = 0;
  const days = new Days(host);
  const renew = days.watched(async () => {
    if (++tries === 1) throw new Error('the disk is full');
    return credentials.renew();
  });
  const abort = new AbortController();
  const done = renewDaily({ clock: host.clock, logger, renew }, abort.signal);
  await days.pass(2);
  assert.deepEqual([tries, said], [2, ['certificates could not be renewed']]);
  abort.abort();
  await done;
});
