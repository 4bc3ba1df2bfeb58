/**
 * From nothing to a cluster: how long until the server of the built bundle is ready (certificates and an
 * empty store included) and until a first simulated pod runs, and what the idle server costs. A machine may
 * make every waking dear (a virtual one that gives its cores away): a process that only wakes stands beside,
 * and it is measured once more while another one keeps the cores awake.
 */

import { spawn } from 'node:child_process';
import { compare, report, type BenchResult, type Round } from './harness.ts';
import { buildBundle, cpuSecondsOf, pause, poll, request, startServer, type BenchServer } from './server.ts';

const SETTLE_MS = 5000;
/** About as often as the idle server; and so often that no core falls asleep. */
const WAKER_MS = 1000;
const AWAKE_MS = 10;

export interface StartBenchOptions {
  readonly rounds?: number;
  readonly idleSeconds?: number;
}

export async function run({ rounds = 5, idleSeconds = 10 }: StartBenchOptions = {}): Promise<BenchResult[]> {
  buildBundle();
  const benchmark = 'start';
  const results = [
    await compare({
      benchmark,
      case: 'cold start to /readyz',
      unit: 'ms',
      better: 'less',
      rounds,
      goal: 500,
      ours: () => withServer(async ({ readyMs }) => ({ value: readyMs })),
    }),
    await compare({
      benchmark,
      case: 'cold start to first pod Running',
      unit: 'ms',
      better: 'less',
      rounds,
      goal: 1000,
      ours: () => withServer(firstPod),
    }),
  ];
  const idle = await withServer((server) => measureIdle(server, idleSeconds));
  const once = { benchmark, better: 'less', rounds: 1 } as const;
  results.push(
    await compare({ ...once, case: 'idle memory', unit: 'MB', goal: 120, ours: async () => idle.memory }),
    await compare({
      ...{ ...once, case: 'idle CPU', unit: '%', ours: async () => idle.cpu },
      peer: { name: 'a process that wakes once a second', run: () => measureWaker(idleSeconds) },
    }),
    await compare({
      ...once,
      case: 'idle CPU, cores awake',
      unit: '%',
      goal: 1,
      ours: async () => idle.cpuAwake,
    }),
  );
  return results;
}

async function withServer<T>(measure: (server: BenchServer) => Promise<T>): Promise<T> {
  const server = await startServer();
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

async function firstPod({ session, startedAt, readyMs }: BenchServer): Promise<Round> {
  const pods = '/api/v1/namespaces/default/pods';
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  // Until its namespace has the account that admission gives a pod, a pod is refused, as upstream.
  await poll(session, account, ({ status }) => status === 200);
  const spec = { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'first' }, spec };
  const { status, body } = await request(session, 'POST', pods, pod);
  if (status !== 201) throw new Error(`the pod was refused: ${body}`);
  const runs = await poll(session, `${pods}/first`, (answer) => answer.body.includes('"phase":"Running"'));
  if (!runs) throw new Error('the pod does not run after 10 s');
  return {
    value: performance.now() - startedAt,
    extra: { 'after ready ms': performance.now() - startedAt - readyMs },
  };
}

interface Idle {
  readonly memory: Round;
  readonly cpu: Round;
  readonly cpuAwake: Round;
}

async function measureIdle(server: BenchServer, seconds: number): Promise<Idle> {
  const cpu = await idlePercent(server.cpuSeconds, seconds);
  const memory = { value: server.residentMegabytes() };
  const cpuAwake = await besideWaker(AWAKE_MS, () => idlePercent(server.cpuSeconds, seconds));
  return { memory, cpu, cpuAwake };
}

function measureWaker(seconds: number): Promise<Round> {
  return besideWaker(WAKER_MS, (pid) => idlePercent(() => cpuSecondsOf(pid), seconds));
}

async function besideWaker<T>(everyMs: number, measure: (pid: number | undefined) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, ['--eval', `setInterval(() => {}, ${everyMs})`], { stdio: 'ignore' });
  try {
    return await measure(child.pid);
  } finally {
    child.kill();
  }
}

async function idlePercent(cpuSeconds: () => number, seconds: number): Promise<Round> {
  await pause(SETTLE_MS);
  const before = cpuSeconds();
  await pause(seconds * 1000);
  return { value: ((cpuSeconds() - before) / seconds) * 100 };
}

if (import.meta.main) report(await run());
