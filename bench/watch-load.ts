/**
 * Watchers of `watches.ts`, in a process of their own: one process cannot read a hundred thousand events a second and
 * tell when each of them arrived. The order comes as JSON in the first argument; says `ready` when all watches
 * are open; counts until it is told how many events there were; answers with what it saw.
 */

import { once } from 'node:events';
import { open, pause, type Credentials } from './server.ts';

export interface WatchOrder {
  readonly url: string;
  readonly credentials: Credentials;
  readonly path: string;
  readonly watchers: number;
}

export interface WatchOutcome {
  readonly deliveries: number;
  /** Of some of the events, in milliseconds: from the moment a patch is sent to the moment a watcher has it. */
  readonly lags: readonly number[];
}

const SESSIONS = 2;
const NEWLINE = 0x0a;
/** The time of sending stands in the object: `"sent":"123.4"`. */
const SENT = Buffer.from('"sent":"');
/** Measuring every event would measure the measuring. */
const SAMPLED = 10;
const MISSING_MAX_MS = 5_000;
/** Until this process has compiled its own code, it is what is slow. */
const WARM_UP_MS = 1_000;

/** Milliseconds of a clock that all processes of this machine share. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

async function watch({ url, credentials, path, watchers }: WatchOrder): Promise<void> {
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => open(url, credentials)));
  let deliveries = 0;
  const lags: number[] = [];
  let firstAt: number | undefined;
  const opened = Array.from({ length: watchers }, async (_, i) => {
    const stream = sessions[i % SESSIONS]?.request({ ':path': path });
    stream?.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) deliveries++;
      firstAt ??= performance.now();
      const isWarm = performance.now() - firstAt > WARM_UP_MS;
      if (isWarm && i % SAMPLED === 0) noteLag(chunk, lags);
    });
    if (stream !== undefined) await once(stream, 'response');
  });
  await Promise.all(opened);
  process.send?.('ready');
  const [events] = (await once(process, 'message')) as [number];
  for (let waited = 0; deliveries < events * watchers && waited < MISSING_MAX_MS; waited += 10)
    await pause(10);
  // A channel that closes takes with it what has not left yet.
  await new Promise((sent) => process.send?.({ deliveries, lags } satisfies WatchOutcome, sent));
  for (const session of sessions) session.destroy();
  process.disconnect?.();
}

function noteLag(chunk: Buffer, lags: number[]): void {
  const now = sharedNow();
  for (let at = chunk.indexOf(SENT); at >= 0; at = chunk.indexOf(SENT, at + 1)) {
    const end = chunk.indexOf(0x22, at + SENT.length);
    if (end > 0) lags.push(now - Number(chunk.toString('latin1', at + SENT.length, end)));
  }
}

const order = process.argv[2];
if (import.meta.main && order !== undefined) await watch(JSON.parse(order) as WatchOrder);
