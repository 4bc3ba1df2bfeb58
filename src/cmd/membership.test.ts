/** A joined node over years: it renews its certificates as itself, and cannot have those of another. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { NodeBootstrapHandler } from '../apiserver/authentication/node-bootstrap.ts';
import { exchangeOf, type TestAnswer } from '../apiserver/http/front.fixture.ts';
import type { UserInfo } from '../client/operation.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { createAuthority, type KeyPair } from '../pki/pki.ts';
import {
  askMembership,
  LiveMembership,
  newKeyPem,
  readMembership,
  writeMembership,
  type Ask,
} from './membership.ts';

const DAY_MS = 86_400_000;
const FOLDER = '/data/node';
const PLACE = { nodeName: 'one', address: '10.0.0.7' };
const JOINER: UserInfo = { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers'] };
const NODE: UserInfo = { name: 'system:node:one', groups: ['system:nodes'] };

async function start() {
  const { clock, disk } = createSimulatedHost(1);
  const authority = createAuthority('test', clock.now(), 3650);
  const handler = new NodeBootstrapHandler({
    authority,
    clock,
    serviceNetworks: () => [],
    networks: { podCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', clusterDomain: 'cluster.local' },
  });
  const as =
    (user: UserInfo): Ask =>
    async (body) => {
      const { promise, resolve } = Promise.withResolvers<TestAnswer>();
      const path = '/k8ts/v1/node-bootstrap';
      const exchange = exchangeOf(path, { method: 'POST', body }, resolve);
      await handler.handle(path, exchange, new URLSearchParams(), user);
      return (await promise).body.toString();
    };
  return { clock, disk, as };
}

const daysLeft = ({ certificatePem }: KeyPair, nowMs: number): number =>
  (new X509Certificate(certificatePem).validToDate.getTime() - nowMs) / DAY_MS;

test('a node renews what is near its end, keeps its key, and finds it again after a restart', async () => {
  const { clock, disk, as } = await start();
  const joined = await askMembership(as(JOINER), PLACE, newKeyPem());
  await writeMembership(disk, FOLDER, joined);
  const parts = { disk, clock, folder: FOLDER, place: PLACE, ask: as(NODE) };
  const live = new LiveMembership(parts, joined);
  assert.deepEqual(await live.renew(), []);
  await clock.advance('330d');
  assert.deepEqual(await live.renew(), []);
  await clock.advance('10d');
  assert.deepEqual(await live.renew(), ['client', 'serving']);
  for (const { current } of [live.client, live.serving]) {
    assert.ok(daysLeft(current, clock.now()) > 360);
    assert.equal(current.keyPem, joined.keyPem);
  }
  assert.equal(new X509Certificate(live.serving.current.certificatePem).checkIP('10.0.0.7'), '10.0.0.7');
  const kept = await readMembership(disk, FOLDER);
  assert.equal(kept?.clientCertificate, live.client.current.certificatePem);
  assert.equal(kept?.networks.podCidr, '10.42.0.0/16');
});

test('a node has no certificates of another, and a failure leaves it what it has', async () => {
  const { clock, disk, as } = await start();
  const two = { ...PLACE, nodeName: 'two' };
  await assert.rejects(askMembership(as(NODE), two, newKeyPem()), {
    code: 403,
    message: 'nodes "two" is forbidden: node "one" can only have certificates of its own',
  });
  const joined = await askMembership(as(JOINER), two, newKeyPem());
  const live = new LiveMembership({ disk, clock, folder: FOLDER, place: two, ask: as(NODE) }, joined);
  await clock.advance('350d');
  await assert.rejects(live.renew(), { code: 403 });
  assert.equal(live.client.current.certificatePem, joined.clientCertificate);
  assert.equal(await readMembership(disk, FOLDER), undefined);
});
