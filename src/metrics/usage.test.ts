import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResourceMetrics } from './exposition.ts';
import { quantitiesOf, timesOf, usageBetween } from './usage.ts';

const at = (seconds: number, cpuSeconds: number, memoryBytes = 1024) => ({
  atMs: seconds * 1000,
  cpuNanoSeconds: cpuSeconds * 1e9,
  memoryBytes,
});
const PERIOD = 15_000;

test('a rate is what was used between two points', () => {
  const usage = usageBetween(at(15, 1), at(30, 4, 5 * 2 ** 20), PERIOD, 2_000);
  assert.deepEqual(usage, { cpuNanoCores: 2e8, memoryBytes: 5 * 2 ** 20, atMs: 30_000, windowMs: 15_000 });
  assert.deepEqual(quantitiesOf(usage), { cpu: '200m', memory: '5Mi' });
  assert.deepEqual(timesOf(usage), { timestamp: '1970-01-01T00:00:30Z', window: '15s' });
  const odd = { cpuNanoCores: 1_234_567, memoryBytes: 1000, atMs: 0, windowMs: 15_043 };
  assert.deepEqual(quantitiesOf(odd), { cpu: '1234567n', memory: '1k' });
  assert.equal(timesOf(odd).window, '15.043s');
});

test('one point is enough for a container that started lately, but not at once', () => {
  assert.equal(usageBetween(undefined, at(15, 1), PERIOD, 2_000)?.windowMs, 13_000);
  assert.equal(usageBetween(undefined, at(15, 1), PERIOD, 6_000), undefined, 'too young');
  assert.equal(usageBetween(undefined, at(60, 1), PERIOD, 2_000), undefined, 'too old');
  assert.equal(usageBetween(undefined, at(15, 1), PERIOD), undefined, 'a node has no such start');
});

test('what cannot be a rate is none', () => {
  assert.equal(usageBetween(at(15, 4), at(30, 1), PERIOD), undefined, 'the counter began anew');
  assert.equal(usageBetween(at(30, 1), at(30, 1), PERIOD), undefined, 'no time has passed');
  const restarted = usageBetween(at(15, 100), at(30, 2), PERIOD, 18_000);
  assert.equal(restarted?.windowMs, 12_000, 'the point before is of another life');
});

test('what a kubelet says is read, whole measurements only', () => {
  const text = `# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="web",namespace="default",pod="web-1"} 12.5 1700000000000
container_cpu_usage_seconds_total{container="half",namespace="default",pod="web-1"} 1 1700000000000
container_memory_working_set_bytes{container="web",namespace="default",pod="web-1"} 2048 1700000000001
node_cpu_usage_seconds_total 99 1700000000002
node_memory_working_set_bytes 4.096e+03
scrape_error 0
`;
  const { node, containers } = parseResourceMetrics(text, 5);
  assert.deepEqual(node, { atMs: 1700000000002, cpuNanoSeconds: 99e9, memoryBytes: 4096 });
  assert.deepEqual(
    [...containers],
    [['default/web-1/web', { atMs: 1700000000000, cpuNanoSeconds: 12.5e9, memoryBytes: 2048 }]],
  );
});
