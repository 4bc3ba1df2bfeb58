import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Pod, ReplicaSet } from '../../api/types.gen.ts';
import { BURST_MAX, planReplicas, planStatus } from './plan.ts';
import { deletionCost, rankForDeletion } from './rank.ts';

const NOW = Date.UTC(2026, 0, 2);
const HOUR_MS = 3_600_000;

interface Traits {
  readonly node?: string;
  readonly phase?: 'Pending' | 'Running';
  readonly readyHours?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly ageHours?: number;
}

function pod(name: string, traits: Traits = {}): Pod {
  const { node, phase = 'Running', readyHours, cost, restarts = 0, ageHours = 10 } = traits;
  const ready =
    readyHours === undefined
      ? []
      : [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(NOW - readyHours * HOUR_MS) }];
  const annotations = cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost };
  const creationTimestamp = formatTime(NOW - ageHours * HOUR_MS);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, labels: { app: 'web' }, annotations, creationTimestamp },
    spec: { containers: [], ...(node === undefined ? {} : { nodeName: node }) },
    status: { phase, conditions: ready, containerStatuses: [{ restartCount: restarts } as never] },
  };
}

function set(replicas: number, minReadySeconds = 0): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', generation: 3 },
    spec: {
      replicas,
      minReadySeconds,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } },
    },
    status: { replicas: 0 },
  };
}

test('which of two pods goes first', () => {
  const cases: readonly [string, Traits, Traits][] = [
    ['without a node', { readyHours: 1 }, { node: 'n' }],
    ['pending', { node: 'n', phase: 'Pending' }, { node: 'n' }],
    ['not ready', { node: 'n' }, { node: 'n', readyHours: 1 }],
    ['cheaper', { node: 'n', readyHours: 9, cost: '-5' }, { node: 'n', readyHours: 1 }],
    ['ready for less time', { node: 'n', readyHours: 1 }, { node: 'n', readyHours: 9 }],
    ['more restarts', { node: 'n', readyHours: 1, restarts: 3 }, { node: 'n', readyHours: 1 }],
    ['younger', { node: 'n', readyHours: 1, ageHours: 2 }, { node: 'n', readyHours: 1, ageHours: 20 }],
  ];
  for (const [why, first, second] of cases) {
    const ranked = rankForDeletion([pod('b', second), pod('a', first)], [], NOW);
    assert.equal(ranked[0]?.metadata.name, 'a', why);
  }
});

test('pods that share a node with related ones go first, before their age counts', () => {
  const crowded = pod('crowded', { node: 'n1', readyHours: 50 });
  const alone = pod('alone', { node: 'n2', readyHours: 1 });
  const related = [crowded, alone, pod('other', { node: 'n1' })];
  assert.equal(rankForDeletion([alone, crowded], related, NOW)[0]?.metadata.name, 'crowded');
});

test('the cost is a 32-bit number or 0', () => {
  const cases = [
    ['7', 7],
    ['-7', -7],
    ['+7', 0],
    ['07', 0],
    ['many', 0],
    ['2147483648', 0],
  ] as const;
  for (const [cost, expected] of cases) assert.equal(deletionCost(pod('p', { cost })), expected);
});

test('a step brings the number of pods to what is wanted, or a burst closer', () => {
  fc.assert(
    fc.property(fc.nat(1200), fc.nat(1200), (wanted, present) => {
      const active = Array.from({ length: present }, (_, i) => pod(`p${i}`));
      const plan = planReplicas(set(wanted), active, () => active, NOW);
      const created = plan.type === 'create' ? plan.count : 0;
      const deleted = plan.type === 'delete' ? plan.pods.length : 0;
      const after = present + created - deleted;
      if (Math.abs(wanted - present) <= BURST_MAX) assert.equal(after, wanted);
      else assert.equal(Math.abs(after - present), BURST_MAX);
      assert.ok(created === 0 || deleted === 0);
    }),
    games(40),
  );
});

test('a set that is being deleted changes no pods', () => {
  const leaving = { ...set(5), metadata: { deletionTimestamp: formatTime(NOW) } };
  assert.deepEqual(
    planReplicas(leaving, [], () => [], NOW),
    { type: 'keep' },
  );
});

test('status counts ready, available and labelled pods and keeps the first failure', () => {
  const fresh = pod('fresh', { readyHours: 0 });
  const old = pod('old', { readyHours: 5 });
  const failure = { reason: 'FailedCreate', message: 'exceeded quota' } as const;
  const status = planStatus(
    set(3, 60),
    { active: [fresh, old], labels: { app: 'web' }, terminating: 1, failure },
    NOW,
  );
  assert.deepEqual(status, {
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 1,
    observedGeneration: 3,
    conditions: [{ type: 'ReplicaFailure', status: 'True', lastTransitionTime: formatTime(NOW), ...failure }],
  });
  const later = { active: [], labels: {}, terminating: 0, failure: { ...failure, message: 'other' } };
  const kept = planStatus({ ...set(3), status }, later, NOW + HOUR_MS);
  assert.deepEqual(kept.conditions, status.conditions);
  const healed = planStatus({ ...set(3), status }, { ...later, failure: undefined }, NOW);
  assert.equal(healed.conditions, undefined);
});
