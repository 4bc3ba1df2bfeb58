import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { defaultBehavior } from '../../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior } from '../../api/types.gen.ts';
import { limit, NO_HISTORY, remember, rememberChange, type History, type Limited } from './limits.ts';

type Spec = HorizontalPodAutoscaler['spec'];

const specOf = (
  minReplicas: number,
  maxReplicas: number,
  behavior?: HorizontalPodAutoscalerBehavior,
): Spec => ({
  scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' },
  minReplicas,
  maxReplicas,
  ...(behavior === undefined ? {} : { behavior: defaultBehavior(behavior) }),
});

/** Follows a series of recommendations, 15 s apart, as the controller does. */
function follow(spec: Spec, from: number, recommendations: readonly number[]): readonly Limited[] {
  let history: History = { ...NO_HISTORY, recommendations: [{ replicas: from, atMs: 0 }] };
  let current = from;
  return recommendations.map((recommended, i) => {
    const input = { spec, current, recommended, history, nowMs: i * 15_000 };
    const limited = limit(input);
    history = remember(input);
    const change = limited.replicas - current;
    if (change !== 0) history = rememberChange(history, spec, change, input.nowMs);
    current = limited.replicas;
    return limited;
  });
}

const counts = (limited: readonly Limited[]): readonly number[] => limited.map(({ replicas }) => replicas);

test('without rules: up at most twofold, down only after five minutes', () => {
  assert.deepEqual(counts(follow(specOf(1, 100), 1, [50, 50, 50, 50, 50, 50])), [4, 8, 16, 32, 50, 50]);
  const down = counts(
    follow(
      specOf(1, 100),
      10,
      Array.from({ length: 24 }, () => 4),
    ),
  );
  assert.deepEqual(
    down.slice(0, 21),
    Array.from({ length: 21 }, () => 10),
  );
  assert.equal(down[21], 4);
});

test('reasons', () => {
  const reasons = (limited: Limited | undefined): readonly unknown[] => [
    limited?.ableToScale.reason,
    limited?.scalingLimited.reason,
    limited?.scalingLimited.isLimited,
  ];
  const first = (spec: Spec, from: number, wanted: number) => reasons(follow(spec, from, [wanted])[0]);
  assert.deepEqual(first(specOf(1, 10), 3, 3), ['ReadyForNewScale', 'DesiredWithinRange', false]);
  assert.deepEqual(first(specOf(1, 10), 3, 20), ['ReadyForNewScale', 'ScaleUpLimit', true]);
  assert.deepEqual(first(specOf(1, 5), 3, 20), ['ReadyForNewScale', 'TooManyReplicas', true]);
  assert.deepEqual(first(specOf(3, 10), 3, 1), ['ScaleDownStabilized', 'DesiredWithinRange', false]);
  const quick = { scaleDown: { stabilizationWindowSeconds: 0 } };
  assert.deepEqual(first(specOf(3, 10, quick), 5, 1), ['ReadyForNewScale', 'TooFewReplicas', true]);
  const slow = {
    scaleDown: { ...quick.scaleDown, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
  };
  assert.deepEqual(first(specOf(1, 10, slow), 5, 1), ['ReadyForNewScale', 'ScaleDownLimit', true]);
  const calm = { scaleUp: { stabilizationWindowSeconds: 60 } };
  assert.deepEqual(first(specOf(1, 10, calm), 2, 4), ['ScaleUpStabilized', 'DesiredWithinRange', false]);
});

test('policies count what was done in their period', () => {
  const up = { scaleUp: { policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] } };
  assert.deepEqual(
    counts(
      follow(
        specOf(1, 100, up),
        1,
        Array.from({ length: 9 }, () => 9),
      ),
    ),
    [3, 3, 3, 3, 5, 5, 5, 5, 7],
  );
  const both = (selectPolicy: string) => ({
    scaleUp: {
      selectPolicy,
      policies: [
        { type: 'Pods', value: 1, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
  });
  assert.deepEqual(counts(follow(specOf(1, 100, both('Max')), 2, [50, 50, 50])), [4, 8, 16]);
  assert.deepEqual(counts(follow(specOf(1, 100, both('Min')), 2, [50, 50, 50])), [3, 4, 5]);
  assert.deepEqual(counts(follow(specOf(1, 100, both('Disabled')), 2, [50, 50, 50])), [2, 2, 2]);
  const down = {
    scaleDown: {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 10, periodSeconds: 15 }],
    },
  };
  assert.deepEqual(counts(follow(specOf(1, 100, down), 10, [1, 1, 1])), [9, 8, 7]);
});

const rules = fc.record(
  {
    stabilizationWindowSeconds: fc.integer({ min: 0, max: 600 }),
    selectPolicy: fc.constantFrom('Max', 'Min', 'Disabled'),
    policies: fc.array(
      fc.record({
        type: fc.constantFrom('Pods', 'Percent'),
        value: fc.integer({ min: 1, max: 200 }),
        periodSeconds: fc.integer({ min: 1, max: 300 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
);
const bounds = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 60 }))
  .map(([min, more]): readonly [number, number] => [min, min + more]);
const behaviors = fc.option(fc.record({ scaleUp: rules, scaleDown: rules }, { requiredKeys: [] }), {
  nil: undefined,
});
const series = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 60 });

test('it never leaves its bounds', () => {
  fc.assert(
    fc.property(bounds, behaviors, series, fc.nat(), ([min, max], behavior, wanted, seed) => {
      const from = min + (seed % (max - min + 1));
      for (const replicas of counts(follow(specOf(min, max, behavior), from, wanted))) {
        assert.ok(replicas >= min && replicas <= max, `${replicas} of ${min} to ${max}`);
      }
    }),
    games(),
  );
});

test('it never goes below what was asked for within the window, nor above it', () => {
  fc.assert(
    fc.property(bounds, behaviors, series, ([min, max], behavior, wanted) => {
      const spec = specOf(min, max, behavior);
      const downSteps = (spec.behavior?.scaleDown?.stabilizationWindowSeconds ?? 300) / 15;
      const upSteps = (spec.behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) / 15;
      let before = min;
      counts(follow(spec, min, wanted)).forEach((replicas, i) => {
        const within = (steps: number) => wanted.filter((_, at) => at <= i && at > i - Math.max(steps, 1));
        const inBounds = (count: number): number => Math.min(Math.max(count, min), max);
        if (replicas < before) assert.ok(replicas >= inBounds(Math.max(...within(downSteps))));
        // Without rules nothing holds growth back but its speed.
        if (replicas > before && behavior !== undefined)
          assert.ok(replicas <= inBounds(Math.min(...within(upSteps))));
        before = replicas;
      });
    }),
    games(),
  );
});

test('it gets to what is asked for steadily, unless a direction is disabled', () => {
  fc.assert(
    fc.property(bounds, behaviors, series, fc.nat(200), ([min, max], behavior, wanted, last) => {
      const isDisabled = [behavior?.scaleUp, behavior?.scaleDown].some(
        (one) => one?.selectPolicy === 'Disabled',
      );
      const longest = Array.from({ length: 2_000 }, () => last);
      const end = counts(follow(specOf(min, max, behavior), min, [...wanted, ...longest])).at(-1);
      if (!isDisabled) assert.equal(end, Math.min(Math.max(last, min), max));
    }),
    games(30),
  );
});
