import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { present } from '../../base/assert.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { customResourceDefinitions } from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { createTestFront } from '../http/front.fixture.ts';
import { createMemoryStore } from '../../store/memory/memory.ts';
import { commitFitting, mayExceed, OBJECT_MAX_BYTES } from './object-size.ts';
import { objectCodec } from './value-codec.ts';

function objectOf(data: string, managed = ''): KubernetesObject {
  const managedFields = managed === '' ? {} : { managedFields: [{ manager: managed }] };
  return { metadata: { name: 'one', ...managedFields }, data } as unknown as KubernetesObject;
}
const EMPTY = JSON.stringify(objectOf('')).length;
const TOO_LARGE = { code: 500, message: 'etcdserver: request is too large' };

async function stored(object: KubernetesObject): Promise<KubernetesObject> {
  const { clock } = createSimulatedHost(1);
  const store = createMemoryStore({ codec: { ...objectCodec, stamp: (value) => value }, clock });
  const outcome = await commitFitting(store, [{ type: 'put', key: '/one', value: object }], []);
  assert.equal(store.revision, 1);
  assert.ok(outcome.ok);
  return present(store.get('/one')?.value, 'stored object');
}

test('an object may take 1.5 MiB as JSON, and not a byte more', async () => {
  const most = objectOf('x'.repeat(OBJECT_MAX_BYTES - EMPTY));
  assert.deepEqual(await stored(most), most);
  await assert.rejects(stored(objectOf('x'.repeat(OBJECT_MAX_BYTES - EMPTY + 1))), TOO_LARGE);
  await assert.rejects(stored(objectOf('é'.repeat(OBJECT_MAX_BYTES / 2))), TOO_LARGE);
  await assert.rejects(stored(objectOf('\u0001'.repeat(OBJECT_MAX_BYTES / 6 + 1))), TOO_LARGE);
});

test('who owns which field is given up before the object is', async () => {
  const kept = await stored(objectOf('x'.repeat(OBJECT_MAX_BYTES - EMPTY), 'someone'));
  assert.equal(kept.metadata.managedFields, undefined);
  await assert.rejects(stored(objectOf('x'.repeat(OBJECT_MAX_BYTES - EMPTY + 1), 'someone')), TOO_LARGE);
});

test('the quick walk never lets through what does not fit', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom('x', 'é', '"', '\u0001'),
      fc.integer({ min: 0, max: OBJECT_MAX_BYTES + 100 }),
      (value, letter, length) => {
        const object = { ...objectOf(letter.repeat(length)), value } as unknown as KubernetesObject;
        if (!mayExceed(object)) assert.ok(Buffer.byteLength(JSON.stringify(object)) <= OBJECT_MAX_BYTES);
      },
    ),
    games(40),
  );
  assert.equal(mayExceed(objectOf('x'.repeat(100_000))), false);
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
