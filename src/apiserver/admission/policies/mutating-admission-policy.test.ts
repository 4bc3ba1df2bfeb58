import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../../../api/groups/apps/deployment/deployment.ts';
import { configMaps } from '../../../api/groups/core/config-map/config-map.ts';
import { ApiError } from '../../../api/meta/api-error.ts';
import type { ConfigMap } from '../../../api/types.gen.ts';
import { ADMIN } from '../../pipeline.fixture.ts';
import { connectionAdmission } from '../../streaming/connection-options.ts';
import { AdmissionChain, type AdmissionPlugin } from '../admission.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';
import { apply, deploymentOf, jsonPatch, NAMESPACE, PolicyServer } from './policies.fixture.ts';

const ANNOTATE = apply('Object{metadata: Object.metadata{annotations: {"by": "policy"}}}');

test('a configuration is merged as server-side apply merges, and has defaults again', async () => {
  const server = await PolicyServer.start();
  const sidecar =
    'Object.spec.template.spec.containers{name: "proxy", image: "proxy:1", ports: [Object.spec.template.spec.containers.ports{containerPort: 80}]}';
  const expression = `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [${sidecar}]}}}}`;
  await server.mutating('p', { mutations: [apply(expression), ANNOTATE] });
  const { metadata, spec } = await server.deployment('web');
  assert.deepEqual(metadata.annotations, { by: 'policy' });
  const [web, proxy] = spec.template.spec.containers;
  assert.deepEqual([web?.name, proxy?.name, proxy?.image], ['web', 'proxy', 'proxy:1']);
  assert.equal(proxy?.terminationMessagePath, '/dev/termination-log');
  assert.deepEqual(proxy?.ports, [{ containerPort: 80, protocol: 'TCP' }]);
  assert.ok(!JSON.stringify(metadata.managedFields).includes('proxy'), 'what a policy sets is nobody’s');
});

test('a JSON patch is carried out, unless one of its tests fails', async () => {
  const server = await PolicyServer.start();
  const patch = `[
    JSONPatch{op: "test", path: "/data/colour", value: "blue"},
    JSONPatch{op: "add", path: "/metadata/labels", value: {"a": "b"}},
    JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("x.io/y~z"), value: "c"},
    JSONPatch{op: "copy", from: "/data/colour", path: "/data/copied"},
    JSONPatch{op: "remove", path: "/data/colour"}
  ]`;
  await server.mutating('p', { mutations: [jsonPatch(patch)] });
  const red = await server.configMap('red', { colour: 'red' });
  assert.deepEqual([red.data, red.metadata.labels], [{ colour: 'red' }, undefined]);
  // A label with a tilde is none.
  await assert.rejects(server.configMap('blue', { colour: 'blue' }), /"x.io\/y~z": name part must consist/);
});

test('objects as values of a JSON patch, with defaults', async () => {
  const server = await PolicyServer.start();
  const value = 'Object.spec.template.spec.containers{name: "last", image: "last:1"}';
  const path = '/spec/template/spec/containers/-';
  await server.mutating('p', {
    mutations: [jsonPatch(`[JSONPatch{op: "add", path: "${path}", value: ${value}}]`)],
  });
  const { spec } = await server.deployment('web');
  const last = spec.template.spec.containers.at(-1);
  assert.deepEqual([last?.name, last?.imagePullPolicy], ['last', 'IfNotPresent']);
});

async function refusalOf(mutation: ReturnType<typeof apply | typeof jsonPatch>) {
  const server = await PolicyServer.start();
  await server.mutating('p', { mutations: [mutation] });
  const error: unknown = await server.deployment('web').catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ApiError, `${JSON.stringify(mutation)} was taken`);
  return error;
}

test('a refusal is worded as upstream words it, and forbids whatever its reason', async () => {
  const refused = await refusalOf(apply('Object{spec: Object.spec{replicas: object.spec.nothing}}'));
  const why = "expression 'Object{spec: Object.spec{replicas: object.spec.nothing}}' resulted in error";
  const message = `policy 'p' with binding 'p-binding' denied request: ${why}: no such key: nothing`;
  const { code, reason, details } = refused;
  assert.deepEqual([code, reason, refused.message], [403, 'Invalid', message]);
  const about = { name: 'web', group: 'apps', kind: 'deployments' };
  assert.deepEqual(details, { ...about, causes: [{ message }] });
});

test('what cannot be done', async () => {
  const cases = [
    [
      apply('Object{spec: Object.spec{colour: "blue"}}'),
      'error applying patch: failed to convert patch object to typed object: .spec.colour: field not declared in schema',
    ],
    [
      apply('Object{spec: Object.spec{selector: Object.spec.wrong{}}}'),
      'type mismatch: unexpected type name "Object.spec.wrong", expected "Object.spec.selector", which matches field name path from root Object type',
    ],
    [
      apply('Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"a": "b"}}}}'),
      'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector',
    ],
    [
      jsonPatch('[JSONPatch{op: "remove", path: "/spec/nothing"}]'),
      "JSON Patch: error in remove for path: '/spec/nothing': Unable to remove nonexistent key: nothing: missing value",
    ],
    [
      jsonPatch('[JSONPatch{op: "add", path: "/spec/colour", value: "blue"}]'),
      'strict decoding error: unknown field "spec.colour"',
    ],
    [
      jsonPatch('[JSONPatch{op: "replace", path: "/kind", value: "Pod"}]'),
      'the result is no apps/v1, Kind=Deployment any more',
    ],
  ] as const;
  for (const [mutation, why] of cases) {
    const { code, message } = await refusalOf(mutation);
    assert.deepEqual([code, message], [403, `policy 'p' with binding 'p-binding' denied request: ${why}`]);
  }
});

