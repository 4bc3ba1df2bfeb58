/** What a patch takes keys away from does not stay a hash table: it is encoded with every change from then on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { present } from '../../base/assert.ts';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import type { JsonObject } from '../schema/schema.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

setFlagsFromString('--allow-natives-syntax');
const isCompact = runInThisContext('(object) => %HasFastProperties(object)') as (object: object) => boolean;
// A function is compiled when it is called first.
assert.ok(isCompact({}));
setFlagsFromString('--no-allow-natives-syntax');

const podMessage = present(loadBuiltInSchemas().get('core/v1')?.messages.get('Pod'), 'Pod');
const waiting = { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'waiting' };
const patch = { status: { conditions: [{ type: 'Ready', status: 'True', reason: null, message: null }] } };

test('an object that lost keys to a strategic merge patch is compact', () => {
  const pod = { kind: 'Pod', status: { conditions: [waiting] } };
  const outcome = applyStrategicMergePatch(pod, patch, podMessage);
  assert.ok(outcome.ok);
  const [condition] = (outcome.value as typeof pod).status.conditions;
  assert.deepEqual(condition, { type: 'Ready', status: 'True' });
  assert.ok(isCompact(condition ?? {}));
});

test('an object that lost keys to a merge patch is compact', () => {
  const outcome = applyMergePatch({ data: { a: '1', b: '2', c: '3' } }, { data: { a: null } });
  assert.ok(outcome.ok);
  const { data } = outcome.value as { data: JsonObject };
  assert.deepEqual(data, { b: '2', c: '3' });
  assert.ok(isCompact(data));
});
