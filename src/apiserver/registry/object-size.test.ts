import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { customResourceDefinitions } from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { createTestFront } from '../http/front.fixture.ts';
import { fitToStore, OBJECT_MAX_BYTES } from './object-size.ts';

function objectOf(data: string, managed = ''): KubernetesObject {
  const managedFields = managed === '' ? {} : { managedFields: [{ manager: managed }] };
  return { metadata: { name: 'one', ...managedFields }, data } as unknown as KubernetesObject;
}
const EMPTY = JSON.stringify(objectOf('')).length;
const TOO_LARGE = { code: 500, message: 'etcdserver: request is too large' };

test('an object may take 1.5 MiB as JSON, and not a byte more', () => {
  const most = objectOf('x'.repeat(OBJECT_MAX_BYTES - EMPTY));
  assert.equal(fitToStore(most), most);
  assert.throws(() => fitToStore(objectOf('x'.repeat(OBJECT_MAX_BYTES - EMPTY + 1))), TOO_LARGE);
  assert.throws(() => fitToStore(objectOf('é'.repeat(OBJECT_MAX_BYTES / 2))), TOO_LARGE);
  assert.throws(() => fitToStore(objectOf('\u0001'.repeat(OBJECT_MAX_BYTES / 6 + 1))), TOO_LARGE);
});

test('who owns which field is given up before the object is', () => {
  const kept = fitToStore(objectOf('x'.repeat(OBJECT_MAX_BYTES - EMPTY), 'someone'));
  assert.equal(kept.metadata.managedFields, undefined);
});

test('the quick walk never lets through what does not fit', () => {
  const half = OBJECT_MAX_BYTES / 2;
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: half, max: OBJECT_MAX_BYTES + 100 }), (value, length) => {
      const object = { ...objectOf('x'.repeat(length)), value } as unknown as KubernetesObject;
      const isSmall = Buffer.byteLength(JSON.stringify(object)) <= OBJECT_MAX_BYTES;
      if (isSmall) assert.equal(fitToStore(object), object);
      else assert.throws(() => fitToStore(object), TOO_LARGE);
    }),
    { numRuns: 30 },
  );
});

test('parts of the former object count with it, and only where they stand', () => {
  const half = OBJECT_MAX_BYTES / 2;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: half + 200 }), (copies, length) => {
      const part = { text: 'x'.repeat(half / 3) };
      const former = { ...objectOf('a'), part } as unknown as KubernetesObject;
      const others = Object.fromEntries(Array.from({ length: copies }, (_, i) => [`part${i}`, part]));
      const object = { ...objectOf('x'.repeat(length)), part, ...others } as unknown as KubernetesObject;
      const known = { object: former, bytes: Buffer.byteLength(JSON.stringify(former)) };
      const isSmall = Buffer.byteLength(JSON.stringify(object)) <= OBJECT_MAX_BYTES;
      if (isSmall) assert.equal(fitToStore(object, known), object);
      else assert.throws(() => fitToStore(object, known), TOO_LARGE);
    }),
    { numRuns: 50 },
  );
});

test('over HTTP: below the limit of bodies, above that of objects', async () => {
  const { ask } = createTestFront();
  const { group, version, plural } = customResourceDefinitions;
  const properties = { a: { type: 'string', description: 'x'.repeat(OBJECT_MAX_BYTES) } };
  const body = {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      scope: 'Cluster',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
  };
  const request = { method: 'POST', body: JSON.stringify(body) };
  const { status, body: answer } = await ask(`/apis/${group}/${version}/${plural}`, request);
  assert.equal(status, 500);
  assert.equal(JSON.parse(answer.toString()).message, TOO_LARGE.message);
});
