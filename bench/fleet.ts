/**
 * The case by which kwok's CI judges kwok: 5,000 nodes Ready, 10,000 pods Running on them, 10,000 pods deleted,
 * over HTTPS against the built server. Its floors are 60, 60 and 90 seconds; ours a tenth of them.
 */

import { compare, report, type BenchResult, type Round } from './harness.ts';
import { buildBundle, pause, request, startServer, type BenchServer } from './server.ts';
import { nodeFleetDefinition } from '../src/fleet/definition.ts';
import { nodeFleets } from '../src/fleet/node-fleet.ts';

const NODES = 5000;
const PODS = 10_000;
const CREATING = 100;
const PODS_PATH = '/api/v1/namespaces/default/pods';
const FLEETS_PATH = `/apis/${nodeFleets.group}/${nodeFleets.version}/${nodeFleets.plural}`;

export async function run(): Promise<BenchResult[]> {
  buildBundle();
  const server = await startServer();
  try {
    const phases = [
      { case: `${NODES} nodes Ready`, goal: 6, run: () => makeNodes(server, NODES) },
      { case: `${PODS} pods Running`, goal: 10, run: () => runPods(server) },
      { case: `${PODS} pods deleted`, goal: 9, run: () => deletePods(server) },
    ];
    const results: BenchResult[] = [];
    for (const { run, ...one } of phases) {
      const shared = { benchmark: 'fleet', unit: 's', better: 'less', rounds: 1 } as const;
      results.push(await compare({ ...shared, ...one, ours: () => timed(server, run) }));
    }
    return results;
  } finally {
    await server.stop();
  }
}

async function timed(server: BenchServer, work: () => Promise<void>): Promise<Round> {
  const cpu = server.cpuSeconds();
  const version = await versionOf(server);
  const began = performance.now();
  await work();
  const value = (performance.now() - began) / 1000;
  const extra = {
    'cpu s': server.cpuSeconds() - cpu,
    writes: (await versionOf(server)) - version,
    'resident MB': server.residentMegabytes(),
  };
  return { value, extra };
}

/** Counts up with every write. */
async function versionOf(server: BenchServer): Promise<number> {
  const { metadata } = JSON.parse(await expectOk(server, 'GET', '/api/v1/namespaces?limit=1')) as {
    metadata: { resourceVersion: string };
  };
  return Number(metadata.resourceVersion);
}

export async function expectOk(
  { session }: BenchServer,
  method: string,
  path: string,
  body?: object,
): Promise<string> {
  const answer = await request(session, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.body}`);
  return answer.body;
}

/** Returns when all are Ready. */
export async function makeNodes(server: BenchServer, nodes: number): Promise<void> {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await expectOk(server, 'POST', definitions, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    ...nodeFleetDefinition(),
  });
  const fleet = {
    apiVersion: `${nodeFleets.group}/${nodeFleets.version}`,
    kind: nodeFleets.kind,
    metadata: { name: 'fleet' },
    spec: { replicas: nodes, zones: ['a', 'b', 'c'] },
  };
  for (;;) {
    const { status } = await request(server.session, 'POST', FLEETS_PATH, fleet);
    if (status === 201) break;
    await pause(20);
  }
  for (;;) {
    const { status } = JSON.parse(await expectOk(server, 'GET', `${FLEETS_PATH}/fleet`)) as {
      status?: { readyReplicas?: number };
    };
    if (status?.readyReplicas === nodes) return;
    await pause(50);
  }
}

export function fleetPod(i: number, app: string): object {
  const requests = { cpu: '10m' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${i}`, labels: { app } },
    spec: {
      containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10', resources: { requests } }],
      nodeSelector: { 'fleet.k8ts.dev/name': 'fleet' },
    },
  };
}

async function runPods(server: BenchServer): Promise<void> {
  let next = 0;
  const create = async (): Promise<void> => {
    while (next < PODS) await expectOk(server, 'POST', PODS_PATH, fleetPod(next++, 'fleet'));
  };
  await Promise.all(Array.from({ length: CREATING }, create));
  await untilNone(server, 'fieldSelector=status.phase!%3DRunning');
}

async function deletePods(server: BenchServer): Promise<void> {
  await expectOk(server, 'DELETE', `${PODS_PATH}?labelSelector=app%3Dfleet`);
  await untilNone(server, 'labelSelector=app%3Dfleet');
}

/** Asks for one at a time, so that asking costs the server little. */
async function untilNone(server: BenchServer, selection: string): Promise<void> {
  for (;;) {
    const answer = JSON.parse(await expectOk(server, 'GET', `${PODS_PATH}?limit=1&${selection}`)) as {
      items: unknown[];
      metadata: { continue?: string };
    };
    if (answer.items.length === 0 && (answer.metadata.continue ?? '') === '') return;
    await pause(100);
  }
}

if (import.meta.main) report(await run());
