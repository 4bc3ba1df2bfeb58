/**
 * The largest cluster that Kubernetes supports, and how it feels meanwhile: nodes of a fleet, two services a
 * node, and pods created over HTTPS at a steady rate until the cluster is full.
 * `node bench/density.ts [NODES] [PODS] [RATE]`; 5,000 nodes, 150,000 pods and 1,010 pods a second when nothing
 * is said, so that 1,000 a second run when the last one has to be waited for, too.
 */

import { quantile, report, type BenchResult } from './harness.ts';
import { expectOk, fleetPod, makeNodes } from './fleet.ts';
import { buildBundle, open, pause, request, startServer, type BenchServer } from './server.ts';

export interface DensityOptions {
  readonly nodes?: number;
  readonly pods?: number;
  /** Pods created per second. */
  readonly rate?: number;
}

export const SERVICES_PER_NODE = 2;
/** Upstream's limit is 3,000. */
export const PODS_IN_NAMESPACE = 2500;
const USUAL_RATE = 1010;
const RUNNING_GOAL = 1000;
const AT_ONCE = 100;
const TICK_MS = 10;
const PROBE_MS = 20;
const STALLED_MS = 60_000;
/** A server that has just begun to make pods runs code that is not compiled yet; what comes later is told apart. */
const BEGINNING_MS = 10_000;
/** Creations that wait for their answer; with more the server is behind, and the rate falls. */
const OUTSTANDING_MAX = 500;

export async function run(options: DensityOptions = {}): Promise<BenchResult[]> {
  const { nodes = 5000, pods = 150_000, rate = USUAL_RATE } = options;
  buildBundle();
  const server = await startServer();
  try {
    await makeNodes(server, nodes);
    await makeNamespaces(server, Math.ceil(pods / PODS_IN_NAMESPACE), nodes * SERVICES_PER_NODE);
    return await fill(server, `${nodes} nodes, ${pods} pods`, pods, rate);
  } finally {
    await server.stop();
  }
}

async function fill(server: BenchServer, name: string, pods: number, rate: number): Promise<BenchResult[]> {
  const startups = await watchStartups(server);
  const probes = await probe(server);
  const cpuBefore = server.cpuSeconds();
  const began = performance.now();
  const creations = await createPods(server, startups, pods, rate);
  for (let seen = -1; startups.waits.length < pods; await pause(100)) {
    if (performance.now() - startups.lastAt > STALLED_MS) throw new Error(`only ${seen} pods run`);
    seen = startups.waits.length;
  }
  const seconds = (performance.now() - began) / 1000;
  const cpuSeconds = server.cpuSeconds() - cpuBefore;
  startups.stop();
  const answers = await probes.stop();
  const result = (of: string, unit: string, value: number, goal: number, extra = {}): BenchResult => ({
    benchmark: 'density',
    case: `${name}: ${of}`,
    unit,
    better: unit === 'pods/s' ? 'more' : 'less',
    ours: { median: value, rounds: [value] },
    goal,
    extra,
  });
  const p99 = (of: string, all: readonly Wait[], goal: number): BenchResult => {
    const values = all.map(({ ms }) => ms);
    const later = all.filter(({ fromMs }) => fromMs - began > BEGINNING_MS).map(({ ms }) => ms);
    return result(`${of}, p99`, 'ms', quantile(values, 0.99), goal, {
      'p50 ms': quantile(values, 0.5),
      [`p99 ms after ${BEGINNING_MS / 1000} s`]: quantile(later, 0.99),
    });
  };
  return [
    result('Running', 'pods/s', pods / seconds, Math.min(rate, RUNNING_GOAL), {
      'cpu µs per pod': (cpuSeconds * 1e6) / pods,
    }),
    p99('from creation to a watcher that sees it Running', startups.waits, 500),
    p99('creation', creations, 100),
    p99('a health check', answers, 50),
    result('resident', 'MB', server.residentMegabytes(), 2500),
  ];
}

