/** From a step of the load to the replicas that it asks for, with everything as it is by default. */

import { compare, report, type BenchResult, type Round } from './harness.ts';
import { expectOk } from './fleet.ts';
import { buildBundle, pause, startServer, type BenchServer } from './server.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const AUTOSCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const PODS = '/api/v1/namespaces/default/pods';
const USE = 'kwok.x-k8s.io/usage-cpu';
const PATIENCE_MS = 60_000;

export async function run(): Promise<BenchResult[]> {
  buildBundle();
  const server = await startServer();
  try {
    return [
      await compare({
        benchmark: 'autoscaling',
        case: 'from a step of the load to new replicas',
        unit: 's',
        better: 'less',
        rounds: 3,
        goal: 5,
        ours: () => step(server),
      }),
    ];
  } finally {
    await server.stop();
  }
}

let round = 0;

async function step(server: BenchServer): Promise<Round> {
  const name = `web-${round++}`;
  const labels = { app: name };
  const resources = { requests: { cpu: '100m' } };
  const template = {
    metadata: { labels, annotations: { [USE]: '20m' } },
    spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10', resources }] },
  };
  await expectOk(server, 'POST', DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  });
  const target = { type: 'Utilization', averageUtilization: 50 };
  await expectOk(server, 'POST', AUTOSCALERS, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  });
  await until(async () => (await read<Autoscaler>(server, `${AUTOSCALERS}/${name}`)).status?.currentMetrics);
  const { items } = await read<Pods>(server, `${PODS}?labelSelector=app%3D${name}`);
  const began = performance.now();
  for (const { metadata } of items) {
    const patch = { metadata: { annotations: { [USE]: '200m' } } };
    await expectOk(server, 'PATCH', `${PODS}/${metadata.name}`, patch);
  }
  await until(async () => (await read<Deployment>(server, `${DEPLOYMENTS}/${name}`)).spec.replicas > 1);
  return { value: (performance.now() - began) / 1000 };
}

interface Autoscaler {
  readonly status?: { readonly currentMetrics?: readonly unknown[] };
}

interface Pods {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

interface Deployment {
  readonly spec: { readonly replicas: number };
}

async function read<T>(server: BenchServer, path: string): Promise<T> {
  return JSON.parse(await expectOk(server, 'GET', path)) as T;
}

async function until(isTrue: () => Promise<unknown>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await pause(50))
    if (await isTrue()) return;
  throw new Error(`it did not come within ${PATIENCE_MS / 1000} s`);
}

if (import.meta.main) report(await run());
