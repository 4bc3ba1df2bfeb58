/**
 * Durable writes: compare-and-set of 2 KB objects on the embedded store, as it is deployed (in process), and
 * on etcd, as it is deployed (gRPC over loopback), with 1, 32 and 256 of them outstanding.
 *
 * Ours also feeds a watcher and writes to many keys; etcd has neither to do.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeHost } from '../src/host/node/node.ts';
import { openEmbeddedStore } from '../src/store/embedded/embedded.ts';
import { prefixRange, type Store, type ValueCodec } from '../src/store/store.ts';
import { startEtcd } from './etcd.ts';
import { compare, quantile, report, type BenchResult, type Round } from './harness.ts';

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion?: string;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

const codec: ValueCodec<Pod> = {
  stamp: (pod, revision) => ({ ...pod, metadata: { ...pod.metadata, resourceVersion: String(revision) } }),
  encode: (pod) => JSON.stringify(pod),
  decode: (bytes) => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as Pod,
};

const CASES = [
  { outstanding: 1, goal: 1 },
  { outstanding: 32, goal: 3 },
  { outstanding: 256, goal: 5 },
];

export interface StoreBenchOptions {
  readonly seconds?: number;
  readonly rounds?: number;
}

export async function run({ seconds = 3, rounds = 5 }: StoreBenchOptions = {}): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-bench-store-'));
  const etcd = await startEtcd(folder);
  const store = await openEmbeddedStore({ codec, host: createNodeHost(), folder: join(folder, 'store') });
  const drained = drain(store);
  try {
    const results: BenchResult[] = [];
    for (const { outstanding, goal } of CASES) {
      await write(store, outstanding, 0.5);
      const value = Buffer.from(codec.encode(pod(0)));
      const peer =
        etcd === undefined
          ? undefined
          : { name: 'etcd', run: async () => ({ value: await etcd.drive(value, outstanding, seconds) }) };
      results.push(
        await compare({
          benchmark: 'store: durable compare-and-set, 2 KB',
          case: `${outstanding} outstanding`,
          unit: '1/s',
          better: 'more',
          rounds,
          ours: () => write(store, outstanding, seconds),
          ...(peer === undefined ? {} : { peer, goal }),
        }),
      );
    }
    return results;
  } finally {
    await store.close();
    await drained;
    await etcd?.stop();
    await rm(folder, { recursive: true });
  }
}

async function write(store: Store<Pod>, outstanding: number, seconds: number): Promise<Round> {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const writer = async (id: number): Promise<void> => {
    const key = `/registry/core/pods/default/pod-${id}`;
    for (let now = performance.now(); now < end;) {
      const entry = store.get(key);
      const next =
        entry === undefined ? pod(id) : { ...entry.value, status: { phase: 'Running', observed: now } };
      const outcome = await store.commit(
        [{ type: 'put', key, value: next }],
        [{ key, modRevision: entry?.modRevision ?? 0 }],
      );
      if (!outcome.ok) throw new Error(`somebody else wrote ${key}`);
      const then = performance.now();
      latencies.push(then - now);
      now = then;
    }
  };
  const first = store.revision;
  await Promise.all(Array.from({ length: outstanding }, (_, id) => writer(id)));
  const value = ((store.revision - first) / (performance.now() - start)) * 1000;
  return { value, extra: { 'p50 ms': quantile(latencies, 0.5), 'p99 ms': quantile(latencies, 0.99) } };
}

async function drain(store: Store<Pod>): Promise<number> {
  const watch = store.watch(prefixRange('/registry/core/pods/'), store.revision);
  let bytes = 0;
  for (let item = await watch.next(); item !== undefined; item = await watch.next()) {
    if (item.type === 'gone') throw new Error('the watcher of the benchmark was too slow');
    if (item.type === 'events') for (const event of item.events) bytes += event.bytes().length;
  }
  return bytes;
}

/** About 2 KB when encoded, in the shape of a pod. */
function pod(id: number): Pod {
  const containers = Array.from({ length: 4 }, (_, i) => ({
    name: `container-${i}`,
    image: `registry.example.com/team/service-${i}:v1.2.${id}`,
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
    env: Array.from({ length: 3 }, (_e, n) => ({ name: `SETTING_${n}`, value: `value-${id}-${n}` })),
    volumeMounts: [{ name: 'config', mountPath: '/etc/config', readOnly: true }],
  }));
  const labels = { app: 'bench', tier: 'backend', 'pod-template-hash': '5d4f8c7b9' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${id}`,
      namespace: 'default',
      uid: '8f14e45f-ceea-467f-a8f0-d21c3b4c5e6a',
      labels,
    },
    spec: { containers, nodeName: `node-${id % 10}`, serviceAccountName: 'default', restartPolicy: 'Always' },
    status: { phase: 'Pending', observed: 0 },
  };
}

if (import.meta.main) report(await run());
