/**
 * Watches over TLS: how many events a second reach a hundred watchers, how long an event takes to them at a
 * thousand patches a second, what a watcher that never reads does to the others, and what an idle watch
 * costs.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { fileURLToPath } from 'node:url';
import { compare, quantile, report, type BenchResult } from './harness.ts';
import { buildBundle, open, pause, request, startServer, type BenchServer } from './server.ts';
import { sharedNow, type WatchOrder, type WatchOutcome } from './watch-load.ts';

const LOAD = fileURLToPath(new URL('watch-load.ts', import.meta.url));
const MAPS = '/api/v1/namespaces/default/configmaps';
const WATCHERS = 100;
/** That read what they are sent. */
const PROCESSES = 2;
const OUTSTANDING = 32;
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
    await drive(server, 1.5);
    const paced = (sleepers: number) => async () => {
      const { lags, patches, deliveries } = await drive(server, seconds, { rate: 1_000, sleepers });
      const lost = patches * WATCHERS - deliveries;
      return { value: quantile(lags, 0.99), extra: { 'p50 ms': quantile(lags, 0.5), lost } };
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
          const { deliveries, elapsedSeconds, patches } = await drive(server, seconds);
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

interface Load {
  /** Further watchers that never read what they are sent. */
  readonly sleepers?: number;
  /** Patches per second; undefined: as many as can be, `OUTSTANDING` at a time. */
  readonly rate?: number;
}

interface Driven {
  readonly patches: number;
  readonly deliveries: number;
  readonly elapsedSeconds: number;
  readonly lags: readonly number[];
}

async function drive(server: BenchServer, seconds: number, load: Load = {}): Promise<Driven> {
  const { url, credentials } = server;
  const writers = await Promise.all(Array.from({ length: 2 }, () => open(url, credentials)));
  const path = await watchPath(server);
  const sleeping = await Promise.all(Array.from({ length: load.sleepers ?? 0 }, () => sleeper(server, path)));
  const share = { url, credentials, path, watchers: WATCHERS / PROCESSES } satisfies WatchOrder;
  const children = Array.from({ length: PROCESSES }, () => fork(LOAD, [JSON.stringify(share)]));
  await Promise.all(children.map((child) => once(child, 'message')));
  const started = sharedNow();
  const patches = await patch(writers, seconds, load.rate);
  const outcomes = children.map(async (child) => {
    const answered = once(child, 'message');
    child.send(patches);
    return ((await answered) as [WatchOutcome])[0];
  });
  const seen = await Promise.all(outcomes);
  const elapsedSeconds = (sharedNow() - started) / 1000;
  for (const session of [...writers, ...sleeping]) session.destroy();
  const deliveries = seen.reduce((sum, outcome) => sum + outcome.deliveries, 0);
  return { patches, deliveries, elapsedSeconds, lags: seen.flatMap(({ lags }) => lags) };
}

/** Of watches that begin after the objects are there. */
async function watchPath({ session }: BenchServer): Promise<string> {
  for (let i = 0; i < OBJECTS; i++) await request(session, 'POST', MAPS, map(i));
  const { metadata } = JSON.parse((await request(session, 'GET', `${MAPS}?limit=1`)).body) as {
    metadata: { resourceVersion: string };
  };
  return `${MAPS}?watch=1&resourceVersion=${metadata.resourceVersion}`;
}

async function sleeper({ url, credentials }: BenchServer, path: string): Promise<ClientHttp2Session> {
  const session = await open(url, credentials);
  session.request({ ':path': path }).on('error', () => {});
  return session;
}

async function patch(
  sessions: readonly ClientHttp2Session[],
  seconds: number,
  rate: number | undefined,
): Promise<number> {
  let count = 0;
  const started = sharedNow();
  const end = started + seconds * 1000;
  const one = async (): Promise<void> => {
    const i = count++;
    const body = { metadata: { annotations: { sent: sharedNow().toFixed(2) } } };
    const answer = await mergePatch(sessions[i % sessions.length], `${MAPS}/map-${i % OBJECTS}`, body);
    if (answer >= 300) throw new Error(`a patch was answered with ${answer}`);
  };
  if (rate === undefined) {
    const worker = async (): Promise<void> => {
      while (sharedNow() < end) await one();
    };
    await Promise.all(Array.from({ length: OUTSTANDING }, worker));
    return count;
  }
  const pending: Promise<void>[] = [];
  for (let now = started; now < end; now = sharedNow()) {
    const due = Math.floor(((now - started) * rate) / 1000);
    while (count < due) pending.push(one());
    await pause(2);
  }
  await Promise.all(pending);
  return count;
}

function mergePatch(session: ClientHttp2Session | undefined, path: string, body: object): Promise<number> {
  const headers = {
    ':method': 'PATCH',
    ':path': path,
    'content-type': 'application/merge-patch+json',
  };
  return new Promise((resolve, reject) => {
    if (session === undefined) return reject(new Error('no session'));
    const stream = session.request(headers);
    let status = 0;
    stream.on('response', (answer) => {
      status = answer[':status'] ?? 0;
    });
    stream.resume();
    stream.once('end', () => resolve(status));
    stream.once('error', reject);
    stream.end(JSON.stringify(body));
  });
}

function map(i: number): object {
  const data = { text: 'x'.repeat(800) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `map-${i}` }, data };
}

/** What each further watch costs, once the first thousand have made the heap of an unused server grow. */
async function idle({
  url,
  credentials,
  residentMegabytes,
}: BenchServer): Promise<{ readonly value: number }> {
  const sessions: ClientHttp2Session[] = [];
  const openWatches = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i += STREAMS_PER_SESSION) {
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
    return residentMegabytes();
  };
  const before = await openWatches(1_000);
  const after = await openWatches(IDLE_WATCHES);
  for (const session of sessions) session.destroy();
  return { value: ((after - before) * 1024) / IDLE_WATCHES };
}

if (import.meta.main) report(await run());
