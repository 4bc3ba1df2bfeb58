import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonSet, Node, Pod } from '../../api/types.gen.ts';
import { daemonPod } from './daemon-pod.ts';
import { placesOf } from './places.ts';

const set = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: 'default', name: 'agent', uid: 'u' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    updateStrategy: { type: 'RollingUpdate' },
  },
  status: {},
} as unknown as DaemonSet;
const node = { metadata: { name: 'n' }, spec: {} } as Node;

function pod(name: string, at: string, isReady: boolean, nodeName?: string): Pod {
  const drafted = daemonPod(set, 'n', 'hash', { apiVersion: 'v1', kind: 'x', name: 'x', uid: 'x' });
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }];
  return {
    ...drafted,
    metadata: { ...drafted.metadata, name, creationTimestamp: `2026-01-01T00:00:0${at}Z` },
    spec: { ...drafted.spec, nodeName },
    status: { conditions },
  } as unknown as Pod;
}

test('which of several pods counts first', () => {
  const pods = [
    pod('unbound', '0', false),
    pod('later', '2', true, 'n'),
    pod('a-waiting', '1', false, 'n'),
    pod('b-serving', '1', true, 'n'),
    pod('c-serving', '1', true, 'n'),
  ];
  const [place] = placesOf({ set, nodes: [node], pods, hash: 'hash', backoffMs: () => 0 });
  assert.deepEqual(
    place?.pods.map(({ metadata }) => metadata.name),
    ['b-serving', 'c-serving', 'a-waiting', 'later', 'unbound'],
  );
});
