import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../../api/groups/core/namespace/namespace.ts';
import { validatingAdmissionPolicies } from '../../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { validatingAdmissionPolicyBindings } from '../../../api/groups/admissionregistration/validating-admission-policy-binding/validating-admission-policy-binding.ts';
import { horizontalPodAutoscalersV1 } from '../../../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler-v1.ts';
import { ApiError } from '../../../api/meta/api-error.ts';
import { NAMESPACE, PolicyServer } from './policies.fixture.ts';

/** What is said of a ConfigMap `one`; undefined: it is taken. */
async function refusal(server: PolicyServer, data: { readonly [key: string]: string } = {}) {
  try {
    await server.configMap('one', data);
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }
  await server.client.delete(configMaps, { namespace: NAMESPACE, name: 'one' });
  return undefined;
}

const HEAD = `configmaps "one" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p-binding' denied request: `;

test('a refusal says who refused what, with the reason of the validation', async () => {
  const server = await PolicyServer.start();
  const expression = 'has(object.data) && has(object.data.colour)';
  await server.validating('p', { validations: [{ expression }] });
  const refused = await refusal(server);
  const message = `${HEAD}failed expression: ${expression}`;
  assert.deepEqual(refused?.toStatus(), {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'Invalid' },
    details: { name: 'one', kind: 'configmaps', causes: [{ message: message.slice(31) }] },
    code: 422,
  });
  assert.equal(await refusal(server, { colour: 'blue' }), undefined);
});

test('reasons have their codes, messages their order', async () => {
  const cases = [
    [{ reason: 'Forbidden', message: ' no ' }, 403, 'no'],
    [{ reason: 'Invalid', messageExpression: "'not ' + object.metadata.name" }, 422, 'not one'],
    [{ reason: 'RequestEntityTooLarge', messageExpression: "' '", message: 'no' }, 413, 'no'],
    [{ messageExpression: 'string(object.data.x)', message: 'no' }, 422, 'no'],
    [{ messageExpression: "'two\\nlines'" }, 422, 'failed expression: false'],
  ] as const;
  for (const [fields, code, text] of cases) {
    const server = await PolicyServer.start();
    await server.validating('p', { validations: [{ expression: 'false', ...fields }] });
    const refused = await refusal(server);
    assert.deepEqual([refused?.code, refused?.message], [code, HEAD + text]);
  }
});

test('an expression that fails counts as the failure policy says', async () => {
  for (const failurePolicy of ['Fail', 'Ignore'] as const) {
    const server = await PolicyServer.start();
    const validations = [{ expression: "object.data.colour == 'blue'" }];
    await server.validating('p', { failurePolicy, validations });
    const said = (await refusal(server))?.message;
    const why = "expression 'object.data.colour == 'blue'' resulted in error: no such key: data";
    assert.equal(said, failurePolicy === 'Fail' ? HEAD + why : undefined);
    assert.match((await refusal(server, { colour: 'red' }))?.message ?? '', /failed expression/);
  }
});

test('conditions come first, and one that is false decides', async () => {
  const condition = (expression: string) => ({ name: expression.replaceAll(/\W/g, ''), expression });
  const broken = condition("object.data.x == 'y'");
  const cases = [
    [[condition('true'), condition('1 == 1')], /failed expression: false$/],
    [[condition('false')], undefined],
    [[broken], /denied request: expression 'object.data.x == 'y'' resulted in error: no such key: data$/],
    [[broken, condition('false')], undefined],
  ] as const;
  for (const [matchConditions, expected] of cases) {
    const server = await PolicyServer.start();
    await server.validating('p', { matchConditions, validations: [{ expression: 'false' }] });
    const said = (await refusal(server))?.message;
    if (expected === undefined) assert.equal(said, undefined);
    else assert.match(said ?? '', expected);
  }
});

