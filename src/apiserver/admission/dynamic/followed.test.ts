import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { createSimulatedHost } from '../../../host/simulated/simulated.ts';
import { createMemoryStore } from '../../../store/memory/memory.ts';
import { prefixRange, type Store } from '../../../store/store.ts';
import { objectCodec } from '../../registry/value-codec.ts';
import { Followed } from './followed.ts';

const named = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Hook', metadata: { name } });

function put(store: Store<KubernetesObject>, ...names: readonly string[]) {
  const changes = names.map(
    (name) => ({ type: 'put', key: `/registry/hooks/${name}`, value: named(name) }) as const,
  );
  return store.commit(changes, []);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function start(watchBufferMax: number) {
  const { clock } = createSimulatedHost(1);
  const store = createMemoryStore<KubernetesObject>({
    codec: objectCodec,
    clock,
    limits: { watchBufferMax },
  });
  let compiled = 0;
  const follow = (): Followed<string> =>
    new Followed(store, prefixRange('/registry/hooks/'), (objects) => {
      compiled++;
      return objects.map(({ metadata }) => metadata.name).join(' ');
    });
  return { store, follow, compiled: () => compiled };
}

test('what is there counts, then what is written, in the order of names', async () => {
  const { store, follow, compiled } = start(100);
  await put(store, 'c');
  const hooks = follow();
  assert.equal(hooks.current, 'c');
  await put(store, 'b', 'a');
  await turn();
  assert.equal(hooks.current, 'a b c');
  await store.commit([{ type: 'delete', key: '/registry/hooks/b' }], []);
  await turn();
  assert.equal(hooks.current, 'a c');
  const before = compiled();
  await store.commit([{ type: 'put', key: '/registry/others/x', value: named('x') }], []);
  await turn();
  assert.equal(compiled(), before, 'others are not looked at');
  hooks.stop();
  await put(store, 'd');
  await turn();
  assert.equal(hooks.current, 'a c', 'nothing is followed any more');
});

test('too many changes at once are read anew, and followed on', async () => {
  const { store, follow } = start(2);
  const hooks = follow();
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => put(store, name)));
  await put(store, 'f', 'g', 'h', 'i', 'j');
  await turn();
  assert.equal(hooks.current, 'a b c d e f g h i j');
  await put(store, 'k');
  await turn();
  assert.equal(hooks.current, 'a b c d e f g h i j k');
});
