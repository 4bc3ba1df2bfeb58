/**
 * The load of `api.ts`, in a process of its own so that it does not take the server's core: reads what to do
 * as JSON from the first argument, keeps so many requests outstanding for so long, prints what came of it as
 * JSON.
 */

import type { ClientHttp2Session } from 'node:http2';
import { quantile } from './harness.ts';
import { open, request, type Credentials } from './server.ts';

export interface LoadOrder {
  readonly url: string;
  readonly credentials: Credentials;
  readonly connections: number;
  /** Requests outstanding on each connection. */
  readonly streams: number;
  readonly seconds: number;
  /** Creates pods with names that begin so, or reads this path. */
  readonly work:
    | { readonly type: 'create'; readonly prefix: string }
    | { readonly type: 'get'; readonly path: string };
}

export interface LoadOutcome {
  readonly requests: number;
  readonly elapsedSeconds: number;
  readonly p50: number;
  readonly p99: number;
}

const PODS = '/api/v1/namespaces/default/pods';

async function drive({ url, credentials, connections, streams, seconds, work }: LoadOrder) {
  const sessions = await Promise.all(Array.from({ length: connections }, () => open(url, credentials)));
  const latencies: number[] = [];
  let sequence = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const worker = async (session: ClientHttp2Session): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      const answer =
        work.type === 'get'
          ? await request(session, 'GET', work.path)
          : await request(session, 'POST', PODS, pod(`${work.prefix}-${sequence++}`));
      if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.body}`);
      const then = performance.now();
      latencies.push(then - now);
      now = then;
    }
  };
  await Promise.all(sessions.flatMap((session) => Array.from({ length: streams }, () => worker(session))));
  const elapsedSeconds = (performance.now() - start) / 1000;
  for (const session of sessions) session.destroy();
  const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
  return { requests: latencies.length, elapsedSeconds, p50, p99 } satisfies LoadOutcome;
}

/** For a scheduler that does not exist: the create alone is measured, not what follows from it. */
function pod(name: string): object {
  const resources = { requests: { cpu: '100m', memory: '128Mi' } };
  const containers = [{ name: 'main', image: 'registry.example.com/service:v1', resources }];
  const metadata = { name, labels: { app: 'bench' } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, schedulerName: 'none' } };
}

const order = process.argv[2];
if (import.meta.main && order !== undefined)
  console.log(JSON.stringify(await drive(JSON.parse(order) as LoadOrder)));
