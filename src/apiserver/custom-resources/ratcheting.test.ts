/** What was wrong before a rule came: let pass while it stays as it is, and said. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { CustomResourceDefinitionVersion, ValidationRule } from '../../api/types.gen.ts';
import { createCustomFront } from './custom-front.fixture.ts';

function version(rules: readonly ValidationRule[]): CustomResourceDefinitionVersion {
  return {
    name: 'v1',
    served: true,
    storage: true,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: {
              inner: {
                type: 'object',
                properties: { size: { type: 'integer' } },
                'x-kubernetes-validations': rules,
              },
              other: { type: 'string' },
            },
          },
        },
      },
    },
  };
}

const object = (spec: JsonObject): JsonObject => ({
  apiVersion: 'stable.example.com/v1',
  kind: 'CronTab',
  metadata: { name: 'one' },
  spec,
});

test('a broken rule about what stays as it was is a warning, about what changes an error', async () => {
  const front = createCustomFront([version([])]);
  await front.ask('POST', 'default/crontabs', object({ inner: { size: 9 } }));
  const rules = [
    { rule: 'self.size < 5', messageExpression: "'not as large as ' + '9'" },
    { rule: 'self.size == oldSelf.size' },
  ];
  front.serve([version(rules)]);
  const kept = await front.ask('PUT', 'default/crontabs/one', object({ inner: { size: 9 }, other: 'x' }));
  assert.equal(kept.status, 200);
  assert.equal(kept.warnings, '299 - "spec.inner: Invalid value: not as large as 9"');
  const changed = await front.ask('PUT', 'default/crontabs/one', object({ inner: { size: 8 }, other: 'x' }));
  assert.equal(
    changed.body['message'],
    'CronTab.stable.example.com "one" is invalid: [spec.inner: Invalid value: not as large as 9, spec.inner: Invalid value: failed rule: self.size == oldSelf.size]',
  );
  const right = await front.ask('PUT', 'default/crontabs/one', object({ other: 'x' }));
  assert.deepEqual([right.status, right.warnings], [200, '']);
});
