/**
 * Generated lives of pods under Stages, with caches that lag, lost races and crashes between any two writes.
 * Every stage appends a letter, so a stage that was played twice, too early or out of order would show; at
 * the end every pod has come all the way.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../base/games.fixture.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { objectKey } from '../api/meta/object.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../controllers/cluster.fixture.ts';
import type { ControllerDefinition } from '../reconcile/controller.ts';
import { compileStage, type CompiledStage } from '../fleet/stages/compile.ts';
import { StagePlayer } from '../fleet/stages/player.ts';
import type { StageSpec } from '../fleet/stages/stage.ts';

const PATH = 'abc';
const MINUTE_MS = 60_000;

function stageOf(letter: string, i: number): CompiledStage {
  const before = PATH.slice(0, i);
  const key = '.metadata.annotations.trace';
  const isNext = i === 0 ? { key, operator: 'DoesNotExist' } : { key, operator: 'In', values: [before] };
  const spec: StageSpec = {
    resourceRef: { kind: 'Pod' },
    selector: {
      matchExpressions: [isNext, { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' }],
    },
    delay: { durationMilliseconds: i * 1_000, jitterDurationMilliseconds: i * 2_000 },
    next: {
      finalizers: i === 0 ? { add: [{ value: 'x.io/hold' }] } : { empty: i === PATH.length - 1 },
      patches: [
        {
          root: 'metadata',
          type: 'merge',
          template: `annotations: { trace: {{ print (or .metadata.annotations.trace "") "${letter}" | Quote }} }`,
        },
      ],
    },
  };
  const outcome = compileStage({ apiVersion: '', kind: 'Stage', metadata: { name: letter }, spec });
  assert.ok(outcome.ok);
  return outcome.stage;
}

const STAGES = PATH.split('').map(stageOf);

const playing: ControllerDefinition = {
  name: 'playing',
  permissions: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'patch', 'watch'] }],
  workers: 4,
  build: (context, enqueue) => {
    const all = context.informers.of(pods);
    const player = new StagePlayer(context, pods);
    all.subscribe((next, _old, key) => (next === undefined ? player.forget(key) : enqueue(key)));
    return {
      reconcile: async (key) => {
        const pod = all.getByKey(key);
        return pod === undefined ? {} : player.step(pod, STAGES, {});
      },
    };
  },
};

type Op =
  | { readonly type: 'create' | 'touch' | 'delete'; readonly pod: number }
  | { readonly type: 'crash' | 'refuse'; readonly writes: number }
  | { readonly type: 'restart' };

const pod = fc.nat(2);
const OP: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('create' as const), pod }) },
  fc.record({ type: fc.constantFrom('touch' as const, 'delete' as const), pod }),
  fc.record({ type: fc.constantFrom('crash' as const, 'refuse' as const), writes: fc.nat(3) }),
  fc.constant({ type: 'restart' as const }),
);

async function act(cluster: TestCluster, op: Op, serial: number): Promise<unknown> {
  const { client } = cluster;
  switch (op.type) {
    case 'create':
      return client
        .create(pods, {
          metadata: { name: `p${op.pod}`, namespace: 'default' },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        })
        .catch(() => undefined);
    case 'touch': {
      const body = { metadata: { labels: { touched: String(serial) } } };
      const ref = { namespace: 'default', name: `p${op.pod}` };
      return unlessGone(client.patch(pods, ref, { type: 'merge', body }));
    }
    case 'delete': {
      const ref = { namespace: 'default', name: `p${op.pod}` };
      return unlessGone(client.delete(pods, ref, { gracePeriodSeconds: 0 }));
    }
    case 'crash':
      return cluster.crash(op.writes);
    case 'refuse':
      return cluster.refuse(op.writes);
    case 'restart':
      return cluster.restart();
  }
}

test('every stage is played once, in order, whatever happens', async () => {
  const step = fc.record({ op: OP, waitMs: fc.constantFrom(0, 20, 400, 1_500) });
  const life = fc.record({
    lagMs: fc.constantFrom(0, 100, 300),
    steps: fc.array(step, { minLength: 4, maxLength: 20 }),
  });
  const property = fc.asyncProperty(life, async ({ lagMs, steps }) => {
    let cluster: TestCluster | undefined;
    const afterWrite = async (): Promise<void> => {
      for (const { metadata } of (await cluster?.client.list(pods))?.items ?? []) {
        const { trace = '' } = metadata.annotations ?? {};
        assert.ok(PATH.startsWith(trace), `${objectKey({ metadata })} came by ${trace}`);
      }
    };
    cluster = await startTestCluster([playing], { lagMs, afterWrite });
    try {
      for (const [i, { op, waitMs }] of steps.entries()) {
        await act(cluster, op, i);
        await cluster.host.clock.advance(waitMs);
      }
      await cluster.restart();
      await cluster.advance(5 * MINUTE_MS);
      for (const { metadata } of (await cluster.client.list(pods)).items) {
        if (metadata.deletionTimestamp !== undefined) continue;
        assert.equal(metadata.annotations?.['trace'], PATH, metadata.name ?? '');
        assert.deepEqual(metadata.finalizers ?? [], []);
      }
    } finally {
      await cluster.stop();
    }
  });
  await fc.assert(property, games(40));
});
