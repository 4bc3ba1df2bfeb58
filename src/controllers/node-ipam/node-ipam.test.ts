import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../api/groups/core/node/node.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import { NetworkPool } from './network-pool.ts';
import { nodeIpamController } from './node-ipam.ts';

test('a pool hands out each network once, in turn, until none is left', () => {
  const pool = new NetworkPool('10.42.0.0/22', 24);
  pool.occupy('a', '10.42.1.0/24');
  assert.deepEqual(
    ['b', 'c', 'd', 'e'].map((holder) => pool.take(holder)),
    ['10.42.0.0/24', '10.42.2.0/24', '10.42.3.0/24', undefined],
  );
  assert.equal(pool.take('b'), '10.42.0.0/24');
  pool.release('c');
  assert.equal(pool.take('e'), '10.42.2.0/24');
  pool.release('unknown');
});

test('what a holder brought is handed to nobody else, whatever its size, however many share it', () => {
  const pool = new NetworkPool('10.42.0.0/22', 24);
  pool.occupy('large', '10.42.2.0/23');
  pool.occupy('small', '10.42.0.128/25');
  pool.occupy('same', '10.42.3.0/24');
  pool.occupy('elsewhere', '10.99.0.0/24');
  pool.occupy('other-family', 'fd00::/64');
  assert.equal(pool.take('a'), '10.42.1.0/24');
  assert.equal(pool.take('b'), undefined);
  pool.release('large');
  assert.equal(pool.take('b'), '10.42.2.0/24');
  assert.equal(pool.take('c'), undefined);
  pool.occupy('all', '10.0.0.0/8');
  pool.release('small');
  assert.equal(pool.take('c'), undefined);
  pool.release('all');
  assert.equal(pool.take('c'), '10.42.0.0/24');
});

test('every node gets a network, keeps it, and gives it back', async () => {
  const cluster = await startTestCluster([nodeIpamController('10.42.0.0/23')]);
  const { client } = cluster;
  const networks = async () => (await client.list(nodes)).items.map(({ spec }) => spec.podCIDR);
  await client.create(nodes, { metadata: { name: 'a' } });
  await client.create(nodes, { metadata: { name: 'b' } });
  await client.create(nodes, { metadata: { name: 'c' } });
  await cluster.settle();
  assert.deepEqual(await networks(), ['10.42.0.0/24', '10.42.1.0/24', undefined]);
  const [first] = (await client.list(nodes)).items;
  assert.deepEqual(first?.spec.podCIDRs, ['10.42.0.0/24']);
  assert.deepEqual(cluster.events, ['CIDRNotAvailable: Node c status is now: CIDRNotAvailable']);
  await client.delete(nodes, { name: 'a' });
  await cluster.advance('31s');
  assert.deepEqual(await networks(), ['10.42.1.0/24', '10.42.0.0/24']);
  await cluster.stop();
});

test('a node that comes back unheard does not inherit what the one before brought', async () => {
  const cluster = await startTestCluster([nodeIpamController('10.42.0.0/23')], { lagMs: 300 });
  const { client } = cluster;
  await client.create(nodes, { metadata: { name: 'a' }, spec: { podCIDR: '10.99.0.0/24' } });
  await cluster.settle();
  await client.delete(nodes, { name: 'a' });
  await client.create(nodes, { metadata: { name: 'a' } });
  cluster.breakStreams(true);
  await cluster.advance('1s');
  assert.equal((await client.get(nodes, { name: 'a' })).spec.podCIDR, '10.42.0.0/24');
  await cluster.stop();
});
