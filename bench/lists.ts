/**
 * Large lists: 150,000 pods at once, a selector that matches none of 300,000 objects, and ten clients that
 * each read one gigabyte at the same time, with the memory that this takes beside what the objects take.
 *
 * The store is filled before the server starts; the clients are curl processes, which only count bytes.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KubernetesObject } from '../src/api/meta/object.ts';
import { objectCodec } from '../src/apiserver/registry/value-codec.ts';
import { createNodeHost } from '../src/host/node/node.ts';
import { openEmbeddedStore } from '../src/store/embedded/embedded.ts';
import { silentLogger } from '../src/base/log.ts';
import { compare, report, type BenchResult, type Round } from './harness.ts';
import { buildBundle, controllersWork, pause, request, startServer, type BenchServer } from './server.ts';

const BATCH = 1_000;
const READERS = 10;
/** Their items are encoded twice, since a list says first how long it is. */
const PROTOBUF_READERS = 3;

export interface ListBenchOptions {
  readonly pods?: number;
  readonly small?: number;
  /** Of 100 KB each. */
  readonly large?: number;
  readonly rounds?: number;
}

/** A server that is done with its start. */
async function startFilled(fillStore: (folder: string) => Promise<void>): Promise<BenchServer> {
  const server = await startServer(fillStore);
  while (!(await controllersWork(server))) await pause(100);
  return server;
}

export async function run({
  pods = 150_000,
  small = 300_000,
  large = 10_000,
  rounds = 3,
}: ListBenchOptions = {}): Promise<BenchResult[]> {
  buildBundle();
  const shared = { benchmark: 'lists over HTTPS', better: 'less', rounds } as const;
  const results: BenchResult[] = [];
  const podServer = await startFilled((folder) => fill(folder, pods, podOf));
  try {
    results.push(
      await compare({
        ...shared,
        case: `LIST of ${pods} pods`,
        unit: 's',
        goal: 4,
        ours: () => read(podServer, '/api/v1/pods'),
      }),
    );
  } finally {
    await podServer.stop();
  }
  const smallServer = await startFilled((folder) =>
    fill(folder, small, (i) => configMap(i, 'x'.repeat(800))),
  );
  try {
    const path = '/api/v1/configmaps?labelSelector=none%3Dthere';
    const timed = async (): Promise<Round> => {
      const before = performance.now();
      await request(smallServer.session, 'GET', path);
      return { value: performance.now() - before };
    };
    results.push(
      await compare({
        ...shared,
        case: `a selector that matches none of ${small}`,
        unit: 'ms',
        goal: 50,
        ours: timed,
      }),
    );
  } finally {
    await smallServer.stop();
  }
  const largeServer = await startFilled((folder) =>
    fill(folder, large, (i) => configMap(i, 'x'.repeat(100_000))),
  );
  try {
    const path = '/api/v1/configmaps?resourceVersion=0';
    await read(largeServer, path);
    const grown = async (readers: number, accept: string): Promise<Round> => {
      const before = largeServer.residentMegabytes();
      const peak = peakOf(largeServer);
      const started = performance.now();
      await Promise.all(Array.from({ length: readers }, () => read(largeServer, path, accept)));
      const seconds = (performance.now() - started) / 1000;
      return { value: (await peak.stop()) - before, extra: { s: seconds, 'MB before': before } };
    };
    for (const [readers, format, accept] of [
      [READERS, 'JSON', 'application/json'],
      [PROTOBUF_READERS, 'protobuf', 'application/vnd.kubernetes.protobuf'],
    ] as const) {
      results.push(
        await compare({
          ...shared,
          case: `${readers} readers of ${large} objects of 100 KB in ${format}: memory`,
          unit: 'MB',
          goal: 256,
          rounds: 1,
          ours: () => grown(readers, accept),
        }),
      );
    }
  } finally {
    await largeServer.stop();
  }
  return results;
}

async function fill(folder: string, count: number, make: (i: number) => KubernetesObject): Promise<void> {
  const store = await openEmbeddedStore<KubernetesObject>({
    codec: objectCodec,
    host: createNodeHost(),
    folder: join(folder, 'store'),
    logger: silentLogger,
  });
  for (let i = 0; i < count; i += BATCH) {
    const objects = Array.from({ length: Math.min(BATCH, count - i) }, (_, j) => make(i + j));
    await Promise.all(
      objects.map((value) => {
        const plural = value.kind === 'Pod' ? 'pods' : 'configmaps';
        const { namespace = '', name = '' } = value.metadata;
        const key = `/registry/core/${plural}/${namespace}/${name}`;
        return store.commit([{ type: 'put', key, value }], []);
      }),
    );
  }
  await store.close();
}

function metadata(i: number): KubernetesObject['metadata'] {
  const name = `object-${String(i).padStart(6, '0')}`;
  return {
    name,
    namespace: 'bench',
    uid: crypto.randomUUID(),
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: `app-${i % 100}` },
  };
}

function configMap(i: number, text: string): KubernetesObject {
  return { kind: 'ConfigMap', apiVersion: 'v1', metadata: metadata(i), data: { text } } as KubernetesObject;
}

function podOf(i: number): KubernetesObject {
  const env = Array.from({ length: 20 }, (_, j) => ({
    name: `SETTING_${j}`,
    value: `value ${j} of pod ${i}`,
  }));
  const containers = [
    {
      name: 'main',
      image: 'registry.example.com/service:v1',
      env,
      resources: { requests: { cpu: '100m', memory: '128Mi' } },
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
    },
  ];
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }));
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: metadata(i),
    spec: {
      containers,
      nodeName: `node-${i % 5000}`,
      restartPolicy: 'Always',
      schedulerName: 'none',
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      terminationGracePeriodSeconds: 30,
    },
    status: {
      phase: 'Succeeded',
      conditions,
      hostIP: '10.0.0.1',
      podIP: '10.42.0.1',
      startTime: '2026-01-01T00:00:00Z',
    },
  } as KubernetesObject;
}

/** One whole answer, in seconds. */
async function read({ url, pki }: BenchServer, path: string, accept = 'application/json'): Promise<Round> {
  const credentials = [
    '--cacert',
    join(pki, 'ca.crt'),
    '--cert',
    join(pki, 'admin.crt'),
    '--key',
    join(pki, 'admin.key'),
  ];
  const { stdout } = await promisify(execFile)('curl', [
    ...[
      '--silent',
      '--fail',
      '--http2',
      '--output',
      '/dev/null',
      '--write-out',
      '%{time_total} %{size_download}',
    ],
    ...credentials,
    '--header',
    `accept: ${accept}`,
    url + path,
  ]);
  const [seconds = Number.NaN, bytes = Number.NaN] = stdout.split(' ').map(Number);
  return { value: seconds, extra: { MB: bytes / 1e6 } };
}

function peakOf(server: BenchServer): { stop(): Promise<number> } {
  let peak = 0;
  let isDone = false;
  const sampling = (async () => {
    while (!isDone) {
      peak = Math.max(peak, server.residentMegabytes());
      await pause(10);
    }
  })();
  return {
    async stop() {
      isDone = true;
      await sampling;
      return peak;
    },
  };
}

if (import.meta.main) report(await run());
