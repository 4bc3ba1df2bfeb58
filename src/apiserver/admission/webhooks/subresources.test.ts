/** What webhooks are told of subresources, which speak of objects of other kinds, and of what connects. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../../../api/groups/apps/deployment/deployment.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import type { JsonObject } from '../../../api/schema/schema.ts';
import type { Outcome } from '../../../client/operation.ts';
import { ADMIN } from '../../pipeline.fixture.ts';
import { parseRequest } from '../../http/request-info.ts';
import { connectionAdmission } from '../../streaming/connection-options.ts';
import { selfSubjectReviewHandler } from '../../subresources/authentication-reviews.ts';
import { podBindingHandler } from '../../subresources/pod-binding.ts';
import { podEvictionHandler } from '../../subresources/pod-eviction.ts';
import { scaleHandler } from '../../subresources/scale.ts';
import { ALLOW, HookServer, patch, targetOf, type Script } from './hooks.fixture.ts';

const PLACE = { name: 'one', namespace: 'default' };
const template = {
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image: 'c:1' }] },
};
const POD = { metadata: PLACE, spec: template.spec };

const start = (): HookServer =>
  new HookServer(({ resources: { schemas } }) => ({
    subresources: [
      scaleHandler(schemas),
      podBindingHandler(schemas),
      podEvictionHandler(schemas),
      selfSubjectReviewHandler(schemas),
    ],
  }));

const rulesFor = (subresource: string, operations: readonly string[] = ['*']) => [
  { operations, apiGroups: ['*'], apiVersions: ['*'], resources: [`*/${subresource}`] },
];

function created(server: HookServer, path: string, json: JsonObject, name = 'one'): Promise<Outcome> {
  const body = { json, duplicateFields: [] };
  return server.execute({ verb: 'create', target: targetOf(path, name), body, options: {} });
}

interface Seen {
  readonly operation: string;
  readonly kind: JsonObject;
  readonly resource: JsonObject;
  readonly subResource: string;
  readonly object: JsonObject;
  readonly oldObject: JsonObject | null;
}

const seenBy = (server: HookServer): readonly Seen[] => server.requests() as unknown as readonly Seen[];

test('a scale is seen and changed as a Scale, and the object behind it is not asked about', async () => {
  const server = start();
  const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template };
  await server.client.create(deployments, { metadata: PLACE, spec } as never);
  const five = patch({ op: 'replace', path: '/spec/replicas', value: 5 });
  await server.register('mutating', 'a', () => five, { rules: rulesFor('scale') });
  await server.register('validating', 'b', () => ALLOW, { rules: rulesFor('*') });
  const scale = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: PLACE, spec: { replicas: 2 } };
  const body = { json: scale, duplicateFields: [] };
  const target = targetOf('apps/v1/deployments/scale', 'one');
  await server.execute({ verb: 'update', target, body, options: {} });
  assert.equal((await server.client.get(deployments, PLACE)).spec.replicas, 5);
  const [first, last, ...others] = seenBy(server);
  assert.equal(others.length, 0);
  assert.deepEqual(first?.kind, { group: 'autoscaling', version: 'v1', kind: 'Scale' });
  assert.deepEqual(first?.resource, { group: 'apps', version: 'v1', resource: 'deployments' });
  assert.deepEqual([first?.operation, first?.subResource], ['UPDATE', 'scale']);
  assert.deepEqual(first?.object['spec'], { replicas: 2 });
  assert.deepEqual(first?.oldObject?.['spec'], { replicas: 1 });
  assert.deepEqual(last?.object['spec'], { replicas: 5 });
});

test('a binding counts as created, once', async () => {
  const server = start();
  await server.client.create(pods, POD);
  await server.register('validating', 'a', () => ALLOW);
  const target = { kind: 'Node', name: 'n1' };
  await created(server, '/v1/pods/binding', { metadata: { name: 'one' }, target });
  const [seen, ...others] = seenBy(server);
  assert.equal(others.length, 0);
  assert.deepEqual(
    [seen?.operation, seen?.subResource, seen?.kind['kind']],
    ['CREATE', 'binding', 'Binding'],
  );
  assert.deepEqual(seen?.object['target'], target);
  assert.equal((await server.client.get(pods, PLACE)).spec.nodeName, 'n1');
});

test('an eviction is asked about, what it does is not', async () => {
  const server = start();
  await server.client.create(pods, POD);
  let answer: JsonObject = { allowed: false, status: { message: 'stay' } };
  await server.register('validating', 'a', () => answer);
  const evict = () => created(server, '/v1/pods/eviction', { metadata: { name: 'one' } });
  await assert.rejects(evict(), { message: 'admission webhook "a.example.com" denied the request: stay' });
  answer = ALLOW;
  await evict();
  assert.deepEqual(
    seenBy(server).map(({ operation, kind }) => [operation, kind['kind']]),
    [
      ['CREATE', 'Eviction'],
      ['CREATE', 'Eviction'],
    ],
  );
  const pod = await server.client.get(pods, PLACE).catch(() => undefined);
  assert.ok(pod === undefined || pod.metadata.deletionTimestamp !== undefined);
});

test('a status is asked about as the subresource that it is', async () => {
  const server = start();
  const pod = await server.client.create(pods, POD);
  const status: Script = () => patch({ op: 'add', path: '/status/message', value: 'changed' });
  await server.register('mutating', 'a', status, { rules: rulesFor('status') });
  const changed = await server.client.update(pods, pod, { subresource: 'status' });
  assert.equal(changed.status.message, 'changed');
  assert.deepEqual([seenBy(server)[0]?.subResource, seenBy(server)[0]?.kind['kind']], ['status', 'Pod']);
});

test('reviews are created, too', async () => {
  const server = start();
  await server.register('validating', 'a', () => ({ allowed: false }));
  await assert.rejects(created(server, 'authentication.k8s.io/v1/selfsubjectreviews', {}, ''), { code: 400 });
  assert.equal(seenBy(server)[0]?.kind['kind'], 'SelfSubjectReview');
});

test('what connects is asked about with its options, which can be changed', async () => {
  const path = '/api/v1/namespaces/default/pods/one';
  const cases: readonly (readonly [string, string, JsonObject])[] = [
    [
      `${path}/exec?command=ls&command=-l&stdout=true&container=c`,
      'PodExecOptions',
      { stdout: true, container: 'c', command: ['ls', '-l'] },
    ],
    [`${path}/attach?stdin=true&tty=1`, 'PodAttachOptions', { stdin: true, tty: true }],
    [`${path}/portforward?ports=80&ports=x`, 'PodPortForwardOptions', { ports: [80] }],
    [`${path}/proxy/a/b?c=d`, 'PodProxyOptions', { path: '/a/b' }],
    ['/api/v1/namespaces/default/services/http:web:80/proxy', 'ServiceProxyOptions', {}],
    ['/api/v1/nodes/n1/proxy/metrics', 'NodeProxyOptions', { path: '/metrics' }],
  ];
  for (const [url, kind, options] of cases) {
    const server = new HookServer();
    await server.register('mutating', 'a', () => ALLOW);
    await server.register('validating', 'b', () => ALLOW);
    const request = parseRequest('POST', url);
    assert.equal(request.type, 'resource');
    const admit = connectionAdmission({ admission: server.chain, resources: server.server.resources });
    await admit(request as never, ADMIN);
    const [seen, last] = seenBy(server);
    assert.deepEqual([seen?.operation, seen?.kind], ['CONNECT', { group: '', version: 'v1', kind }]);
    assert.deepEqual(seen?.object, { kind, apiVersion: 'v1', ...options });
    assert.deepEqual(last?.object, seen?.object);
  }
  const server = new HookServer();
  const replace = patch({ op: 'replace', path: '/command', value: ['id'] });
  await server.register('mutating', 'a', () => replace, { rules: rulesFor('exec', ['CONNECT']) });
  const admit = connectionAdmission({ admission: server.chain, resources: server.server.resources });
  const request = parseRequest('GET', `${path}/exec?command=ls&stdin=true`);
  const { command, stdin } = await admit(request as never, ADMIN);
  assert.deepEqual([command, stdin], [['id'], true]);
});
