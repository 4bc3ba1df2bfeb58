/** Replicas of custom objects, as written and through their `scale`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { CustomResourceDefinitionVersion } from '../../api/types.gen.ts';
import { createCustomFront, type CustomFront } from './custom-front.fixture.ts';

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const VERSION: CustomResourceDefinitionVersion = {
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: ANYTHING, status: ANYTHING } } },
  subresources: {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
};

const object = (more: JsonObject): JsonObject => ({
  apiVersion: 'stable.example.com/v1',
  kind: 'CronTab',
  metadata: { name: 'one' },
  ...more,
});

async function start(spec: JsonObject): Promise<CustomFront> {
  const front = createCustomFront([VERSION]);
  const { status } = await front.ask('POST', 'default/crontabs', object({ spec }));
  assert.equal(status, 201);
  return front;
}

const INVALID = 'CronTab.stable.example.com "one" is invalid: ';

const REFUSED: readonly (readonly [JsonObject, string])[] = [
  [{ replicas: -1 }, 'Invalid value: -1: should be a non-negative integer'],
  [{ replicas: 2 ** 31 }, 'Invalid value: 2147483648: should be less than or equal to 2147483647'],
  [{ replicas: '3' }, 'Invalid value: 0: .spec.replicas accessor error: 3 is of the type string, expected int64'],
  [{ replicas: 1.5 }, 'Invalid value: 0: .spec.replicas accessor error: 1.5 is of the type float64, expected int64'],
  [{ replicas: { b: [1, true], a: 'x' } }, 'Invalid value: 0: .spec.replicas accessor error: map[a:x b:[1 true]] is of the type map[string]interface {}, expected int64'],
]; // prettier-ignore

for (const [spec, text] of REFUSED) {
  test(`replicas that are refused: ${JSON.stringify(spec)}`, async () => {
    const { ask } = createCustomFront([VERSION]);
    const { status, body } = await ask('POST', 'default/crontabs', object({ spec }));
    assert.deepEqual([status, body['message']], [422, `${INVALID}.spec.replicas: ${text}`]);
  });
}

test('the status has replicas and a selector of their types', async () => {
  const { ask } = await start({ replicas: 2 });
  const broken = object({ status: { replicas: -1, selector: 7 } });
  const refused = await ask('PUT', 'default/crontabs/one/status', broken);
  assert.equal(
    refused.body['message'],
    `${INVALID}[.status.replicas: Invalid value: -1: should be a non-negative integer, .status.selector: Invalid value: "": .status.selector accessor error: 7 is of the type int64, expected string]`,
  );
  const fit = object({ status: { replicas: 1, selector: 'app=x' } });
  assert.equal((await ask('PUT', 'default/crontabs/one/status', fit)).status, 200);
  const { body } = await ask('GET', 'default/crontabs/one/scale');
  assert.deepEqual([body['spec'], body['status']], [{ replicas: 2 }, { replicas: 1, selector: 'app=x' }]);
});

test('the scale of an object that says nothing of replicas', async () => {
  const { ask } = await start({});
  const scale = 'default/crontabs/one/scale';
  const missing = await ask('GET', scale);
  const message = 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist';
  assert.deepEqual([missing.status, missing.body['message']], [500, message]);
  const patch = (body: JsonObject): ReturnType<CustomFront['ask']> =>
    ask('PATCH', scale, body, { contentType: 'application/merge-patch+json' });
  const empty = await patch({ metadata: {} });
  const why = 'the spec replicas field ".spec.replicas" cannot be empty';
  assert.deepEqual([empty.status, empty.body['message']], [400, why]);
  const negative = await patch({ spec: { replicas: -2 } });
  const text = `${INVALID}.spec.replicas: Invalid value: -2: should be a non-negative integer`;
  assert.deepEqual([negative.status, negative.body['message']], [422, text]);
  const scaled = await patch({ spec: { replicas: 4 } });
  assert.deepEqual(
    [scaled.status, scaled.body['kind'], scaled.body['spec']],
    [200, 'Scale', { replicas: 4 }],
  );
  const { body } = await ask('GET', 'default/crontabs/one');
  assert.deepEqual(body['spec'], { replicas: 4 });
  assert.equal((body['metadata'] as JsonObject)['generation'], 2);
});

test('paths of the scale that change to something else', async () => {
  const front = await start({ replicas: 2, other: 'text' });
  const other = { specReplicasPath: '.spec.other', statusReplicasPath: '.status.replicas' };
  front.serve([{ ...VERSION, subresources: { scale: other } }]);
  const { status, body } = await front.ask('GET', 'default/crontabs/one/scale');
  const why = '.spec.other accessor error: text is of the type string, expected int64';
  assert.deepEqual([status, body['message']], [500, why]);
});
