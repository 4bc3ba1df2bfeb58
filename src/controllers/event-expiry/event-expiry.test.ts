import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events } from '../../api/groups/core/event/event.ts';
import { formatTime } from '../../api/time/time.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import { eventExpiryController } from './event-expiry.ts';

test('an event is forgotten an hour after it was last written', async () => {
  const cluster = await startTestCluster([eventExpiryController]);
  const { client } = cluster;
  const { clock } = cluster.host;
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'web' };
  const create = (name: string) =>
    client.create(events, {
      metadata: { name, namespace: 'default' },
      involvedObject,
      lastTimestamp: formatTime(clock.now()),
    });
  await create('once');
  const again = await create('again');
  await cluster.advance('50m');
  await client.update(events, { ...again, count: 2, lastTimestamp: formatTime(clock.now()) });
  const left = async () => (await client.list(events)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(await left(), ['again', 'once']);
  await cluster.advance('15m');
  assert.deepEqual(await left(), ['again']);
  await cluster.advance('50m');
  assert.deepEqual(await left(), []);
  await cluster.stop();
});
