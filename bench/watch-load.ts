/**
 * The clients of `watches.ts`, in a process of their own: so many watchers of the config maps of a namespace, and
 * writers that patch them. Reads what to do as JSON from the first argument, prints what came of it as JSON.
 */

import type { ClientHttp2Session } from 'node:http2';
import { quantile } from './harness.ts';
import { open, pause, request, type Credentials } from './server.ts';

export interface WatchOrder {
  readonly url: string;
  readonly credentials: Credentials;
  readonly watchers: number;
  /** Further watchers that never read what they are sent. */
  readonly sleepers: number;
  readonly objects: number;
  readonly seconds: number;
  /** Patches per second; 0: as many as can be, `outstanding` at a time. */
  readonly rate: number;
  readonly outstanding: number;
}

export interface WatchOutcome {
  readonly patches: number;
  readonly deliveries: number;
  readonly elapsedSeconds: number;
  /** From the moment a patch is sent to the moment a watcher has its event, in milliseconds. */
  readonly lagP50: number;
  readonly lagP99: number;
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const SESSIONS = 4;
const NEWLINE = 0x0a;
/** The time of sending stands in the object: `"sent":"123.4"`. */
const SENT = Buffer.from('"sent":"');

async function drive(order: WatchOrder): Promise<WatchOutcome> {
  const { url, credentials, watchers, sleepers, objects } = order;
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => open(url, credentials)));
  const session = (i: number): ClientHttp2Session => {
    const chosen = sessions[i % SESSIONS];
    if (chosen === undefined) throw new Error('no session');
    return chosen;
  };
  for (let i = 0; i < objects; i++) await request(session(i), 'POST', MAPS, map(i));
  const { metadata } = JSON.parse((await request(session(0), 'GET', `${MAPS}?limit=1`)).body) as {
    metadata: { resourceVersion: string };
  };
  const path = `${MAPS}?watch=1&resourceVersion=${metadata.resourceVersion}`;
  let deliveries = 0;
  const lags: number[] = [];
  const streams = Array.from({ length: watchers }, (_, i) => {
    const stream = session(i).request({ ':path': path });
    stream.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) deliveries++;
      // Measuring every event would measure the measuring.
      if (i % 20 === 0) noteLag(chunk, lags);
    });
    return stream;
  });
  const sleeping = await Promise.all(Array.from({ length: sleepers }, () => sleeper(url, credentials, path)));
  await pause(300);
  const started = performance.now();
  const patches = await patch(order, session);
  const expected = patches * watchers;
  for (let waited = 0; deliveries < expected && waited < 5_000; waited += 10) await pause(10);
  const elapsedSeconds = (performance.now() - started) / 1000;
  for (const stream of streams) stream.destroy();
  for (const one of [...sessions, ...sleeping]) one.destroy();
  return { patches, deliveries, elapsedSeconds, lagP50: quantile(lags, 0.5), lagP99: quantile(lags, 0.99) };
}

function noteLag(chunk: Buffer, lags: number[]): void {
  const now = performance.now();
  for (let at = chunk.indexOf(SENT); at >= 0; at = chunk.indexOf(SENT, at + 1)) {
    const end = chunk.indexOf(0x22, at + SENT.length);
    if (end > 0) lags.push(now - Number(chunk.toString('latin1', at + SENT.length, end)));
  }
}

async function sleeper(url: string, credentials: Credentials, path: string): Promise<ClientHttp2Session> {
  const session = await open(url, credentials);
  session.request({ ':path': path }).on('error', () => {});
  return session;
}

async function patch(order: WatchOrder, session: (i: number) => ClientHttp2Session): Promise<number> {
  const { seconds, rate, outstanding, objects } = order;
  let count = 0;
  const end = performance.now() + seconds * 1000;
  const one = async (): Promise<void> => {
    const i = count++;
    const body = { metadata: { annotations: { sent: performance.now().toFixed(2) } } };
    const answer = await mergePatch(session(i), `${MAPS}/map-${i % objects}`, body);
    if (answer >= 300) throw new Error(`a patch was answered with ${answer}`);
  };
  if (rate === 0) {
    const worker = async (): Promise<void> => {
      while (performance.now() < end) await one();
    };
    await Promise.all(Array.from({ length: outstanding }, worker));
    return count;
  }
  const pending: Promise<void>[] = [];
  const started = performance.now();
  for (let now = started; now < end; now = performance.now()) {
    const due = Math.floor(((now - started) * rate) / 1000);
    while (count < due) pending.push(one());
    await pause(2);
  }
  await Promise.all(pending);
  return count;
}

function mergePatch(session: ClientHttp2Session, path: string, body: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'PATCH',
      ':path': path,
      'content-type': 'application/merge-patch+json',
    });
    let status = 0;
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0;
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

const order = process.argv[2];
if (import.meta.main && order !== undefined) {
  console.log(JSON.stringify(await drive(JSON.parse(order) as WatchOrder)));
}
