import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../api/schema/schema.ts';
import { aggregated, groupList, groupResources } from '../discovery/discovery.ts';
import { builtInResources } from '../resources.ts';
import { fromAggregated, fromLegacy, namespacedTypes, type RemoteGroupVersion } from './remote-discovery.ts';

test('documents of other servers', () => {
  const widgets = { resource: 'widgets', verbs: ['get'] };
  const document = {
    kind: 'APIGroupDiscoveryList',
    items: [
      { metadata: { name: 'a.io' }, versions: [{ version: 'v1', resources: [widgets] }, { version: 'v2' }] },
    ],
  };
  assert.deepEqual(
    [...(fromAggregated(document) ?? [])],
    [
      ['a.io/v1', [widgets]],
      ['a.io/v2', []],
    ],
  );
  for (const other of [null, 'text', [], { kind: 'APIGroupList', groups: [] }])
    assert.equal(fromAggregated(other), undefined);
});

test('a legacy list in the aggregated form', () => {
  const verbs = ['get', 'list'];
  const list = {
    kind: 'APIResourceList',
    resources: [
      {
        name: 'widgets',
        singularName: 'widget',
        namespaced: true,
        kind: 'Widget',
        verbs,
        shortNames: ['wd'],
      },
      {
        name: 'widgets/scale',
        namespaced: true,
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
        verbs: ['get'],
      },
      { name: 'racks', singularName: '', namespaced: false, kind: 'Rack', verbs },
    ],
  };
  assert.deepEqual(fromLegacy('a.io', 'v1', list), [
    {
      resource: 'widgets',
      responseKind: { group: 'a.io', version: 'v1', kind: 'Widget' },
      scope: 'Namespaced',
      singularResource: 'widget',
      verbs,
      shortNames: ['wd'],
      subresources: [
        {
          subresource: 'scale',
          responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
          verbs: ['get'],
        },
      ],
    },
    {
      resource: 'racks',
      responseKind: { group: 'a.io', version: 'v1', kind: 'Rack' },
      scope: 'Cluster',
      singularResource: '',
      verbs,
    },
  ]);
});

test('group-versions of other servers stand where their priorities put them', () => {
  const remote = (version: string, groupPriority: number, versionPriority: number): RemoteGroupVersion => ({
    group: 'a.io',
    version,
    groupPriority,
    versionPriority,
    resources: [],
    isCurrent: version === 'v1',
  });
  const local = builtInResources().all();
  const all = groupResources(local, [remote('v1', 100, 5), remote('v1beta1', 17_790, 9)]);
  const groups = groupList(all)['groups'] as { name: string; versions: { version: string }[] }[];
  assert.deepEqual(
    groups.slice(0, 4).map(({ name }) => name),
    ['apiregistration.k8s.io', 'apps', 'a.io', 'events.k8s.io'],
  );
  assert.deepEqual(
    groups[2]?.versions.map(({ version }) => version),
    ['v1beta1', 'v1'],
  );
  const items = aggregated(all, false)['items'] as { metadata: { name: string }; versions: object[] }[];
  assert.deepEqual(items.find(({ metadata }) => metadata.name === 'a.io')?.versions, [
    { version: 'v1beta1', resources: [], freshness: 'Stale' },
    { version: 'v1', resources: [], freshness: 'Current' },
  ]);
});

test('kinds that may lie in a namespace, and who does not say what it has', () => {
  const kind = (resource: string, scope: string, verbs = ['list']): JsonValue => ({
    resource,
    scope,
    responseKind: { kind: 'K' },
    verbs,
  });
  const version = (
    name: string,
    versionPriority: number,
    resources: readonly JsonValue[],
    isCurrent = true,
  ) => ({ group: 'a.io', version: name, groupPriority: 1, versionPriority, resources, isCurrent }) as const;
  const found = namespacedTypes([
    version('v1', 1, [kind('widgets', 'Namespaced'), kind('gears', 'Namespaced', ['get'])]),
    version('v2', 2, [kind('widgets', 'Namespaced'), kind('racks', 'Cluster')]),
    version('v3', 3, [kind('widgets', 'Namespaced')], false),
  ]);
  const type = { group: 'a.io', kind: 'K', namespaced: true } as const;
  assert.deepEqual(found, {
    types: [
      { ...type, version: 'v2', plural: 'widgets', verbs: ['list'] },
      { ...type, version: 'v1', plural: 'gears', verbs: ['get'] },
    ],
    stale: ['a.io/v3'],
  });
});
