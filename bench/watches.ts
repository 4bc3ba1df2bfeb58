/**
 * Watches over TLS: how many events a second reach a hundred watchers, how long an event takes to them at a
 * thousand patches a second, what a watcher that never reads does to the others, and what an idle watch
 * costs.
 */

import { execFile } from 'node:child_process';
import type { ClientHttp2Session } from 'node:http2';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compare, report, type BenchResult } from './harness.ts';
import { buildBundle, open, pause, startServer, type BenchServer } from './server.ts';
import type { WatchOrder, WatchOutcome } from './watch-load.ts';

const LOAD = fileURLToPath(new URL('watch-load.ts', import.meta.url));
const WATCHERS = 100;
const OBJECTS = 200;
const IDLE_WATCHES = 4_000;
const STREAMS_PER_SESSION = 100;

export interface WatchBenchOptions {
  readonly seconds?: number;
  readonly rounds?: number;
}

export async function run({ seconds = 4, rounds = 3 }: WatchBenchOptions = {}): Promise<BenchResult[]> {
  buildBundle();
  const server = await startServer();
  const drive = (order: Partial<WatchOrder>): Promise<WatchOutcome> =>
    load(server, {
      watchers: WATCHERS,
      sleepers: 0,
      objects: OBJECTS,
      seconds,
      rate: 0,
      outstanding: 32,
      ...order,
    });
  const shared = { benchmark: 'watches over TLS', rounds } as const;
  try {
    // First, on a server that has nothing to give back yet.
    const idleWatch = await compare({
      ...shared,
      rounds: 1,
      case: 'memory of an idle watch',
      unit: 'KB',
      better: 'less',
      goal: 20,
      ours: () => idle(server),
    });
    await drive({ seconds: 1.5 });
    const paced = (sleepers: number) => async () => {
      const { lagP50, lagP99, patches, deliveries } = await drive({ rate: 1_000, sleepers });
      return { value: lagP99, extra: { 'p50 ms': lagP50, lost: patches * WATCHERS - deliveries } };
    };
    return [
      idleWatch,
      await compare({
        ...shared,
        case: `events delivered to ${WATCHERS} watchers`,
        unit: '1/s',
        better: 'more',
        goal: 100_000,
        ours: async () => {
          const { deliveries, elapsedSeconds, patches } = await drive({});
          return { value: deliveries / elapsedSeconds, extra: { 'patches 1/s': patches / elapsedSeconds } };
        },
      }),
      await compare({
        ...shared,
        case: `lag of ${WATCHERS} watchers at 1,000 patches a second, p99`,
        unit: 'ms',
        better: 'less',
        goal: 50,
        ours: paced(0),
      }),
      await compare({
        ...shared,
        case: 'the same beside a watcher that never reads',
        unit: 'ms',
        better: 'less',
        goal: 50,
        ours: paced(1),
      }),
    ];
  } finally {
    await server.stop();
  }
}

async function load(
  server: BenchServer,
  order: Omit<WatchOrder, 'url' | 'credentials'>,
): Promise<WatchOutcome> {
  const { url, credentials } = server;
  const { stdout } = await promisify(execFile)(process.execPath, [
    LOAD,
    JSON.stringify({ url, credentials, ...order }),
  ]);
  return JSON.parse(stdout) as WatchOutcome;
}

async function idle({
  url,
  credentials,
  residentMegabytes,
}: BenchServer): Promise<{ readonly value: number }> {
  const sessions: ClientHttp2Session[] = [];
  await pause(1_000);
  const before = residentMegabytes();
  for (let i = 0; i < IDLE_WATCHES; i += STREAMS_PER_SESSION) {
    const session = await open(url, credentials);
    sessions.push(session);
    const opened = Array.from({ length: STREAMS_PER_SESSION }, () => {
      const stream = session.request({ ':path': '/api/v1/namespaces/default/secrets?watch=1' });
      stream.resume();
      return new Promise((resolve) => stream.once('response', resolve));
    });
    await Promise.all(opened);
  }
  await pause(1_000);
  const after = residentMegabytes();
  for (const session of sessions) session.destroy();
  return { value: ((after - before) * 1024) / IDLE_WATCHES };
}

if (import.meta.main) report(await run());
