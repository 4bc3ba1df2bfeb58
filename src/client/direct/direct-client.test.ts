import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import type { Operation, Outcome } from '../operation.ts';
import { DirectClient } from './direct-client.ts';

const WRITES = 60;

function recorded(requestsWait: () => boolean): { client: DirectClient; verbs: string[] } {
  const verbs: string[] = [];
  const execute = async ({ verb }: Operation): Promise<Outcome> => {
    verbs.push(verb);
    return { type: 'object', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }, created: false };
  };
  return {
    client: new DirectClient({ execute }, { name: 'jane', groups: [] }, 'test/1', requestsWait),
    verbs,
  };
}

const create = (client: DirectClient, i: number): Promise<unknown> =>
  client.create(configMaps, { metadata: { namespace: 'default', name: `map-${i}` } });

test('while requests from outside wait, a few writes from within come with each turn, and reads at once', async () => {
  let isWaiting = true;
  const { client, verbs } = recorded(() => isWaiting);
  const done = Promise.all(Array.from({ length: WRITES }, (_, i) => create(client, i)));
  await client.get(configMaps, { namespace: 'default', name: 'map' });
  assert.deepEqual(verbs, ['get']);
  let turns = 0;
  for (let before = 0; verbs.length < WRITES + 1; before = verbs.length, turns++) {
    assert.ok(verbs.length - before <= 24, 'too many in one turn');
    await new Promise(setImmediate);
  }
  assert.ok(turns >= 3);
  await done;
  isWaiting = false;
  verbs.length = 0;
  const rest = Promise.all(Array.from({ length: WRITES }, (_, i) => create(client, i)));
  assert.equal(verbs.length, WRITES);
  await rest;
});
