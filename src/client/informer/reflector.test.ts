import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { silentLogger } from '../../base/log.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import type { Client, ListRequest } from '../client.ts';
import { Reflector } from './reflector.ts';

/** As many objects as there are, and nothing that changes. */
function clientOf(count: number, asked: ListRequest[]): Client {
  const list = async (_type: unknown, request: ListRequest) => {
    asked.push(request);
    const from = Number(request.continue ?? 0);
    const to = Math.min(count, from + (request.limit ?? count));
    const items = Array.from({ length: to - from }, (_, i) => ({ metadata: { name: `object-${from + i}` } }));
    return { items, resourceVersion: '7', ...(to < count ? { continue: String(to) } : {}) };
  };
  const watch = async function* (_type: unknown, _request: unknown, signal: AbortSignal) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield* [];
  };
  return { list, watch } as unknown as Client;
}

test('a long list comes in pages, and others have their turn between slices of it', async () => {
  const asked: ListRequest[] = [];
  const heard: string[] = [];
  const reflector = new Reflector(
    configMaps,
    { client: clientOf(1_234, asked), clock: createSimulatedHost(1).clock, logger: silentLogger },
    { accept: (_type, { metadata }) => void heard.push(metadata.name ?? '') },
  );
  const stop = new AbortController();
  reflector.start(stop.signal);
  let most = 0;
  for (let before = 0; !reflector.synced; before = heard.length) {
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, heard.length - before);
  }
  stop.abort();
  assert.ok(most <= 100, `${most} objects in one turn`);
  assert.deepEqual(
    asked.map((request) => request.continue),
    [undefined, '500', '1000'],
  );
  assert.deepEqual(
    heard,
    Array.from({ length: 1_234 }, (_, i) => `object-${i}`),
  );
  assert.equal(reflector.revision, 7);
});
