/**
 * Policies whose expressions are right in form, and often in type, in the way of writes: every write is taken
 * or refused by the policy, soon, and never fails for other reasons.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../../base/games.fixture.ts';
import { deployments } from '../../../api/groups/apps/deployment/deployment.ts';
import { mutatingAdmissionPolicies } from '../../../api/groups/admissionregistration/mutating-admission-policy/mutating-admission-policy.ts';
import { validatingAdmissionPolicies } from '../../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { ApiError } from '../../../api/meta/api-error.ts';
import { apply, jsonPatch, NAMESPACE, PolicyServer } from './policies.fixture.ts';

const VALUES = [
  'object', 'oldObject', 'object.spec', 'object.spec.replicas', 'object.metadata.name', 'object.metadata.labels', 'request',
  'request.userInfo.groups', 'request.options', 'namespaceObject', 'namespaceObject.metadata.labels', 'variables.v', 'null',
  'object.spec.template.spec.containers', 'object.nothing', '1', '1.5', '2u', '"a"', 'b"a"', '[]', '{"a": 1}', 'true', '[1, 2]',
  "duration('1h')", "timestamp('2026-01-01T00:00:00Z')", 'int', 'optional.none()',
  "authorizer.requestResource.check('get').allowed()", "quantity('1Mi')", '9223372036854775807',
  'lists.range(200)', "'x'.replace('', object.metadata.name)",
]; // prettier-ignore

/** In mutating policies. */
const BUILT = [
  'Object.spec{replicas: 2}',
  'Object{}',
  'JSONPatch{op: "add"}',
  'Object.spec.wrong{x: [object]}',
];

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...VALUES),
    fc.constantFrom(...VALUES).map((leaf) => `dyn(${leaf})`),
    fc
      .tuple(tie('value'), fc.constantFrom('+', '==', '<', 'in', '&&', '||', '*'), tie('value'))
      .map((parts) => `(${parts.join(' ')})`),
    fc
      .tuple(tie('value'), fc.constantFrom('all', 'map', 'filter', 'exists'), tie('value'))
      .map(([target, name, body]) => `${target}.${name}(x, ${body})`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `[dyn(${a}), dyn(${b})]`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `{"k": dyn(${a}), "__proto__": dyn(${b})}`),
    tie('value').map((a) => `dyn(${a})`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
}));

const built = fc.oneof({ weight: 3, arbitrary: value }, fc.constantFrom(...BUILT));
const field = fc.constantFrom(
  'metadata',
  'spec',
  'status',
  'kind',
  'apiVersion',
  'nothing',
  '__proto__',
  'data',
);
const specField = fc.constantFrom(
  ...['replicas', 'selector', 'template', 'paused', 'strategy', 'x', 'progressDeadlineSeconds'],
);
const configuration = fc.oneof(
  fc.tuple(field, built).map(([name, inner]) => `Object{${name}: dyn(${inner})}`),
  fc.tuple(specField, built).map(([name, inner]) => `Object{spec: Object.spec{${name}: dyn(${inner})}}`),
  fc
    .tuple(fc.constantFrom('name', 'namespace', 'labels', 'uid', 'finalizers', 'managedFields'), value)
    .map(([name, inner]) => `Object{metadata: Object.metadata{${name}: dyn(${inner})}}`),
);
const operation = fc
  .tuple(
    fc.constantFrom('add', 'remove', 'replace', 'copy', 'move', 'test', 'fly'),
    fc.constantFrom('', '/', '/spec', '/spec/replicas', '/metadata', '/metadata/labels/a', '/kind', '/spec/template/spec/containers/-', '/spec/template/spec/containers/0', '/status', 'x', '/__proto__'),
    fc.constantFrom('', '/spec', '/spec/template'),
    built,
  )
  .map(([op, path, from, inner]) => `JSONPatch{op: "${op}", path: "${path}", from: "${from}", value: dyn(${inner})}`); // prettier-ignore
const patch = fc.array(operation, { minLength: 1, maxLength: 3 }).map((all) => `[${all.join(', ')}]`);

/** Much more than a row of expressions may take, so that a slow machine is no failure. */
const WRITE_MS_MAX = 20_000;

/** Creates, changes and deletes a Deployment: each is done, or refused for a reason that is the client's. */
async function write(server: PolicyServer, context: string): Promise<void> {
  const started = performance.now();
  const attempt = async (run: () => Promise<unknown>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      assert.ok(error instanceof ApiError, `${context}: ${error instanceof Error ? error.stack : error}`);
      assert.ok(error.code < 500, `${context}: ${error.code} ${error.message}`);
    }
  };
  const place = { namespace: NAMESPACE, name: 'web' };
  await attempt(() => server.deployment('web'));
  await attempt(() =>
    server.client.patch(deployments, place, { type: 'merge', body: { spec: { replicas: 3 } } }),
  );
  await attempt(() => server.client.delete(deployments, place));
  for (const { metadata } of (await server.client.list(deployments, { namespace: NAMESPACE })).items) {
    await attempt(() =>
      server.client.delete(deployments, { namespace: NAMESPACE, name: metadata.name ?? '' }),
    );
  }
  assert.ok(performance.now() - started < WRITE_MS_MAX, context);
}

/** Whether the policy itself is taken; most texts are no expressions of the right type. */
async function isTaken(create: Promise<unknown>, context: string): Promise<boolean> {
  try {
    await create;
    return true;
  } catch (error) {
    assert.ok(error instanceof ApiError && error.code === 422, `${context}: ${String(error)}`);
    return false;
  }
}

const VARIABLES = { name: 'v' };

test('validating policies never cause more than a refusal', async () => {
  const server = await PolicyServer.start();
  let taken = 0;
  const run = async (expression: string, variable: string): Promise<void> => {
    const context = `${expression} with v = ${variable}`;
    const failurePolicy = expression.length % 2 === 0 ? 'Fail' : 'Ignore';
    const spec = {
      failurePolicy,
      variables: [{ ...VARIABLES, expression: variable }],
      validations: [
        { expression: `bool(dyn(${expression}))`, messageExpression: `string(dyn(${variable}))` },
      ],
      auditAnnotations: [{ key: 'k', valueExpression: `string(dyn(${expression}))` }],
      matchConditions: [{ name: 'm', expression: 'bool(dyn(object == object))' }],
    } as const;
    if (!(await isTaken(server.validating('p', spec), context))) return;
    taken++;
    await write(server, context);
    await server.remove('p');
    await server.client.delete(validatingAdmissionPolicies, { name: 'p' });
  };
  // One of eight is taken, by luck one of ten.
  await fc.assert(fc.asyncProperty(value, value, run), games(1_000));
  assert.ok(taken > 60, `${taken}`);
});

test('nor do mutating ones', async () => {
  const server = await PolicyServer.start();
  let taken = 0;
  const run = async (config: string, operations: string, variable: string): Promise<void> => {
    const context = `${config} and ${operations} with v = ${variable}`;
    for (const mutation of [apply(config), jsonPatch(operations)]) {
      const spec = {
        reinvocationPolicy: 'IfNeeded',
        variables: [{ ...VARIABLES, expression: variable }],
        mutations: [mutation],
      } as const;
      if (!(await isTaken(server.mutating('p', spec), context))) continue;
      taken++;
      await write(server, context);
      await server.remove('p');
      await server.client.delete(mutatingAdmissionPolicies, { name: 'p' });
    }
  };
  await fc.assert(fc.asyncProperty(configuration, patch, value, run), games(600));
  assert.ok(taken > 200, `${taken}`);
});
