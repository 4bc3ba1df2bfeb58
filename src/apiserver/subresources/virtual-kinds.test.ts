import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindings } from '../../api/groups/core/binding/binding.ts';
import { componentStatuses } from '../../api/groups/core/component-status/component-status.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { loadBuiltInSchemas } from '../../api/schema/built-in.ts';
import type { Operation, RequestContext } from '../../client/operation.ts';
import { ADMIN, createTestPipeline } from '../pipeline.fixture.ts';
import { componentStatusHandler } from './component-statuses.ts';
import { bindingHandler } from './pod-binding.ts';

const schemas = loadBuiltInSchemas();
const start = (problem?: string) =>
  createTestPipeline(() => ({
    subresources: [
      bindingHandler(schemas),
      componentStatusHandler(() => [
        { name: 'scheduler', problem: () => problem },
        { name: 'etcd-0', problem: () => undefined },
      ]),
    ],
  }));

const TARGET = { group: '', version: 'v1', namespace: '', name: '', subresource: '' };

function recorded(): { readonly warnings: string[]; readonly context: RequestContext } {
  const warnings: string[] = [];
  const { signal } = new AbortController();
  const warn = (text: string) => void warnings.push(text);
  return { warnings, context: { user: ADMIN, userAgent: 'test', signal, warn } };
}

test('a binding that names its pod in the body', async () => {
  const { client, pipeline } = start();
  const place = { namespace: 'default', name: 'web' };
  await client.create(pods, { metadata: place, spec: { containers: [{ name: 'c', image: 'web:1' }] } });
  const bind = (name: string) => {
    const json = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name },
      target: { kind: 'Node', name: 'one' },
    };
    const target = { ...TARGET, resource: bindings.plural, namespace: 'default' };
    const body = { json, duplicateFields: [] };
    return pipeline.execute({ verb: 'create', target, body, options: {} }, recorded().context);
  };
  assert.equal((await bind('web')).type, 'status');
  assert.equal((await client.get(pods, place)).spec.nodeName, 'one');
  await assert.rejects(bind('none'), { message: 'pods "none" not found' });
});

test('components tell how they are', async () => {
  const { client } = start('not started');
  const { items } = await client.list(componentStatuses);
  assert.deepEqual(
    items.map((item) => componentStatuses.columns.map((column) => column.value(item, 0))),
    [
      ['scheduler', 'Unhealthy', 'not started', ''],
      ['etcd-0', 'Healthy', 'ok', ''],
    ],
  );
  await assert.rejects(client.get(componentStatuses, { namespace: '', name: 'none' }), {
    message: 'componentstatuses "none" not found',
  });
});

test('every request for a deprecated kind is answered with a warning', async () => {
  const { pipeline } = start();
  const { warnings, context } = recorded();
  const list = (resource: string): Operation => ({
    verb: 'list',
    target: { ...TARGET, resource },
    selection: {},
  });
  await pipeline.execute(list('componentstatuses'), context);
  await pipeline.execute(list('endpoints'), context);
  await pipeline.execute(list('pods'), context);
  assert.deepEqual(warnings, [
    'v1 ComponentStatus is deprecated in v1.19+',
    'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  ]);
});
