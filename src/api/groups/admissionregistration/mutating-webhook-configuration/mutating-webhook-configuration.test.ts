import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { mutatingWebhookConfigurations } from './mutating-webhook-configuration.ts';

const kind = judge(mutatingWebhookConfigurations);
const HOOK: JsonObject = {
  name: 'a.acme.io',
  clientConfig: { url: 'https://acme.io/hook' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};

test('as validating webhooks, and called again when asked for', () => {
  assert.deepEqual(kind.refused({ webhooks: [HOOK] }), []);
  assert.equal(kind.complete({ webhooks: [HOOK] }).webhooks?.[0]?.reinvocationPolicy, 'Never');
  assert.deepEqual(kind.refused({ webhooks: [{ ...HOOK, reinvocationPolicy: 'Always' }] }), [
    'webhooks[0].reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
  ]);
});