/** Returns when every service has its slice: what is measured is the pods. */
export async function makeNamespaces(
  server: BenchServer,
  namespaces: number,
  services: number,
): Promise<void> {
  for (let i = 0; i < namespaces; i++) {
    const metadata = { name: `group-${i}` };
    await expectOk(server, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  let next = 0;
  const create = async (): Promise<void> => {
    while (next < services) {
      const i = next++;
      const metadata = { name: `service-${i}` };
      const spec = { selector: { app: `app-${i}` }, ports: [{ port: 80 }] };
      const path = `/api/v1/namespaces/group-${i % namespaces}/services`;
      await expectOk(server, 'POST', path, { apiVersion: 'v1', kind: 'Service', metadata, spec });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, create));
  for (const path of ['/apis/discovery.k8s.io/v1/endpointslices', '/api/v1/endpoints'])
    while ((await count(server, path)) < services) await pause(100);
}

async function count(server: BenchServer, path: string): Promise<number> {
  const { items, metadata } = JSON.parse(await expectOk(server, 'GET', `${path}?limit=1`)) as {
    items: readonly unknown[];
    metadata: { remainingItemCount?: number };
  };
  return items.length + (metadata.remainingItemCount ?? 0);
}

interface Wait {
  /** When it began, by `performance.now()`. */
  readonly fromMs: number;
  readonly ms: number;
}

/** How long the answers took. */
async function createPods(
  server: BenchServer,
  startups: Startups,
  pods: number,
  rate: number,
): Promise<readonly Wait[]> {
  const latencies: Wait[] = [];
  let outstanding = 0;
  let failure: unknown;
  const create = async (i: number): Promise<void> => {
    const sentAt = performance.now();
    startups.sentAt.set(`pod-${i}`, sentAt);
    const path = `/api/v1/namespaces/group-${Math.floor(i / PODS_IN_NAMESPACE)}/pods`;
    await expectOk(server, 'POST', path, fleetPod(i, `app-${i % 1000}`));
    latencies.push({ fromMs: sentAt, ms: performance.now() - sentAt });
  };
  const began = performance.now();
  for (let next = 0; next < pods; await pause(TICK_MS)) {
    const due = Math.min(pods, Math.ceil(((performance.now() - began) * rate) / 1000));
    for (; next < due && outstanding < OUTSTANDING_MAX; next++) {
      outstanding++;
      create(next)
        .catch((error: unknown) => (failure ??= error))
        .finally(() => outstanding--);
    }
    if (failure !== undefined) throw failure;
  }
  while (outstanding > 0) await pause(TICK_MS);
  return latencies;
}

interface Startups {
  readonly sentAt: Map<string, number>;
  readonly waits: Wait[];
  lastAt: number;
  stop(): void;
}

/** Watches all pods, and notes when each is seen Running for the first time. */
async function watchStartups(server: BenchServer): Promise<Startups> {
  const session = await open(server.url, server.credentials);
  const startups: Startups = {
    sentAt: new Map(),
    waits: [],
    lastAt: performance.now(),
    stop: () => session.destroy(),
  };
  const stream = session.request({ ':path': '/api/v1/pods?watch=true&resourceVersion=0' });
  stream.setEncoding('utf8');
  let rest = '';
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.includes('"phase":"Running"')) continue;
      const name = /"name":"([^"]+)"/.exec(line)?.[1] ?? '';
      const sentAt = startups.sentAt.get(name);
      if (sentAt === undefined) continue;
      startups.sentAt.delete(name);
      startups.lastAt = performance.now();
      startups.waits.push({ fromMs: sentAt, ms: startups.lastAt - sentAt });
    }
  });
  return startups;
}

/** How long a request waits that costs nothing itself: what the event loop makes everyone wait. */
async function probe(server: BenchServer): Promise<{ stop(): Promise<readonly Wait[]> }> {
  const session = await open(server.url, server.credentials);
  const answers: Wait[] = [];
  let isStopped = false;
  const probing = (async () => {
    for (; !isStopped; await pause(PROBE_MS)) {
      const askedAt = performance.now();
      await request(session, 'GET', '/livez');
      answers.push({ fromMs: askedAt, ms: performance.now() - askedAt });
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await probing;
      session.destroy();
      return answers;
    },
  };
}

if (import.meta.main) {
  const [nodes, pods, rate] = process.argv.slice(2).map(Number);
  report(await run({ ...(nodes && { nodes }), ...(pods && { pods }), ...(rate && { rate }) }));
}
