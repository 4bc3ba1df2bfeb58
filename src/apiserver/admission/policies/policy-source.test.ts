import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validatingAdmissionPolicyBindings } from '../../../api/groups/admissionregistration/validating-admission-policy-binding/validating-admission-policy-binding.ts';
import { validatingAdmissionPolicies } from '../../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { present } from '../../../base/assert.ts';
import { ADMIN, createTestPipeline } from '../../pipeline.fixture.ts';
import type { AdmissionRequest } from '../admission.ts';
import { PolicySource } from './policy-source.ts';

async function started() {
  const { client, store, resources } = createTestPipeline();
  const compiled: string[] = [];
  const types = { policies: validatingAdmissionPolicies, bindings: validatingAdmissionPolicyBindings };
  const source = new PolicySource(store, types, ({ spec }) => {
    const [first] = spec.validations ?? [];
    compiled.push(first?.expression ?? '');
    return first?.expression;
  });
  const about = (group: string, version: string, plural: string) => {
    const request: AdmissionRequest = {
      operation: 'CREATE',
      resource: present(resources.find(group, version, plural), plural),
      target: { group, version, resource: plural, namespace: '', name: '', subresource: '' },
      object: undefined,
      oldObject: undefined,
      dryRun: false,
      context: { user: ADMIN, userAgent: '', signal: new AbortController().signal, warn: () => {} },
    };
    return source.about(request);
  };
  const create = (name: string, resource: string, expression = 'true') => {
    const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: [resource] };
    const spec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression }] };
    return client.create(validatingAdmissionPolicies, { metadata: { name }, spec });
  };
  const bind = (name: string, policyName: string) =>
    client.create(validatingAdmissionPolicyBindings, {
      metadata: { name },
      spec: { policyName, validationActions: ['Deny'] },
    });
  return { client, about, compiled, create, bind };
}

test('a policy is in force as long as it is there and bound, for the resources that its rules name', async () => {
  const { client, about, create, bind } = await started();
  const pods = () => about('', 'v1', 'pods').map(({ name, bindings }) => [name, bindings.map((b) => b.name)]);
  await create('a', 'pods');
  assert.deepEqual(pods(), []);
  await bind('one', 'a');
  await bind('two', 'a');
  await bind('three', 'b');
  assert.deepEqual(pods(), [['a', ['one', 'two']]]);
  await create('b', 'pods/status');
  await create('c', '*');
  await bind('four', 'c');
  assert.deepEqual(pods(), [
    ['a', ['one', 'two']],
    ['b', ['three']],
    ['c', ['four']],
  ]);
  assert.deepEqual(
    about('', 'v1', 'secrets').map(({ name }) => name),
    ['c'],
  );
  await client.delete(validatingAdmissionPolicyBindings, { name: 'one' });
  await client.delete(validatingAdmissionPolicies, { name: 'b' });
  assert.deepEqual(pods(), [
    ['a', ['two']],
    ['c', ['four']],
  ]);
});

test('a policy is compiled when it is first asked, and again with each generation', async () => {
  const { client, about, compiled, create, bind } = await started();
  const ask = () => about('', 'v1', 'pods').map(({ program }) => program());
  await create('a', 'pods', '1 < 2');
  await bind('one', 'a');
  assert.deepEqual(compiled, []);
  assert.deepEqual([ask(), ask(), compiled], [['1 < 2'], ['1 < 2'], ['1 < 2']]);
  const name = { name: 'a' };
  const body = { metadata: { labels: { some: 'label' } } };
  await client.patch(validatingAdmissionPolicies, name, { type: 'merge', body });
  await bind('two', 'a');
  ask();
  assert.deepEqual(compiled, ['1 < 2']);
  const spec = { validations: [{ expression: '1 < 3' }] };
  await client.patch(validatingAdmissionPolicies, name, { type: 'merge', body: { spec } });
  assert.deepEqual([ask(), compiled], [['1 < 3'], ['1 < 2', '1 < 3']]);
  await client.delete(validatingAdmissionPolicies, name);
  await create('a', 'pods', '1 < 4');
  assert.deepEqual(ask(), ['1 < 4'], 'another one of the same name and generation');
});