test('a warning is no refusal, and an audit is neither', async () => {
  const server = await PolicyServer.start();
  const validations = [{ expression: 'false', message: 'mind the gap' }];
  await server.validating('p', { validations }, { validationActions: ['Warn', 'Audit'] });
  await server.configMap('one', {}, server.as());
  assert.deepEqual(server.warnings, [
    "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-binding': mind the gap",
  ]);
});

test('an audit annotation that cannot be told refuses, unless failures are ignored', async () => {
  const auditAnnotations = [
    { key: 'name', valueExpression: 'string(object.metadata.name)' },
    { key: 'none', valueExpression: 'null' },
    { key: 'colour', valueExpression: 'string(object.data.colour)' },
  ];
  for (const failurePolicy of ['Fail', 'Ignore'] as const) {
    const server = await PolicyServer.start();
    await server.validating('p', { auditAnnotations, failurePolicy }, { validationActions: ['Audit'] });
    assert.equal(await refusal(server, { colour: 'blue' }), undefined);
    const said = (await refusal(server))?.message;
    const why = "expression 'string(object.data.colour)' resulted in error: no such key: data";
    assert.equal(said, failurePolicy === 'Fail' ? HEAD + why : undefined);
  }
});

test('variables are computed when named, and once', async () => {
  const costly = 'lists.range(50000).map(i, i * i).size() > 0 ';
  const server = await PolicyServer.start();
  await server.validating('p', {
    variables: [
      { name: 'broken', expression: 'object.data.nothing' },
      { name: 'costly', expression: costly },
      { name: 'both', expression: "variables.costly && object.metadata.name == 'one'" },
    ],
    // So many times the cost would be more than the budget.
    validations: Array.from({ length: 40 }, (_, i) => ({ expression: `variables.both || ${i} < 0` })),
  });
  assert.equal(await refusal(server), undefined);
  await server.client.delete(validatingAdmissionPolicies, { name: 'p' });
  await server.client.delete(validatingAdmissionPolicyBindings, { name: 'p-binding' });
  const variables = [{ name: 'broken', expression: 'object.data.nothing' }];
  await server.validating('p', { variables, validations: [{ expression: 'variables.broken == "x"' }] });
  assert.match(
    (await refusal(server))?.message ?? '',
    /resulted in error: composited variable "broken" fails to evaluate: no such key: data$/,
  );
});

test('what costs too much is stopped, each expression and all of them', async () => {
  const loop = (times: number) => `lists.range(${times}).map(i, lists.range(100).map(j, i * j)).size() > 0`;
  const one = await PolicyServer.start();
  await one.validating('p', { validations: [{ expression: loop(100000) }] });
  assert.match((await refusal(one))?.message ?? '', /operation cancelled: actual cost limit exceeded$/);
  const all = await PolicyServer.start();
  const expression = loop(900);
  await all.validating('p', { validations: Array.from({ length: 60 }, () => ({ expression })) });
  assert.equal(
    (await refusal(all))?.message,
    `${HEAD}validation failed due to running out of cost budget, no further validation rules will be run`,
  );
});

test('what expressions see', async () => {
  const expressions = [
    "request.name == 'one' && request.namespace == 'shop' && !request.dryRun",
    "request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps'",
    "request.requestKind.version == 'v1' && request.requestResource.group == ''",
    "request.userInfo.username == 'admin' && 'system:masters' in request.userInfo.groups",
    "request.options.kind == request.operation.substring(0, 1) + request.operation.substring(1).lowerAscii() + 'Options'",
    "namespaceObject.metadata.labels['team'] == 'blue'",
    "request.operation in ['CREATE', 'DELETE']",
    "request.operation == 'CREATE' ? oldObject == null : object == null && oldObject.metadata.name == 'one'",
    '!has(request.subResource)',
  ];
  const server = await PolicyServer.start();
  const rule = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };
  await server.validating('p', {
    matchConstraints: { resourceRules: [rule] },
    validations: expressions.map((expression) => ({ expression })),
  });
  assert.equal(await refusal(server), undefined);
});

