import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../../api/groups/core/config-map/config-map.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import type { JsonObject } from '../../../api/schema/schema.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { ALLOW, HookServer, label, patch, targetOf, type Script } from './hooks.fixture.ts';

const MAP = { metadata: { name: 'one', namespace: 'default', labels: { first: 'yes' } } };
const MAPS = { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'] };
const rules = [{ ...MAPS, resources: ['configmaps'] }];

const labels = (request: JsonObject): readonly string[] => {
  const { metadata } = request['object'] as JsonObject;
  return Object.keys(((metadata as JsonObject)['labels'] as JsonObject | undefined) ?? {});
};

const part = (object: JsonObject | undefined, name: string): JsonObject =>
  (object?.[name] ?? {}) as JsonObject;

test('hooks are asked in the order of their configurations, each after what those before have done', async () => {
  const server = new HookServer();
  const seen: string[] = [];
  const adds =
    (name: string): Script =>
    (request) => {
      seen.push(`${name} ${labels(request).join('+')}`);
      return patch(label(name));
    };
  await server.register('mutating', 'c', adds('c'), { rules });
  await server.register('mutating', 'a', adds('a'), { rules });
  await server.register('mutating', 'b', () => ALLOW, { rules });
  const made = await server.client.create(configMaps, MAP);
  assert.deepEqual(seen, ['a first', 'c a+first']);
  assert.deepEqual(made.metadata.labels, { a: 'yes', c: 'yes', first: 'yes' });
});

test('a hook that wants to is asked again when others have changed something after it', async () => {
  const server = new HookServer();
  const counts = { eager: 0, once: 0, late: 0 };
  const counting =
    (name: keyof typeof counts, answer: Script): Script =>
    (request) => {
      counts[name]++;
      return answer(request);
    };
  const eager = counting('eager', (request) =>
    labels(request).includes('late') ? patch(label('seen')) : ALLOW,
  );
  await server.register('mutating', 'a-eager', eager, { rules, reinvocationPolicy: 'IfNeeded' });
  await server.register(
    'mutating',
    'b-once',
    counting('once', () => ALLOW),
    { rules },
  );
  await server.register(
    'mutating',
    'c-late',
    counting('late', () => patch(label('late'))),
    { rules },
  );
  const made = await server.client.create(configMaps, MAP);
  assert.deepEqual(counts, { eager: 2, once: 1, late: 1 });
  assert.deepEqual(Object.keys(made.metadata.labels ?? {}), ['first', 'late', 'seen']);
});

test('nobody is asked again when nothing was changed', async () => {
  const server = new HookServer();
  let count = 0;
  const same: Script = () => {
    count++;
    return patch({ op: 'replace', path: '/metadata/labels/first', value: 'yes' });
  };
  await server.register('mutating', 'a', same, { rules, reinvocationPolicy: 'IfNeeded' });
  await server.client.create(configMaps, MAP);
  assert.equal(count, 1);
});

test('what is built in is asked again too, and hooks that want to see what it did then', async () => {
  let rounds = 0;
  const counting: AdmissionPlugin = {
    name: 'Counting',
    kinds: ['/configmaps'],
    mutate: ({ object }) => {
      const all = { ...object.metadata.labels, [`round-${++rounds}`]: 'yes' };
      return { ...object, metadata: { ...object.metadata, labels: all } };
    },
  };
  const server = new HookServer(() => ({ admission: [counting] }));
  const seen: string[] = [];
  const watching: Script = (request) => {
    seen.push(labels(request).join('+'));
    return seen.length === 1 ? patch(label('hook')) : ALLOW;
  };
  await server.register('mutating', 'a', watching, { rules, reinvocationPolicy: 'IfNeeded' });
  await server.client.create(configMaps, MAP);
  assert.deepEqual(seen, ['first+round-1', 'first+hook+round-1+round-2']);
});

test('an object gets its defaults again, and what its kind does not know is dropped', async () => {
  const server = new HookServer();
  const container = { name: 'added', image: 'added:1', unknownField: 1 };
  await server.register('mutating', 'a', () =>
    patch({ op: 'add', path: '/spec/containers/-', value: container }),
  );
  const seen: JsonObject[] = [];
  await server.register('validating', 'b', (request) => {
    seen.push(request);
    return ALLOW;
  });
  const spec = { containers: [{ name: 'c', image: 'c:1' }] };
  const made = await server.client.create(pods, { metadata: { name: 'one', namespace: 'default' }, spec });
  const { name, terminationMessagePolicy, imagePullPolicy } = made.spec.containers[1] ?? { name: '' };
  assert.deepEqual([name, terminationMessagePolicy, imagePullPolicy], ['added', 'File', 'IfNotPresent']);
  assert.ok(!JSON.stringify(seen[0]?.['object']).includes('unknownField'));
});

test('a generated name is not there yet, and a hook may give one', async () => {
  const server = new HookServer();
  const generating = { metadata: { generateName: 'map-', namespace: 'default', labels: { a: 'b' } } };
  await server.register('mutating', 'a', () => ALLOW, { rules });
  await server.register('validating', 'z', () => ALLOW, { rules });
  const made = await server.client.create(configMaps, generating as never);
  assert.match(made.metadata.name ?? '', /^map-.{5}$/);
  const [request, last] = server.requests();
  assert.deepEqual([request?.['name'], last?.['name']], [undefined, undefined], 'no part of the request');
  assert.equal(part(part(last, 'object'), 'metadata')['name'], made.metadata.name);
  assert.deepEqual(part(part(request, 'object'), 'metadata')['name'], undefined);
  await server.register('mutating', 'b', () => patch({ op: 'add', path: '/metadata/name', value: 'given' }), {
    rules,
  });
  assert.equal((await server.client.create(configMaps, generating as never)).metadata.name, 'given');
});

test('what a hook may not change is refused or stays', async () => {
  const server = new HookServer();
  const operations: JsonObject[] = [];
  await server.register('mutating', 'a', () => patch(...operations));
  const spec = { containers: [{ name: 'c', image: 'c:1' }] };
  const pod = { metadata: { name: 'one', namespace: 'default' }, spec };
  operations.push({ op: 'add', path: '/metadata/namespace', value: 'other' });
  await assert.rejects(server.client.create(pods, pod), {
    code: 400,
    message: 'the namespace of the provided object does not match the namespace sent on the request',
  });
  operations[0] = { op: 'add', path: '/status', value: { phase: 'Running' } };
  const made = await server.client.create(pods, pod);
  assert.equal(made.status.phase, 'Pending', 'a new object begins with the status that it always has');
  const changed = await server.client.update(pods, { ...made, metadata: { ...made.metadata, labels: {} } });
  assert.equal(changed.status.phase, 'Pending');
  operations[0] = { op: 'replace', path: '/metadata/name', value: 'two' };
  await assert.rejects(server.client.update(pods, made), {
    code: 422,
    message: 'Pod "one" is invalid: metadata.name: Invalid value: "two": field is immutable',
  });
});

test('patches that do not fit are the end of the request, whatever the policy', async () => {
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [patch({ op: 'remove', path: '/data/none' }), /^Internal error occurred: .*\/data\/none/],
    [patch({ op: 'add', path: '/data', value: 5 }), /^Internal error occurred: .*cannot unmarshal number/],
    [
      patch({ op: 'replace', path: '/kind', value: 'Secret' }),
      /^Internal error occurred: admission webhook "a.example.com" made an object of another kind/,
    ],
  ];
  for (const [answer, message] of cases) {
    const server = new HookServer();
    await server.register('mutating', 'a', () => answer, { rules, failurePolicy: 'Ignore' });
    await assert.rejects(server.client.create(configMaps, MAP), { code: 500, message });
  }
});

