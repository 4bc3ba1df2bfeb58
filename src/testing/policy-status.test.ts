/** What a cluster says about the expressions of an admission policy, of built-in kinds and custom ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validatingAdmissionPolicies } from '../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import type { JSONSchemaProps } from '../api/types.gen.ts';
import { clusterWith, definitionOf, GROUP } from './custom-kind.fixture.ts';

test('expressions are checked against the kinds that the policy matches, again when it changes', async () => {
  const openAPIV3Schema: JSONSchemaProps = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { image: { type: 'string' } } } },
  };
  const cluster = await clusterWith(
    definitionOf([{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }]),
  );
  const { client } = cluster;
  const rule = { apiGroups: [GROUP], apiVersions: ['v1'], resources: ['crontabs'], operations: ['CREATE'] };
  const expressions = [
    "object.spec.image != '' && object.metadata.labels.size() > 0",
    'object.spec.replicas > 1',
    'object.spec.image > 1',
  ];
  const policy = await client.create(validatingAdmissionPolicies, {
    metadata: { name: 'one' },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: expressions.map((expression) => ({ expression })),
    },
  });
  await cluster.settle();
  const { status, metadata } = await client.get(validatingAdmissionPolicies, { name: 'one' });
  const warnings = status.typeChecking?.expressionWarnings ?? [];
  assert.deepEqual(
    warnings.map(({ fieldRef, warning }) => [fieldRef, warning.split('\n')[0]]),
    [
      [
        'spec.validations[1].expression',
        `${GROUP}/v1, Kind=CronTab: ERROR: <input>:1:12: undefined field 'replicas'`,
      ],
      [
        'spec.validations[2].expression',
        `${GROUP}/v1, Kind=CronTab: ERROR: <input>:1:19: found no matching overload for '_>_' applied to '(string, int)'`,
      ],
    ],
  );
  assert.equal(status.observedGeneration, metadata.generation);
  await client.update(validatingAdmissionPolicies, {
    ...policy,
    metadata: { ...policy.metadata, resourceVersion: '' },
    spec: { ...policy.spec, validations: [{ expression: 'has(object.spec.image)' }] },
  });
  await cluster.settle();
  const changed = await client.get(validatingAdmissionPolicies, { name: 'one' });
  assert.deepEqual(changed.status, { observedGeneration: 2, typeChecking: {} });
  await cluster.stop();
});
