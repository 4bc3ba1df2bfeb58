import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../base/assert.ts';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const podSpec = present(loadBuiltInSchemas().get('core/v1')?.messages.get('PodSpec'), 'PodSpec');
const deploymentSpec = present(
  loadBuiltInSchemas().get('apps/v1')?.messages.get('DeploymentSpec'),
  'DeploymentSpec',
);
const objectMeta = present(loadBuiltInSchemas().get('meta/v1')?.messages.get('ObjectMeta'), 'ObjectMeta');

function apply(document: JsonObject, patch: JsonValue, message = podSpec): JsonValue {
  const before = JSON.stringify([document, patch]);
  const result = applyStrategicMergePatch(document, patch, message);
  assert.equal(JSON.stringify([document, patch]), before, 'inputs stay');
  return result.ok ? result.value : `${result.error.code}: ${result.error.message}`;
}

const AB = { containers: [{ name: 'a', image: '1', args: ['x'] }, { name: 'b', image: '1' }] }; // prettier-ignore

test('lists merge by key, atomic lists are replaced', () => {
  assert.deepEqual(apply(AB, { containers: [{ name: 'b', image: '2' }, { name: 'c' }] }), {
    containers: [{ name: 'a', image: '1', args: ['x'] }, { name: 'b', image: '2' }, { name: 'c' }],
  });
  assert.deepEqual(apply(AB, { containers: [{ name: 'a', args: ['y', 'z'] }] }), {
    containers: [
      { name: 'a', image: '1', args: ['y', 'z'] },
      { name: 'b', image: '1' },
    ],
  });
  assert.equal(
    apply(AB, { containers: [{ image: 'x' }] }),
    '400: map: map[image:x] does not contain declared merge key: name',
  );
});

test('$patch', () => {
  assert.deepEqual(apply(AB, { containers: [{ $patch: 'delete', name: 'a' }] }), {
    containers: [{ name: 'b', image: '1' }],
  });
  assert.deepEqual(apply(AB, { containers: [{ $patch: 'replace' }, { name: 'z' }] }), {
    containers: [{ name: 'z' }],
  });
  assert.deepEqual(apply({ nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'replace', b: '2' } }), {
    nodeSelector: { b: '2' },
  });
  assert.deepEqual(apply({ nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'delete' } }), {
    nodeSelector: {},
  });
  assert.deepEqual(apply({}, { nodeSelector: { $patch: 'delete' } }), {});
  assert.match(
    String(apply(AB, { containers: [{ $patch: 'merge', name: 'a' }] })),
    /^400: merging lists cannot yet/,
  );
});

test('$setElementOrder puts what the patch names in its order and leaves the rest in place', () => {
  const three = { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] };
  const order = ['c', 'x', 'a'].map((name) => ({ name }));
  assert.deepEqual(apply(three, { '$setElementOrder/containers': order, containers: [{ name: 'x' }] }), {
    containers: [{ name: 'b' }, { name: 'c' }, { name: 'x' }, { name: 'a' }],
  });
  assert.match(
    String(apply(three, { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'x' }] })),
    /^400: The order in patch list/,
  );
});

test('lists of scalars: union, $deleteFromPrimitiveList', () => {
  const meta = { finalizers: ['a', 'b'] };
  assert.deepEqual(apply(meta, { finalizers: ['c', 'a'] }, objectMeta), { finalizers: ['c', 'a', 'b'] });
  assert.deepEqual(apply(meta, { '$deleteFromPrimitiveList/finalizers': ['a'] }, objectMeta), {
    finalizers: ['b'],
  });
  assert.deepEqual(
    apply(
      meta,
      {
        '$setElementOrder/finalizers': ['c', 'b'],
        '$deleteFromPrimitiveList/finalizers': ['a'],
        finalizers: ['c'],
      },
      objectMeta,
    ),
    { finalizers: ['c', 'b'] },
  );
});

test('$retainKeys clears what it does not name', () => {
  const rolling = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } };
  assert.deepEqual(
    apply(rolling, { strategy: { $retainKeys: ['type'], type: 'Recreate' } }, deploymentSpec),
    {
      strategy: { type: 'Recreate' },
    },
  );
  assert.equal(
    apply(rolling, { strategy: { $retainKeys: [], type: 'Recreate' } }, deploymentSpec),
    '400: invalid patch format of retainKeys',
  );
  const volumes = { volumes: [{ name: 'v', emptyDir: {} }] };
  assert.deepEqual(
    apply(volumes, { volumes: [{ $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { path: '/' } }] }),
    {
      volumes: [{ name: 'v', hostPath: { path: '/' } }],
    },
  );
});

test('nulls remove, new values keep neither nulls nor directives, untouched parts are shared', () => {
  const result = apply(AB, {
    hostname: null,
    tolerations: [{ key: 'k', value: null }],
    affinity: { nodeAffinity: { $patch: 'delete' } },
  });
  assert.deepEqual(result, { ...AB, tolerations: [{ key: 'k' }], affinity: {} });
  assert.equal((result as typeof AB).containers, AB.containers);
  assert.equal(apply(AB, {}), AB);
});
