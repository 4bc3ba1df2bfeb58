/** Bodies with custom objects as clients write them: keys that come twice, numbers with a point. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { CustomResourceDefinitionVersion } from '../../api/types.gen.ts';
import { createCustomFront, type JsonAnswer } from './custom-front.fixture.ts';

const VERSION: CustomResourceDefinitionVersion = {
  name: 'v1',
  served: true,
  storage: true,
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: { size: { type: 'integer', minimum: 1 }, share: { type: 'number' } },
        },
      },
    },
  },
};

const JSON_TEXT = (spec: string): string =>
  `{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"one"},"spec":${spec}}`;
const YAML_TEXT = (spec: string): string =>
  `apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata:\n  name: one\nspec:\n${spec}`;

function create(text: string, mode = '', contentType = 'application/json'): Promise<JsonAnswer> {
  const query = mode === '' ? '' : `?fieldValidation=${mode}`;
  return createCustomFront([VERSION]).ask('POST', 'default/crontabs', undefined, {
    text,
    query,
    contentType,
  });
}

for (const [contentType, text] of [
  ['application/json', JSON_TEXT('{"size":1,"size":2}')],
  ['application/yaml', YAML_TEXT('  size: 1\n  size: 2\n')],
] as const) {
  test(`a key that comes twice in ${contentType}: the last counts, and the client is told`, async () => {
    const warned = await create(text, '', contentType);
    assert.equal(warned.status, 201);
    assert.deepEqual(warned.body['spec'], { size: 2 });
    const told = contentType.endsWith('json')
      ? 'duplicate field \\"spec.size\\"'
      : 'line 7: key \\"size\\" already set in map';
    assert.equal(warned.warnings, `299 - "${told}"`);
    assert.equal((await create(text, 'Ignore', contentType)).warnings, '');
    const strict = await create(text, 'Strict', contentType);
    assert.equal(strict.status, 400);
    assert.match(String(strict.body['message']), /strict decoding error: [^]*size/);
  });
}

test('a whole number with a point is an integer, one with a fraction is not', async () => {
  for (const text of [JSON_TEXT('{"size":1.0}'), JSON_TEXT('{"size":1e0}')]) {
    const { status, body } = await create(text);
    assert.deepEqual([status, body['spec']], [201, { size: 1 }]);
  }
  const yaml = await create(YAML_TEXT('  size: 2.0\n'), '', 'application/yaml');
  assert.deepEqual([yaml.status, yaml.body['spec']], [201, { size: 2 }]);
  const refused = await create(JSON_TEXT('{"size":1.5}'));
  assert.match(String(refused.body['message']), /spec\.size in body must be of type integer: "number"/);
  const share: JsonObject = { share: 1 };
  assert.deepEqual((await create(JSON_TEXT('{"share":1.0}'))).body['spec'], share);
});
