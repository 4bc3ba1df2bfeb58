/**
 * Reads what a kubelet says at `/metrics/resource`; pure. Names and labels are upstream's, so that a kubelet of
 * theirs reads the same.
 *
 *     container_cpu_usage_seconds_total{container="web",namespace="default",pod="web-1"} 12.5 1700000000000
 */

/** What was counted until a moment. */
export interface Point {
  readonly atMs: number;
  readonly cpuNanoSeconds: number;
  readonly memoryBytes: number;
}

export interface NodePoints {
  /** Undefined: it did not say. */
  readonly node: Point | undefined;
  /** By `containerKey`. */
  readonly containers: ReadonlyMap<string, Point>;
}

export function containerKey(namespace: string, pod: string, container: string): string {
  return `${namespace}/${pod}/${container}`;
}

interface Sample {
  readonly value: number;
  readonly atMs: number;
}

const LINE = /^([a-z_]+)(?:\{([^}]*)\})?\s+(\S+)(?:\s+(-?\d+)(?:\.\d+)?)?$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** `nowMs` stands for times that are not said. Lines that are none of these metrics are left out. */
export function parseResourceMetrics(text: string, nowMs: number): NodePoints {
  const cpu = new Map<string, Sample>();
  const memory = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value = '', at] = LINE.exec(line) ?? [];
    const sample = { value: Number(value), atMs: at === undefined ? nowMs : Number(at) };
    if (!Number.isFinite(sample.value)) continue;
    switch (name) {
      case 'node_cpu_usage_seconds_total':
        cpu.set('', sample);
        break;
      case 'node_memory_working_set_bytes':
        memory.set('', sample.value);
        break;
      case 'container_cpu_usage_seconds_total':
        cpu.set(keyOf(labels), sample);
        break;
      case 'container_memory_working_set_bytes':
        memory.set(keyOf(labels), sample.value);
        break;
      default:
    }
  }
  const points = new Map<string, Point>();
  for (const [key, { value, atMs }] of cpu) {
    const memoryBytes = memory.get(key);
    // Half a measurement is none, as metrics-server sees it.
    if (memoryBytes === undefined) continue;
    points.set(key, { atMs, cpuNanoSeconds: Math.round(value * 1e9), memoryBytes });
  }
  const node = points.get('');
  points.delete('');
  return { node, containers: points };
}

function keyOf(text: string): string {
  const labels = new Map([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, value]));
  const of = (name: string): string => labels.get(name) ?? '';
  return containerKey(of('namespace'), of('pod'), of('container'));
}