test('deletions are judged, as are namespaces, which are in none', async () => {
  const server = await PolicyServer.start();
  const rule = { operations: ['DELETE'], apiGroups: [''], apiVersions: ['*'], resources: ['*'] };
  await server.validating('p', {
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: "namespaceObject != null || oldObject.metadata.name != 'shop'" }],
  });
  await assert.rejects(server.client.delete(namespaces, { name: NAMESPACE }), { code: 422 });
  await server.configMap('one');
  await server.client.delete(configMaps, { namespace: NAMESPACE, name: 'one' });
});

test('an equivalent version is seen as the policy wants it', async () => {
  const rule = { operations: ['*'], apiGroups: ['autoscaling'], apiVersions: ['v2'], resources: ['*'] };
  const server = await PolicyServer.start();
  await server.validating('p', {
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: "object.apiVersion == 'autoscaling/v2' && false" }],
  });
  const scaleTargetRef = { kind: 'Deployment', name: 'web' };
  const metadata = { namespace: NAMESPACE, name: 'one' };
  const created = server.client.create(horizontalPodAutoscalersV1, {
    metadata,
    spec: { maxReplicas: 3, scaleTargetRef },
  });
  await assert.rejects(created, /failed expression: object.apiVersion == 'autoscaling\/v2' && false/);
});

test('policies do not judge policies', async () => {
  const server = await PolicyServer.start();
  const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
  const matchConstraints = { resourceRules: [rule] };
  await server.validating('p', { matchConstraints, validations: [{ expression: 'false' }] });
  await assert.rejects(server.configMap('one'), { code: 422 });
  await server.client.delete(validatingAdmissionPolicyBindings, { name: 'p-binding' });
  await server.configMap('one');
});

test('a policy counts from the moment that it is written, and is compiled once', async () => {
  const server = await PolicyServer.start();
  await server.validating('p', { validations: [{ expression: 'false' }] });
  assert.notEqual(await refusal(server), undefined);
  const policy = await server.client.get(validatingAdmissionPolicies, { name: 'p' });
  const spec = { ...policy.spec, validations: [{ expression: 'true' }] };
  await server.client.update(validatingAdmissionPolicies, { ...policy, spec });
  assert.equal(await refusal(server), undefined);
});

test('the authorizer is asked, and waited for', async () => {
  const asked: unknown[] = [];
  const server = await PolicyServer.start({
    authorize: async (attributes) => {
      if (attributes.verb === 'create' || attributes.verb === 'delete') return { allowed: true, reason: '' };
      asked.push(attributes);
      return { allowed: attributes.verb === 'fly', reason: 'wings' };
    },
  });
  const expressions = [
    "authorizer.requestResource.check('fly').allowed()",
    "authorizer.group('apps').resource('deployments').namespace('a').name('b').check('fly').reason() == 'wings'",
    "authorizer.serviceAccount('shop', 'robot').path('/healthz').check('fly').allowed()",
    "!authorizer.requestResource.check('swim').allowed()",
  ];
  await server.validating('p', { validations: expressions.map((expression) => ({ expression })) });
  asked.length = 0;
  await server.configMap('one');
  const user = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:shop'];
  const access = { type: 'resource', user, version: '*', subresource: '' };
  const map = { ...access, group: '', resource: 'configmaps', namespace: NAMESPACE, name: 'one' };
  const robot = { name: 'system:serviceaccount:shop:robot', groups };
  assert.deepEqual(asked, [
    { ...map, verb: 'fly' },
    { ...access, group: 'apps', resource: 'deployments', namespace: 'a', name: 'b', verb: 'fly' },
    { type: 'path', user: robot, verb: 'fly', path: '/healthz' },
    { ...map, verb: 'swim' },
  ]);
});

test('others get their turn while many expressions are evaluated', async () => {
  const server = await PolicyServer.start();
  const expression = 'lists.range(300).map(i, lists.range(50).map(j, i * j)).size() > 0';
  await server.validating('p', { validations: Array.from({ length: 20 }, () => ({ expression })) });
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await server.configMap('one');
  isDone = true;
  assert.ok(turns > 15, `${turns} turns`);
});
