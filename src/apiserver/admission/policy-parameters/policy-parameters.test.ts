import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutatingAdmissionPolicies } from '../../../api/groups/admissionregistration/mutating-admission-policy/mutating-admission-policy.ts';
import { validatingAdmissionPolicies } from '../../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { validatingAdmissionPolicyBindings } from '../../../api/groups/admissionregistration/validating-admission-policy-binding/validating-admission-policy-binding.ts';
import type { Draft } from '../../../api/meta/object.ts';
import type {
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../api/types.gen.ts';
import type { AccessAttributes } from '../../authorization/authorizer.ts';
import { createTestPipeline, type TestPipeline } from '../../pipeline.fixture.ts';
import { policyParameters } from './policy-parameters.ts';

const ALICE = { name: 'alice', groups: ['devs', 'ops'] };

/** Reads of config maps are judged by `may`; everything else is allowed. */
function start(may: (asked: Extract<AccessAttributes, { type: 'resource' }>) => boolean): TestPipeline {
  const isParameter = (asked: AccessAttributes): boolean =>
    asked.type === 'resource' && asked.group !== 'admissionregistration.k8s.io';
  const authorizer = {
    authorize: (asked: AccessAttributes) => ({
      allowed: asked.type !== 'resource' || !isParameter(asked) || may(asked),
      reason: '',
    }),
  };
  return createTestPipeline(({ store, resources }) => ({
    authorizer,
    admission: [policyParameters({ store, authorizer, definitions: () => resources.definitions() })],
  }));
}

const matchConstraints = {
  resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
};
const policy = (paramKind?: object): Draft<ValidatingAdmissionPolicy> =>
  ({
    metadata: { name: 'p' },
    spec: { matchConstraints, validations: [{ expression: 'true' }], ...(paramKind && { paramKind }) },
  }) as Draft<ValidatingAdmissionPolicy>;
const binding = (paramRef: ParamRef): Draft<ValidatingAdmissionPolicyBinding> =>
  ({
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny'], paramRef },
  }) as Draft<ValidatingAdmissionPolicyBinding>;
const CONFIG_MAPS = { apiVersion: 'v1', kind: 'ConfigMap' };
const USER = '&{alice  [devs ops] map[]}';

test('a policy is of those who may read all of its parameters', async () => {
  const asked: string[] = [];
  let isAllowed = false;
  const { clientOf, client } = start(({ verb, group, version, resource, namespace, name }) => {
    asked.push([verb, group, version, resource, namespace, name].join(' '));
    return isAllowed;
  });
  const alice = clientOf(ALICE);
  await assert.rejects(alice.create(validatingAdmissionPolicies, policy(CONFIG_MAPS)), {
    code: 422,
    message:
      `ValidatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: spec.paramKind: Forbidden: user ${USER} ` +
      'must have "get" permission on all objects of the referenced paramKind (kind=ConfigMap, apiVersion=v1)',
  });
  const unknown = { apiVersion: 'rules.example.com/v1', kind: 'Limit' };
  await assert.rejects(alice.create(validatingAdmissionPolicies, policy(unknown)), { code: 422 });
  assert.deepEqual(asked, ['get  v1 configmaps * *', 'get rules.example.com v1 * * *']);
  isAllowed = true;
  const created = await alice.create(validatingAdmissionPolicies, policy(CONFIG_MAPS));
  isAllowed = false;
  // What stays is not judged again, and masters may anything.
  const spec = { ...created.spec, failurePolicy: 'Ignore' } as const;
  const updated = await alice.update(validatingAdmissionPolicies, { ...created, spec });
  const moved = { ...updated, spec: { ...updated.spec, paramKind: unknown } };
  await assert.rejects(alice.update(validatingAdmissionPolicies, moved), { code: 422 });
  const master = clientOf({ name: 'root', groups: ['system:masters'] });
  await master.update(validatingAdmissionPolicies, moved);
  await client.delete(validatingAdmissionPolicies, { name: 'p' });
  await alice.create(validatingAdmissionPolicies, policy());
  const mutations = [
    {
      patchType: 'JSONPatch' as const,
      jsonPatch: { expression: '[JSONPatch{op: "test", path: "/kind", value: "Pod"}]' },
    },
  ];
  await assert.rejects(
    alice.create(mutatingAdmissionPolicies, {
      metadata: { name: 'm' },
      spec: { matchConstraints, mutations, reinvocationPolicy: 'Never', paramKind: CONFIG_MAPS },
    }),
    { code: 422, message: /spec\.paramKind: Forbidden/ },
  );
});

test('a binding is of those who may read what it refers to', async () => {
  const asked: string[] = [];
  const { clientOf, client } = start(({ verb, resource, namespace, name }) => {
    asked.push([verb, resource, namespace, name].join(' '));
    return namespace === 'mine';
  });
  const alice = clientOf(ALICE);
  const action = { parameterNotFoundAction: 'Deny' };
  const bind = (paramRef: ParamRef): Promise<unknown> =>
    alice.create(validatingAdmissionPolicyBindings, binding(paramRef));
  await assert.rejects(bind({ name: 'c', namespace: 'theirs', ...action }), {
    code: 422,
    message:
      /spec\.paramRef: Forbidden: user get does not have "&\{alice .*\}" permission on the object referenced/,
  });
  const master = clientOf({ name: 'root', groups: ['system:masters'] });
  await master.create(validatingAdmissionPolicies, policy(CONFIG_MAPS));
  await assert.rejects(bind({ selector: {}, namespace: 'theirs', ...action }), { code: 422 });
  await bind({ name: 'c', namespace: 'mine', ...action });
  assert.deepEqual(asked, ['get * theirs c', 'list configmaps theirs ', 'get configmaps mine c']);
  await client.get(validatingAdmissionPolicyBindings, { name: 'b' });
});
