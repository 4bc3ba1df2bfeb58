/**
 * How the cost of a pod (created, decided, bound, on a durable store) grows with the cluster, from 100 to
 * 20,000 nodes: processor time, drawn into `docs/growth.svg`. `node bench/growth.ts [NODES...]`
 */

import { writeFileSync } from 'node:fs';
import { report, type BenchResult } from './harness.ts';
import { runApart } from './scheduler-perf.ts';

const NODES: readonly number[] = [100, 1000, 5000, 10_000, 20_000];
const PODS = 3000;
const CASES: readonly (readonly [name: string, workload: string])[] = [
  ['SchedulingBasic', '5000Nodes_10000Pods'],
  ['TopologySpreading', '5000Nodes_5000Pods'],
  ['SchedulingPodAffinity', '5000Nodes_5000Pods'],
  ['SchedulingPreferredPodAntiAffinity', '5000Nodes_5000Pods'],
];

interface Line {
  readonly name: string;
  /** Nodes, and microseconds a pod. */
  readonly points: readonly (readonly [number, number])[];
}

export async function run(sizes: readonly number[] = NODES): Promise<BenchResult[]> {
  const lines: Line[] = [];
  for (const [name, workload] of CASES) {
    const points: (readonly [number, number])[] = [];
    for (const initNodes of sizes) {
      const params = { initNodes, initPods: initNodes, measurePods: PODS };
      const { cpuSeconds } = await runApart(name, workload, params);
      points.push([initNodes, (cpuSeconds * 1e6) / PODS]);
    }
    lines.push({ name, points });
  }
  writeFileSync(new URL('../docs/growth.svg', import.meta.url), drawing(lines));
  return lines.flatMap(({ name, points }) =>
    points.map(([nodes, value]) => ({
      benchmark: 'growth',
      case: `${name}, ${nodes} nodes`,
      unit: 'µs/pod',
      better: 'less' as const,
      ours: { median: value, rounds: [value] },
    })),
  );
}

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 70;
const BOTTOM = 50;
const TOP = 30;
const LEGEND = 230;
const COLOURS: readonly string[] = ['#1b6ac9', '#c9441b', '#2a8f45', '#7a3fb0'];

/** Both axes are logarithmic: a straight slope of 1 would be growth in step with the cluster. */
function drawing(lines: readonly Line[]): string {
  const all = lines.flatMap(({ points }) => points);
  const [nodes, costs] = [all.map(([n]) => n), all.map(([, cost]) => cost)];
  const scale = (low: number, high: number, from: number, to: number) => (value: number) =>
    from + ((Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low) || 1)) * (to - from);
  const x = scale(Math.min(...nodes), Math.max(...nodes), LEFT, WIDTH - LEGEND);
  const [low, high] = [
    10 ** Math.floor(Math.log10(Math.min(...costs))),
    10 ** Math.ceil(Math.log10(Math.max(...costs))),
  ];
  const y = scale(low, high, HEIGHT - BOTTOM, TOP);
  const text = (at: number, height: number, content: string, anchor = 'middle'): string =>
    `<text x="${at.toFixed(0)}" y="${height.toFixed(0)}" text-anchor="${anchor}">${content}</text>`;
  const ticks = [...new Set(nodes)].map((n) => text(x(n), HEIGHT - BOTTOM + 20, n.toLocaleString('en')));
  const grid: string[] = [];
  for (let cost = low; cost <= high; cost *= 10) {
    grid.push(`<path d="M${LEFT} ${y(cost).toFixed(0)}H${WIDTH - LEGEND}" stroke="#ddd"/>`);
    grid.push(text(LEFT - 8, y(cost) + 4, cost.toLocaleString('en'), 'end'));
  }
  const drawn = lines.map(({ name, points }, i) => {
    const path = points.map(([n, cost]) => `${x(n).toFixed(1)} ${y(cost).toFixed(1)}`).join('L');
    const colour = COLOURS[i % COLOURS.length] ?? '';
    const height = TOP + 20 + i * 20;
    return [
      `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<path d="M${WIDTH - LEGEND + 12} ${height - 4}h16" stroke="${colour}" stroke-width="2"/>`,
      text(WIDTH - LEGEND + 34, height, name, 'start'),
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...grid,
    ...ticks,
    text((LEFT + WIDTH - LEGEND) / 2, HEIGHT - 8, 'nodes'),
    text(LEFT, TOP - 12, 'processor time a pod, µs', 'start'),
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

if (import.meta.main) {
  const sizes = process.argv.slice(2).map(Number);
  report(await run(sizes.length > 0 ? sizes : NODES));
}