test('a mutation that fails is passed over when failures are ignored', async () => {
  const server = await PolicyServer.start();
  const failing = apply('Object{metadata: Object.metadata{name: object.data.nothing}}');
  await server.mutating('p', { failurePolicy: 'Ignore', mutations: [failing, ANNOTATE] });
  const { metadata } = await server.configMap('one');
  assert.deepEqual([metadata.name, metadata.annotations], ['one', { by: 'policy' }]);
});

test('conditions and variables', async () => {
  const server = await PolicyServer.start();
  await server.mutating('p', {
    matchConditions: [{ name: 'few', expression: 'object.spec.replicas < 3' }],
    variables: [{ name: 'more', expression: 'object.spec.replicas + 2' }],
    mutations: [apply('Object{spec: Object.spec{replicas: variables.more}}')],
    matchConstraints: {
      resourceRules: [
        { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
      ],
    },
  });
  assert.equal((await server.deployment('few')).spec.replicas, 3);
  assert.equal((await server.deployment('many', { replicas: 5 })).spec.replicas, 5);
  const few = await server.client.get(deployments, { namespace: NAMESPACE, name: 'few' });
  const next = { ...few, spec: { ...few.spec, replicas: 1 } };
  assert.equal((await server.client.update(deployments, next)).spec.replicas, 1, 'only creations match');
});

/** Adds its letter to `data.log`. */
function logging(letter: string) {
  return apply(
    `Object{data: {"log": (has(object.data) && has(object.data.log) ? object.data.log : "") + "${letter}"}}`,
  );
}

test('policies follow each other, and those that want it come again after a change', async () => {
  const server = await PolicyServer.start();
  await server.mutating('a', { reinvocationPolicy: 'IfNeeded', mutations: [logging('a'), logging('A')] });
  await server.mutating('b', { mutations: [logging('b')] });
  assert.deepEqual((await server.configMap('one')).data, { log: 'aAbaA' });
});

test('what another plugin changes brings them back too, and nothing does so for ever', async () => {
  const late: AdmissionPlugin = {
    name: 'Late',
    mutate: ({ object }) => {
      const { data = {} } = object as ConfigMap;
      return { ...object, data: { ...data, log: `${data['log'] ?? ''}-` } } as ConfigMap;
    },
  };
  const server = await PolicyServer.start(undefined, [late]);
  await server.mutating('a', { reinvocationPolicy: 'IfNeeded', mutations: [logging('a')] });
  assert.deepEqual((await server.configMap('one')).data, { log: 'a-a-' });
});

test('a policy cannot move an object, and a dry run changes nothing', async () => {
  const server = await PolicyServer.start();
  await server.mutating('p', {
    matchConditions: [{ name: 'moved', expression: "object.metadata.name == 'moved'" }],
    mutations: [apply('Object{metadata: Object.metadata{namespace: "elsewhere"}}')],
  });
  await server.mutating('q', { mutations: [ANNOTATE] });
  await assert.rejects(server.configMap('moved'), { code: 400 });
  const dry = await server.client.create(
    configMaps,
    { metadata: { namespace: NAMESPACE, name: 'dry' } },
    { dryRun: true },
  );
  assert.deepEqual(dry.metadata.annotations, { by: 'policy' });
  await assert.rejects(server.client.get(configMaps, { namespace: NAMESPACE, name: 'dry' }), { code: 404 });
});

test('a validating policy sees what mutating ones have made', async () => {
  const server = await PolicyServer.start();
  await server.mutating('m', { mutations: [ANNOTATE] });
  await server.validating('v', {
    validations: [{ expression: "object.metadata.annotations['by'] == 'policy'" }],
  });
  await server.configMap('one');
  const created = await server.client.create(deployments, deploymentOf('web'));
  assert.equal(created.metadata.annotations?.['by'], 'policy');
});

test('what connects is judged by its options, which can be changed', async () => {
  const server = await PolicyServer.start();
  const resourceRules = [
    { operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/exec'] },
  ];
  const matchConstraints = { resourceRules };
  const mutations = [apply('Object{container: "web"}')];
  const matchConditions = [{ name: 'unsaid', expression: '!has(object.container)' }];
  await server.mutating('m', { matchConstraints, matchConditions, mutations });
  const expression =
    "request.kind.kind == 'PodExecOptions' && oldObject == null && object.container == 'web'";
  await server.validating('v', { matchConstraints, validations: [{ expression }] });
  const { store, resources } = server.server;
  const parts = { store, resources, authorizer: { authorize: () => ({ allowed: true, reason: '' }) } };
  const admission = new AdmissionChain([mutatingAdmissionPolicy(parts), validatingAdmissionPolicy(parts)]);
  const connect = connectionAdmission({ admission, resources });
  const names = { group: '', version: 'v1', resource: 'pods', namespace: NAMESPACE, name: 'one' };
  const exec = (query: string) => {
    const target = { ...names, subresource: 'exec' };
    const request = { type: 'resource', verb: 'create', target, query: new URLSearchParams(query), rest: '' };
    return connect(request as Parameters<typeof connect>[0], ADMIN);
  };
  const { container, command } = await exec('command=ls&stdout=true');
  assert.deepEqual([container, command], ['web', ['ls']]);
  await assert.rejects(
    exec('container=secret&command=ls'),
    /pods "one" is forbidden: ValidatingAdmissionPolicy 'v'/,
  );
});
