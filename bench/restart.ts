/**
 * The largest cluster that Kubernetes supports, started again: how long from the start of the process until
 * `/readyz` says ok, with everything read from disk; and then, until controllers and scheduler have listed what
 * there is, how long the API takes to answer.
 *
 * Nodes, namespaces and services are made by a server; so is one pod, whose copies, in the versions that a
 * pod goes through, are then written into the store as the server would: with its segments and snapshots.
 * `node bench/restart.ts [NODES] [PODS]`; 5,000 nodes and 150,000 pods when nothing is said.
 */

import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { objectCodec } from '../src/apiserver/registry/value-codec.ts';
import { createNodeHost } from '../src/host/node/node.ts';
import { openEmbeddedStore } from '../src/store/embedded/embedded.ts';
import { prefixRange, type Store } from '../src/store/store.ts';
import { makeNamespaces, PODS_IN_NAMESPACE, SERVICES_PER_NODE } from './density.ts';
import { expectOk, fleetPod, makeNodes } from './fleet.ts';
import { compare, report, type BenchResult, type Round } from './harness.ts';
import {
  buildBundle,
  controllersWork,
  pause,
  poll,
  request,
  startServer,
  type BenchServer,
} from './server.ts';

type Value = ReturnType<typeof objectCodec.decode>;

export interface RestartOptions {
  readonly nodes?: number;
  readonly pods?: number;
  readonly rounds?: number;
}

const POD = '/api/v1/namespaces/group-0/pods/pod-0';
const AT_ONCE = 500;
const CONTROLLERS_MAX_MS = 120_000;

export async function run(options: RestartOptions = {}): Promise<BenchResult[]> {
  const { nodes = 5000, pods = 150_000, rounds = 3 } = options;
  buildBundle();
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-restart-'));
  try {
    await makeCluster(folder, nodes, Math.ceil(pods / PODS_IN_NAMESPACE));
    await multiplyPod(join(folder, 'store'), pods);
    return [
      await compare({
        benchmark: 'restart',
        case: `${nodes} nodes, ${pods} pods: start to /readyz`,
        unit: 's',
        better: 'less',
        rounds,
        goal: 5,
        ours: () => restart(folder),
      }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function restart(folder: string): Promise<Round> {
  const server = await startServer((copy) => cp(folder, copy, { recursive: true }));
  try {
    const readyAt = performance.now();
    const getsMs = await getWhileControllersList(server);
    const extra = {
      'until controllers work s': server.readyMs / 1000 + (performance.now() - readyAt) / 1000,
      'GET meanwhile p50 ms': getsMs.at(getsMs.length * 0.5) ?? 0,
      'p99 ms': getsMs.at(getsMs.length * 0.99) ?? 0,
      'resident MB': server.residentMegabytes(),
      'cpu s': server.cpuSeconds(),
    };
    return { value: server.readyMs / 1000, extra };
  } finally {
    await server.stop();
  }
}

/** Sorted. */
async function getWhileControllersList(server: BenchServer): Promise<readonly number[]> {
  const tookMs: number[] = [];
  const end = performance.now() + CONTROLLERS_MAX_MS;
  for (let work = false; !work && performance.now() < end; await pause(10)) {
    const before = performance.now();
    await request(server.session, 'GET', POD);
    tookMs.push(performance.now() - before);
    work = await controllersWork(server);
  }
  return tookMs.toSorted((a, b) => a - b);
}

/** Leaves the data of a server with one pod in `folder`. */
async function makeCluster(folder: string, nodes: number, namespaces: number): Promise<void> {
  const server = await startServer();
  try {
    await makeNodes(server, nodes);
    await makeNamespaces(server, namespaces, nodes * SERVICES_PER_NODE);
    await makePod(server);
    await cp(dirname(server.pki), folder, { recursive: true });
  } finally {
    await server.stop();
  }
}

async function makePod(server: BenchServer): Promise<void> {
  await expectOk(server, 'POST', dirname(POD), fleetPod(0, 'app-0'));
  const runs = await poll(server.session, POD, ({ body }) => body.includes('"phase":"Running"'));
  if (!runs) throw new Error('the pod does not run');
}

async function multiplyPod(folder: string, pods: number): Promise<void> {
  const store = await openEmbeddedStore({ codec: objectCodec, host: createNodeHost(), folder });
  try {
    const copyOf = podCopies(store);
    let next = 1;
    const write = async (): Promise<void> => {
      while (next < pods) {
        const { key, versions } = copyOf(next++);
        for (const value of versions) await store.commit([{ type: 'put', key, value }], []);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, write));
  } finally {
    await store.close();
  }
}

/** The i-th copy of the pod: on a node of its own, with addresses of its own. */
function podCopies(store: Store<Value>): (i: number) => { key: string; versions: readonly Value[] } {
  const key = '/registry/core/pods/group-0/pod-0';
  const pod = store.get(key)?.value as PodLike | undefined;
  const nodes = store.list(prefixRange('/registry/core/nodes/fleet-'));
  const text = pod && objectCodec.encode(pod);
  const [volume] = /kube-api-access-\w{5}/.exec(text ?? '') ?? [];
  if (pod === undefined || text === undefined || volume === undefined || !nodes.ok)
    throw new Error('the pod, its volume or the nodes are missing');
  return (i) => {
    const node = nodes.result.entries[i % nodes.result.entries.length]?.value as NodeLike;
    const changes: readonly (readonly [string, string])[] = [
      ['"pod-0"', `"pod-${i}"`],
      ['"group-0"', `"group-${Math.floor(i / PODS_IN_NAMESPACE)}"`],
      ['"app-0"', `"app-${i % 1000}"`],
      [pod.metadata.uid, `${i.toString(16).padStart(8, '0')}-${pod.metadata.uid.slice(9)}`],
      [`"${pod.spec.nodeName}"`, `"${node.metadata.name}"`],
      [pod.status.hostIP, node.status.addresses[0].address],
      [volume, `kube-api-access-${(i * 7919).toString(36).padStart(5, 'x').slice(-5)}`],
      [pod.status.podIP, `100.${64 + (i >> 16)}.${(i >> 8) % 256}.${i % 256}`],
    ];
    const copy = changes.reduce((whole, [from, to]) => whole.replaceAll(from, to), text);
    const running = JSON.parse(copy) as PodLike;
    const { nodeName: _, ...spec } = running.spec;
    const bound = { ...running, status: { phase: 'Pending' } };
    return {
      key: `/registry/core/pods/${running.metadata.namespace}/pod-${i}`,
      versions: [{ ...bound, spec }, bound, running],
    };
  };
}

interface PodLike extends Value {
  readonly metadata: Value['metadata'] & { readonly uid: string };
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly hostIP: string; readonly podIP: string };
}

interface NodeLike extends Value {
  readonly status: { readonly addresses: readonly [{ readonly address: string }] };
}

if (import.meta.main) {
  const [nodes, pods] = process.argv.slice(2).map(Number);
  report(await run({ ...(nodes && { nodes }), ...(pods && { pods }) }));
}
