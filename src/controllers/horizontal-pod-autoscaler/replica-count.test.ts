/** Cases in the manner of upstream's `replica_calculator_test.go`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../../api/time/time.ts';
import type { Pod } from '../../api/types.gen.ts';
import {
  countByAverage,
  countByShare,
  countByUtilization,
  countByValue,
  type PodCountInput,
  type PodMetric,
} from './replica-count.ts';

const NOW_MS = 3_600_000;
const TOLERANCES = { up: 0.1, down: 0.1 };

interface Shape {
  /** Thousandths; absent: none are known. */
  readonly used?: number;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly startedAgoMs?: number;
  readonly changedAgoMs?: number;
  readonly isLeaving?: boolean;
}

const HOUR = 3_600_000;

function podOf(index: number, shape: Shape): Pod {
  const { phase = 'Running', ready = true, startedAgoMs = HOUR, changedAgoMs = HOUR, isLeaving } = shape;
  return {
    metadata: { name: `p${index}`, ...(isLeaving === true ? { deletionTimestamp: formatTime(NOW_MS) } : {}) },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1', memory: '1k' } } }] },
    status: {
      phase,
      startTime: formatTime(NOW_MS - startedAgoMs),
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: formatTime(NOW_MS - changedAgoMs),
        },
      ],
    },
  } as unknown as Pod;
}

function inputOf(shapes: readonly Shape[], change: Partial<PodCountInput> = {}): PodCountInput {
  const metrics = shapes.flatMap(({ used }, i): [string, PodMetric][] =>
    used === undefined ? [] : [[`p${i}`, { milli: used, atMs: NOW_MS, windowMs: 15_000 }]],
  );
  return {
    currentReplicas: shapes.length,
    pods: shapes.map((shape, i) => podOf(i, shape)),
    metrics: new Map(metrics),
    resource: 'cpu',
    tolerances: TOLERANCES,
    nowMs: NOW_MS,
    ...change,
  };
}

const used = (...values: readonly number[]): readonly Shape[] => values.map((value) => ({ used: value }));
const PENDING: Shape = { phase: 'Pending' };
const NO_METRICS: Shape = {};

test('utilization: how many replicas', () => {
  const cases: readonly [string, readonly Shape[], target: number, replicas: number][] = [
    ['above', used(300, 500, 700), 30, 5],
    ['below', used(100, 300, 500, 250, 250), 50, 3],
    ['within the tolerance', used(1010, 1030, 1020), 100, 3],
    ['pods that leave or failed do not count', [...used(900), { used: 900, isLeaving: true }, { phase: 'Failed' }], 50, 2],
    ['a pending pod holds back growth', [...used(300, 500, 700), PENDING], 30, 5],
    ['an unready pod holds back growth', [{ used: 400, ready: false, startedAgoMs: 60_000 }, ...used(700, 700)], 35, 4],
    ['one that was ready once counts', [{ used: 100, ready: false, changedAgoMs: 1000 }, ...used(700)], 40, 2],
    ['a fresh sample of a young pod does not count', [{ used: 5000, startedAgoMs: 60_000, changedAgoMs: 5000 }, ...used(500)], 50, 2],
    ['a young pod counts after a whole window', [{ used: 1500, startedAgoMs: 60_000, changedAgoMs: 30_000 }, ...used(500)], 50, 4],
    ['unknown ones count as nothing on the way up', [...used(800, 800, 800), NO_METRICS], 50, 5],
    ['unknown ones count as all on the way down', [...used(400, 400, 400), NO_METRICS], 50, 4],
    ['unknown ones do not turn the direction', [...used(450, 450), NO_METRICS, NO_METRICS, NO_METRICS], 50, 5],
    ['above 100 percent, unknown ones count as on target', [...used(1000, 1000), NO_METRICS], 300, 2],
  ]; // prettier-ignore
  for (const [what, shapes, target, replicas] of cases) {
    const outcome = countByUtilization(inputOf(shapes), target, '');
    assert.ok(outcome.ok, what);
    assert.equal(outcome.count.replicas, replicas, what);
  }
});

test('utilization: what the status says, and why there is nothing to say', () => {
  const outcome = countByUtilization(inputOf(used(300, 500, 700)), 30, '');
  assert.deepEqual(outcome, { ok: true, count: { replicas: 5, milli: 500, utilization: 50 } });
  const why = (input: PodCountInput, container = ''): string => {
    const failed = countByUtilization(input, 50, container);
    return failed.ok ? 'it did not fail' : failed.error;
  };
  assert.equal(why(inputOf([])), 'no pods returned by selector while calculating replica count');
  assert.equal(
    why(inputOf([PENDING, NO_METRICS])),
    'did not receive metrics for targeted pods (pods might be unready)',
  );
  const disk = inputOf(used(1), { resource: 'ephemeral-storage' });
  assert.equal(why(disk), 'missing request for ephemeral-storage in container c of Pod p0');
  assert.equal(why(inputOf(used(1)), 'sidecar'), 'container sidecar not found in Pod p0');
});

test('tolerances of both directions', () => {
  const count = (value: number, tolerances: PodCountInput['tolerances']): number => {
    const outcome = countByUtilization(inputOf(used(value, value), { tolerances }), 100, '');
    return outcome.ok ? outcome.count.replicas : -1;
  };
  assert.equal(count(1050, { up: 0, down: 0.1 }), 3);
  assert.equal(count(1050, TOLERANCES), 2);
  assert.equal(count(450, { up: 0.1, down: 0.6 }), 2);
  assert.equal(count(450, TOLERANCES), 1);
});

test('averages, whole values and shares', () => {
  const average = countByAverage(inputOf(used(20_000, 10_000, 30_000), { resource: '' }), 15_000);
  assert.deepEqual(average, { ok: true, count: { replicas: 4, milli: 20_000 } });
  const missing = countByAverage(inputOf([...used(5000), NO_METRICS], { resource: '' }), 10_000);
  assert.deepEqual(missing, { ok: true, count: { replicas: 2, milli: 5000 } });
  const value = (currentReplicas: number, milli: number) =>
    countByValue({ currentReplicas, pods: inputOf(used(1, 1, 1)).pods, tolerances: TOLERANCES }, milli, 1000);
  assert.deepEqual(value(3, 2000), { ok: true, count: { replicas: 6, milli: 2000 } });
  assert.deepEqual(value(3, 1090), { ok: true, count: { replicas: 3, milli: 1090 } });
  assert.deepEqual(value(0, 2500), { ok: true, count: { replicas: 3, milli: 2500 } });
  assert.deepEqual(countByShare(3, 8600, 2000, TOLERANCES), {
    ok: true,
    count: { replicas: 5, milli: 2867 },
  });
  assert.deepEqual(countByShare(4, 8600, 2000, TOLERANCES), {
    ok: true,
    count: { replicas: 4, milli: 2150 },
  });
});
