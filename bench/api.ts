/**
 * The API over HTTPS through the whole pipeline, on the durable store: the built server in one process, the
 * load in another. Reads are counted for each second of CPU time that the server used, since on a small
 * machine the load takes the rest.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compare, report, type BenchResult, type Round } from './harness.ts';
import type { LoadOrder, LoadOutcome } from './load.ts';
import { buildBundle, poll, startServer, type BenchServer } from './server.ts';

const CONNECTIONS = 4;
const CREATE_STREAMS = 64;
const GET_STREAMS = 32;
const LOAD = fileURLToPath(new URL('load.ts', import.meta.url));

export interface ApiBenchOptions {
  readonly seconds?: number;
  readonly rounds?: number;
}

export async function run({ seconds = 4, rounds = 3 }: ApiBenchOptions = {}): Promise<BenchResult[]> {
  buildBundle();
  const server = await startServer();
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  let series = 0;
  const create = () => ({ type: 'create', prefix: `bench-${series++}` }) as const;
  try {
    await poll(server.session, account, ({ status }) => status === 200);
    await measure(server, create(), CREATE_STREAMS, 1.5);
    const get = { type: 'get', path: '/api/v1/namespaces/default/pods/bench-0-0' } as const;
    await measure(server, get, GET_STREAMS, 1);
    const shared = { benchmark: 'api: HTTPS', better: 'more', rounds } as const;
    return [
      await compare({
        ...shared,
        case: `GET of a pod, ${CONNECTIONS} x ${GET_STREAMS} outstanding`,
        unit: '1/s of a core',
        goal: 20_000,
        ours: async () => {
          const { perCore, perSecond, extra } = await measure(server, get, GET_STREAMS, seconds);
          return { value: perCore, extra: { ...extra, 'by the clock 1/s': perSecond } };
        },
      }),
      await compare({
        ...shared,
        case: `durable create of a pod, ${CONNECTIONS} x ${CREATE_STREAMS} outstanding`,
        unit: '1/s',
        goal: 4000,
        ours: async () => {
          const { perCore, perSecond, extra } = await measure(server, create(), CREATE_STREAMS, seconds);
          return { value: perSecond, extra: { ...extra, '1/s of a core': perCore } };
        },
      }),
    ];
  } finally {
    await server.stop();
  }
}

async function measure(
  server: BenchServer,
  work: LoadOrder['work'],
  streams: number,
  seconds: number,
): Promise<{
  readonly perSecond: number;
  readonly perCore: number;
  readonly extra: Round['extra'] & object;
}> {
  const { url, credentials } = server;
  const order: LoadOrder = { url, credentials, connections: CONNECTIONS, streams, seconds, work };
  const before = server.cpuSeconds();
  const { stdout } = await promisify(execFile)(process.execPath, [LOAD, JSON.stringify(order)]);
  const outcome = JSON.parse(stdout) as LoadOutcome;
  const cpu = server.cpuSeconds() - before;
  return {
    perSecond: outcome.requests / outcome.elapsedSeconds,
    perCore: outcome.requests / cpu,
    extra: { 'p50 ms': outcome.p50, 'p99 ms': outcome.p99 },
  };
}

if (import.meta.main) report(await run());
