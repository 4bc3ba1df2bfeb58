import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { objectCodec } from './value-codec.ts';

const bytesOf = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));

test('objects that are read one after the other share parts with those of their kind', () => {
  const decode = objectCodec.decoder?.();
  assert(decode !== undefined);
  const pod = (name: string) => ({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, labels: { app: 'x' } },
    spec: { nodeName: `node of ${name}`, containers: [{ name: 'main' }] },
  });
  const lease = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: { name: 'l' }, spec: {} };
  const bare = { spec: { containers: [{ name: 'main' }] } };
  const objects = [pod('a'), lease, pod('b'), bare, lease, pod('c')];
  const read = objects.map((object) => decode(bytesOf(object)));
  assert.deepEqual(read, objects);
  const containersOf = (object: KubernetesObject | undefined): unknown =>
    (object as { spec?: { containers?: unknown } } | undefined)?.spec?.containers;
  assert.equal(containersOf(read[2]), containersOf(read[0]));
  assert.equal(containersOf(read[5]), containersOf(read[0]));
  assert.equal(read[4], read[1]);
});

test('events are seldom read, and neither pods nor what a custom kind calls an event', () => {
  const isSeldomRead = (apiVersion: string, kind: string): boolean | undefined =>
    objectCodec.isSeldomRead?.({ apiVersion, kind, metadata: { name: 'one' } });
  assert.equal(isSeldomRead('v1', 'Event'), true);
  assert.equal(isSeldomRead('v1', 'Pod'), false);
  assert.equal(isSeldomRead('example.com/v1', 'Event'), false);
});
