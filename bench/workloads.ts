/**
 * Much at once: thousands of Deployments rolled together beside an application that is scaled meanwhile, and
 * a namespace full of objects that goes. `node bench/workloads.ts [DEPLOYMENTS] [OBJECTS]`; 10,000 of each
 * when nothing is said.
 */

import { compare, report, type BenchResult, type Round } from './harness.ts';
import { expectOk, makeNodes } from './fleet.ts';
import { buildBundle, pause, startServer, type BenchServer } from './server.ts';

export interface WorkloadsOptions {
  readonly deployments?: number;
  readonly objects?: number;
}

const NODES = 500;
const AT_ONCE = 100;
const CROWD = 'crowd';
const OTHER = 'other';

export async function run(options: WorkloadsOptions = {}): Promise<BenchResult[]> {
  const { deployments = 10_000, objects = 10_000 } = options;
  buildBundle();
  const server = await startServer();
  const one = (name: string, unit: string, goal: number | undefined, ours: () => Promise<Round>) =>
    compare({
      benchmark: 'workloads',
      case: name,
      unit,
      better: 'less',
      rounds: 1,
      ours,
      ...(goal && { goal }),
    });
  try {
    await makeNodes(server, NODES);
    for (const name of [CROWD, OTHER]) await makeNamespace(server, name);
    return [
      await one(`${deployments} Deployments made`, 's', undefined, () =>
        timed(() => deploy(server, deployments)),
      ),
      await one(`${deployments} Deployments rolled at once`, 's', undefined, () => roll(server, deployments)),
      await one(`a namespace of ${objects} objects deleted`, 's', 10, () => emptied(server, objects)),
    ];
  } finally {
    await server.stop();
  }
}

async function timed(work: () => Promise<void>): Promise<Round> {
  const began = performance.now();
  await work();
  return { value: (performance.now() - began) / 1000 };
}

async function makeNamespace(server: BenchServer, name: string): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await expectOk(server, 'POST', '/api/v1/namespaces', namespace);
}

const deploymentsPath = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments`;

function deployment(name: string, replicas: number, image: string): object {
  const labels = { app: name };
  const requests = { cpu: '10m' };
  const containers = [{ name: 'main', image, resources: { requests } }];
  const nodeSelector = { 'fleet.k8ts.dev/name': 'fleet' };
  const template = { metadata: { labels }, spec: { containers, nodeSelector } };
  const spec = { replicas, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

async function deploy(server: BenchServer, count: number): Promise<void> {
  await inParallel(count, async (i) => {
    await expectOk(
      server,
      'POST',
      deploymentsPath(CROWD),
      deployment(`app-${i}`, 1, 'registry.k8s.io/pause:3.9'),
    );
  });
  await untilAvailable(server, count);
}

/** Beside it, an application that has nothing to do with it is scaled up and down: nobody starves. */
async function roll(server: BenchServer, count: number): Promise<Round> {
  await expectOk(server, 'POST', deploymentsPath(OTHER), deployment('calm', 1, 'registry.k8s.io/pause:3.9'));
  let isDone = false;
  const waits: number[] = [];
  const scaling = (async () => {
    for (let replicas = 5; !isDone; replicas = replicas === 5 ? 1 : 5) {
      const began = performance.now();
      const path = `${deploymentsPath(OTHER)}/calm`;
      await expectOk(server, 'PATCH', `${path}/scale`, { spec: { replicas } });
      for (let ready = -1; ready !== replicas; await pause(20)) {
        const { status } = JSON.parse(await expectOk(server, 'GET', path)) as {
          status: { readyReplicas?: number; replicas?: number };
        };
        ready = status.replicas === replicas ? (status.readyReplicas ?? 0) : -1;
      }
      waits.push((performance.now() - began) / 1000);
      await pause(200);
    }
  })();
  const { value } = await timed(async () => {
    await inParallel(count, async (i) => {
      const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }];
      const patch = { spec: { template: { spec: { containers } } } };
      await expectOk(server, 'PATCH', `${deploymentsPath(CROWD)}/app-${i}`, patch);
    });
    await untilAvailable(server, count);
  });
  isDone = true;
  await scaling;
  return { value, extra: { 'another app scaled, slowest s': Math.max(...waits) } };
}

/** Asks for those that are not there yet, one page at a time. */
async function untilAvailable(server: BenchServer, count: number): Promise<void> {
  const isThere = ({ metadata, status }: DeploymentShape): boolean =>
    status.observedGeneration === metadata.generation &&
    status.updatedReplicas === 1 &&
    status.replicas === 1 &&
    status.availableReplicas === 1;
  for (let done = 0; done < count; await pause(500)) {
    const { items } = JSON.parse(await expectOk(server, 'GET', deploymentsPath(CROWD))) as {
      items: DeploymentShape[];
    };
    done = items.filter(isThere).length;
  }
}

interface DeploymentShape {
  readonly metadata: { readonly generation: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly replicas?: number;
    readonly availableReplicas?: number;
  };
}

async function emptied(server: BenchServer, count: number): Promise<Round> {
  const name = 'full';
  await makeNamespace(server, name);
  await inParallel(count, async (i) => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${i}` }, data: { a: 'b' } };
    await expectOk(server, 'POST', `/api/v1/namespaces/${name}/configmaps`, object);
  });
  return timed(async () => {
    await expectOk(server, 'DELETE', `/api/v1/namespaces/${name}`);
    const selection = `fieldSelector=metadata.name%3D${name}`;
    for (;;) {
      const list = JSON.parse(await expectOk(server, 'GET', `/api/v1/namespaces?${selection}`)) as {
        items: unknown[];
      };
      if (list.items.length === 0) return;
      await pause(50);
    }
  });
}

async function inParallel(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

if (import.meta.main) {
  const [deployments, objects] = process.argv.slice(2).map(Number);
  report(await run({ ...(deployments && { deployments }), ...(objects && { objects }) }));
}
