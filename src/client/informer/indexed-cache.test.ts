import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { IndexedCache } from './indexed-cache.ts';

type Labelled = KubernetesObject & {
  readonly metadata: { readonly labels: { readonly [key: string]: string } };
};

function labelled(name: string, ...values: readonly string[]): Labelled {
  const labels = Object.fromEntries(values.map((value) => [value, value]));
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name, labels } } as Labelled;
}

test('an index follows objects that come under other values, stay, and go', () => {
  const cache = new IndexedCache<Labelled>();
  const names = (value: string): readonly string[] =>
    cache.byIndex('value', value).map(({ metadata }) => metadata.name ?? '');
  cache.set(labelled('old', 'a'));
  cache.addIndex('value', ({ metadata }) => Object.values(metadata.labels));
  cache.set(labelled('one', 'a', 'b'));
  assert.deepEqual([names('a'), names('b')], [['old', 'one'], ['one']]);
  cache.set(labelled('one', 'b', 'c'));
  assert.deepEqual([names('a'), names('b'), names('c')], [['old'], ['one'], ['one']]);
  const newest = labelled('one', 'c', 'b');
  cache.set(newest);
  assert.equal(cache.byIndex('value', 'b')[0], newest);
  cache.remove('default/one');
  assert.deepEqual([names('b'), names('c'), cache.size], [[], [], 1]);
});

test('objects of a namespace', () => {
  const cache = new IndexedCache<Labelled>();
  cache.set(labelled('one'));
  cache.set(labelled('one', 'again'));
  assert.equal(cache.inNamespace('default').length, 1);
  assert.equal(cache.inNamespace('other').length, 0);
  cache.remove('default/one');
  cache.remove('default/one');
  assert.deepEqual([cache.all(), cache.inNamespace('default')], [[], []]);
});