test('patches that are none count as a failure of the webhook', async () => {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const invalid = 'received invalid webhook response: webhook returned';
  const cases: readonly (readonly [JsonObject, string])[] = [
    [
      { allowed: true, patchType: 'JSONPatch', patch: encoded('{"op":"add"}') },
      'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    ],
    [
      { allowed: true, patchType: 'MergePatch', patch: encoded('[{"op":"add","path":"/a","value":1}]') },
      'unsupported patch type "MergePatch"',
    ],
    [{ allowed: true, patch: encoded('[]') }, `${invalid} response.patch but not response.patchType`],
    [{ allowed: true, patchType: 'JSONPatch' }, `${invalid} response.patchType but not response.patch`],
  ];
  for (const [answer, why] of cases) {
    for (const failurePolicy of ['Fail', 'Ignore']) {
      const server = new HookServer();
      await server.register('mutating', 'a', () => answer, { rules, failurePolicy });
      const created = server.client.create(configMaps, MAP);
      if (failurePolicy === 'Ignore') await created;
      else {
        const message = `Internal error occurred: failed calling webhook "a.example.com": ${why}`;
        await assert.rejects(created, { code: 500, message });
      }
    }
  }
});

test('a deletion can be refused, and has nothing to change', async () => {
  const server = new HookServer();
  await server.client.create(configMaps, MAP);
  let answer: JsonObject = { allowed: false };
  const deletions = [{ operations: ['DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['*'] }];
  await server.register('mutating', 'a', () => answer, { rules: deletions });
  const one = { namespace: 'default', name: 'one' };
  await assert.rejects(server.client.delete(configMaps, one), {
    code: 400,
    message: 'admission webhook "a.example.com" denied the request without explanation',
  });
  answer = patch(label('a'));
  await assert.rejects(server.client.delete(configMaps, one), {
    code: 500,
    message:
      'Internal error occurred: admission webhook "a.example.com" attempted to modify the object, which is not supported for this operation',
  });
  answer = ALLOW;
  await server.client.delete(configMaps, one, { propagationPolicy: 'Background' });
  const last = server.requests().at(-1);
  assert.equal(last?.['object'], null);
  assert.equal(part(last, 'oldObject')['kind'], 'ConfigMap');
  assert.deepEqual(last?.['options'], {
    kind: 'DeleteOptions',
    apiVersion: 'meta.k8s.io/v1',
    propagationPolicy: 'Background',
  });
});

test('a collection is deleted object by object, none of which is named', async () => {
  const server = new HookServer();
  await server.register('mutating', 'a', () => ALLOW);
  await server.register('validating', 'b', () => ALLOW);
  const names = ['one', 'two'];
  for (const name of names) await server.client.create(configMaps, { metadata: { ...MAP.metadata, name } });
  server.asked.length = 0;
  await server.client.deleteCollection(configMaps, { namespace: 'default' });
  const seen = server.requests();
  assert.equal(seen.length, 4);
  for (const request of seen)
    assert.deepEqual([request['operation'], request['name']], ['DELETE', undefined]);
  const old = seen.map((request) => part(part(request, 'oldObject'), 'metadata')['name']);
  assert.deepEqual(new Set(old), new Set(names));
});

test('a hook changes an object in the version that it matched', async () => {
  const server = new HookServer();
  const v1 = [{ ...MAPS, apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'] }];
  const replace = { op: 'replace', path: '/spec/targetCPUUtilizationPercentage', value: 33 };
  await server.register('mutating', 'a', () => patch(replace), { rules: v1 });
  const scaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'one', namespace: 'default' },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
  };
  const target = targetOf('autoscaling/v2/horizontalpodautoscalers');
  const body = { json: scaler, duplicateFields: [] };
  const outcome = await server.execute({ verb: 'create', target, body, options: {} });
  const [request] = server.requests();
  assert.deepEqual(request?.['kind'], { group: 'autoscaling', version: 'v1', kind: scaler.kind });
  assert.deepEqual(request?.['requestKind'], { group: 'autoscaling', version: 'v2', kind: scaler.kind });
  assert.equal(part(request, 'object')['apiVersion'], 'autoscaling/v1');
  assert.equal(part(request, 'requestResource')['version'], 'v2');
  const { object } = outcome as unknown as { readonly object: { readonly spec: JsonObject } };
  const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 33 } };
  assert.deepEqual(object.spec['metrics'], [{ type: 'Resource', resource: cpu }]);
});
