import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonValue } from '../api/schema/schema.ts';
import type { Asked } from '../apiserver/aggregation/extension-client.ts';
import { otherServers } from './other-servers.ts';

const WIDGETS = {
  group: 'a.io',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
} as const;

test('objects of other servers are listed and deleted as the controller', async () => {
  const asked: (Asked & { readonly user: string })[] = [];
  const answers: JsonValue[] = [
    { metadata: { continue: 'more', resourceVersion: '7' }, items: [{ metadata: { name: 'one' } }] },
    { metadata: {}, items: null },
    {},
    {},
  ];
  const servers = otherServers(
    {
      ask: async (request, user) => {
        asked.push({ ...request, user: user.name });
        return answers.shift() ?? {};
      },
      groupVersions: () => [],
      read: () => assert.fail('nothing is read by its path'),
      versionsOf: () => [],
    },
    (name) => ({ name: `controller:${name}`, groups: [] }),
  ).otherServers('c');
  assert.ok(servers !== undefined);
  const { client } = servers;
  const page = await client.list(WIDGETS, { namespace: 'team', limit: 1 });
  assert.deepEqual([page.items.length, page.continue, page.resourceVersion], [1, 'more', '7']);
  const last = await client.list(WIDGETS, { namespace: 'team', limit: 1, continue: 'more' });
  assert.deepEqual(last, { items: [], resourceVersion: '' });
  await client.delete(WIDGETS, { namespace: 'team', name: 'a b' }, { dryRun: true });
  await client.deleteCollection(WIDGETS, { namespace: 'team' }, { propagationPolicy: 'Background' });
  const path = '/apis/a.io/v1/namespaces/team/widgets';
  const options = { kind: 'DeleteOptions', apiVersion: 'v1' };
  const user = 'controller:c';
  assert.deepEqual(asked, [
    { method: 'GET', path: `${path}?limit=1`, user },
    { method: 'GET', path: `${path}?limit=1&continue=more`, user },
    { method: 'DELETE', path: `${path}/a%20b`, body: { ...options, dryRun: ['All'] }, user },
    { method: 'DELETE', path, body: { ...options, propagationPolicy: 'Background' }, user },
  ]);
});
