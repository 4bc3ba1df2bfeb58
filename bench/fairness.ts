/**
 * Flow control: what a request pays for it when nobody waits, and what a light user feels of a flood by
 * another one on the same priority level, over HTTPS.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import type { KubernetesObject } from '../src/api/meta/object.ts';
import { silentLogger } from '../src/base/log.ts';
import { ensureFlowObjects } from '../src/apiserver/flow-control/ensure-objects.ts';
import { FlowControl } from '../src/apiserver/flow-control/flow-control.ts';
import type { AskedRequest } from '../src/apiserver/flow-control/flow-gate.ts';
import { createTestPipeline } from '../src/apiserver/pipeline.fixture.ts';
import { createNodeHost } from '../src/host/node/node.ts';
import type { Store } from '../src/store/store.ts';
import { compare, report, type BenchResult, type Round } from './harness.ts';
import { buildBundle, request, startServer, type BenchServer } from './server.ts';

const ACQUIRES = 200_000;
const LIGHT_REQUESTS = 400;
const FLOOD_STREAMS = 200;

export async function run(): Promise<BenchResult[]> {
  const shared = { benchmark: 'flow control', better: 'less', rounds: 3 } as const;
  const { store } = await filledStore();
  const cost = await compare({
    ...shared,
    case: 'a request when nobody waits',
    unit: 'us',
    goal: 2,
    ours: async () => acquires(store),
  });
  buildBundle();
  const server = await startServer();
  try {
    const [flood, light] = [await tokenOf(server, 'flood'), await tokenOf(server, 'light')];
    const session = connect(server.url, { ca: server.credentials.ca });
    const flooded = await compare({
      ...shared,
      case: 'p99 of a light user beside a flood, times that without',
      unit: 'times',
      goal: 3,
      ours: () => besideFlood(server, flood, { session, token: light }),
    });
    session.destroy();
    return [cost, flooded];
  } finally {
    await server.stop();
  }
}

async function filledStore(): Promise<{ store: Store<KubernetesObject> }> {
  const { store, client } = createTestPipeline();
  await ensureFlowObjects(client);
  return { store };
}

function acquires(store: Store<KubernetesObject>): Round {
  const flow = new FlowControl({ store, clock: createNodeHost().clock, logger: silentLogger });
  flow.start();
  const place = { group: '', version: 'v1', resource: 'pods', namespace: 'a', name: 'p', subresource: '' };
  const asked: AskedRequest = { type: 'resource', verb: 'get', target: place, query: new URLSearchParams() };
  const user = { name: 'jane', groups: ['developers', 'system:authenticated'] };
  const { signal } = new AbortController();
  const began = performance.now();
  for (let i = 0; i < ACQUIRES; i++) {
    const lease = flow.acquire(asked, user, 60_000, { signal });
    if (!(lease instanceof Promise) && lease.admitted) lease.end();
  }
  const value = ((performance.now() - began) * 1000) / ACQUIRES;
  flow.stop();
  return { value };
}

/** Of a service account that may read everything; both of them are on `workload-low`. */
async function tokenOf(server: BenchServer, name: string): Promise<string> {
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await request(server.session, 'POST', accounts, { metadata: { name } });
  await request(server.session, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name }],
  });
  const answer = await request(server.session, 'POST', `${accounts}/${name}/token`, { spec: {} });
  return (JSON.parse(answer.body) as { status: { token: string } }).status.token;
}

interface Asker {
  readonly session: ClientHttp2Session;
  readonly token: string;
}

/** Milliseconds. */
function get({ session, token }: Asker, path: string): Promise<number> {
  const began = performance.now();
  const stream = session.request({ ':path': path, authorization: `Bearer ${token}` });
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.once('end', () => resolve(performance.now() - began));
    stream.resume();
  });
}

async function p99(light: Asker): Promise<number> {
  const latencies: number[] = [];
  for (let i = 0; i < LIGHT_REQUESTS; i++)
    latencies.push(await get(light, '/api/v1/namespaces/default/pods'));
  return latencies.toSorted((a, b) => a - b)[Math.floor(LIGHT_REQUESTS * 0.99)] ?? Number.NaN;
}

/** The flood comes from a process of its own, so that only the server can be what slows the light user. */
async function besideFlood(server: BenchServer, token: string, light: Asker): Promise<Round> {
  const alone = await p99(light);
  const env = { ...process.env, FLOOD_URL: server.url, FLOOD_TOKEN: token, FLOOD_CA: server.credentials.ca };
  const child = fork(new URL(import.meta.url), ['flood'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  await once(child, 'message');
  const beside = await p99(light);
  const counted = once(child, 'message');
  child.send('stop');
  const [flooded] = (await counted) as [number];
  await ended;
  return { value: beside / alone, extra: { 'alone ms': alone, 'beside ms': beside, flooded } };
}

async function flood(): Promise<void> {
  const { FLOOD_URL: url = '', FLOOD_TOKEN: token = '', FLOOD_CA: ca = '' } = process.env;
  const session = connect(url, { ca });
  let isOver = false;
  let flooded = 0;
  process.once('message', () => (isOver = true));
  const lists = async (): Promise<void> => {
    for (; !isOver; flooded++) await get({ session, token }, '/api/v1/pods?limit=500');
  };
  const running = Array.from({ length: FLOOD_STREAMS }, lists);
  await get({ session, token }, '/version');
  process.send?.('running');
  await Promise.all(running);
  process.send?.(flooded);
  session.close();
  process.disconnect?.();
}

if (import.meta.main) await (process.argv[2] === 'flood' ? flood() : run().then(report));
