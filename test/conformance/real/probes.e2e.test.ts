/**
 * Official tests of [sig-node] Probing container, Container Lifecycle Hook and PreStop, on real containers.
 * The official tests wait 15 s before the first probe, ask every 10 s, and watch for 4 min that nothing is
 * restarted; these ask from the first second on, every second, for 12 s.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { each, type Fields } from '../api.fixture.ts';
import {
  AT_ONCE,
  BUSYBOX,
  eventually,
  isReady,
  lasting,
  NODE_VOLUMES,
  once,
  pathOf,
  program,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

let cluster: RealCluster;
before(async () => {
  cluster = await startContainers();
});
after(() => cluster.stop());

let count = 0;
const namespaceOf = (): Promise<string> => cluster.namespace(`probes-${++count}`);
const restartsOf = ({ status }: Fields): number => Number(each(status?.containerStatuses)[0]?.restartCount);

const WATCHED_MS = 12_000;
const SOON = { initialDelaySeconds: 1, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 1 };
const shell = (script: string): object => ({ image: BUSYBOX, command: ['sh', '-c', script] });
/** Answers `/healthz` until `seconds` are over; the socket stays open. */
const server = (seconds: number): object =>
  shell(
    `mkdir /www && echo ok > /www/healthz; (sleep ${seconds}; rm /www/healthz) & exec httpd -f -p 8080 -h /www`,
  );
const health = (seconds: number): object =>
  shell(`echo ok > /tmp/health; sleep ${seconds}; rm /tmp/health; exec sleep 3600`);
/** Says that it serves until `seconds` are over. */
const grpcServer = (seconds: number): object =>
  program(`
    let status = 1;
    setTimeout(() => { status = 2; }, ${seconds} * 1000);
    process.getBuiltinModule('node:http2').createServer().on('stream', (stream) => {
      const headers = { ':status': 200, 'content-type': 'application/grpc' };
      stream.respond(headers, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
    }).listen(5000);`);

const NEVER_SECONDS = 3600;
const SHORT_SECONDS = 3;
const EXEC = { exec: { command: ['cat', '/tmp/health'] } };
const HTTP = { httpGet: { path: '/healthz', port: 8080 } };
const TCP = { tcpSocket: { port: 8080 } };
const GRPC = { grpc: { port: 5000 }, initialDelaySeconds: 3 };

const LIVENESS: readonly (readonly [string, object, object, boolean])[] = [
  [
    'Probing container should be restarted with a exec "cat $TMP/health" liveness probe',
    EXEC,
    health(SHORT_SECONDS),
    true,
  ],
  [
    'Probing container should *not* be restarted with a exec "cat $TMP/health" liveness probe',
    EXEC,
    health(NEVER_SECONDS),
    false,
  ],
  [
    'Probing container should be restarted with a /healthz http liveness probe',
    HTTP,
    server(SHORT_SECONDS),
    true,
  ],
  [
    'Probing container should *not* be restarted with a /healthz http liveness probe',
    HTTP,
    server(NEVER_SECONDS),
    false,
  ],
  [
    'Probing container should *not* be restarted with a tcp:8080 liveness probe',
    TCP,
    server(SHORT_SECONDS),
    false,
  ],
  ['Probing container should be restarted with a GRPC liveness probe', GRPC, grpcServer(6), true],
  [
    'Probing container should *not* be restarted with a GRPC liveness probe',
    GRPC,
    grpcServer(NEVER_SECONDS),
    false,
  ],
];

function probeTests(): void {
  for (const [title, handler, container, isRestarted] of LIVENESS)
    test(title, async () => {
      const livenessProbe = { ...SOON, ...handler };
      const volumes = { volumes: NODE_VOLUMES };
      const pod = await cluster.start(
        await namespaceOf(),
        lasting('live', { ...container, livenessProbe }, volumes),
      );
      if (isRestarted) {
        await cluster.pod(pathOf(pod), (now) => restartsOf(now) === 1);
        return;
      }
      await sleep(WATCHED_MS);
      const now = await cluster.get(pathOf(pod));
      assert.deepEqual([restartsOf(now), isReady(now)], [0, true]);
    });
}

/** Logs what it is asked for. */
async function listener(namespace: string): Promise<{ readonly path: string; readonly ip: string }> {
  const script = 'mkdir /www && cd /www && touch preStop postStart; exec httpd -f -vv -p 8080 -h /www';
  const readinessProbe = { ...SOON, tcpSocket: { port: 8080 } };
  const pod = await cluster.start(namespace, lasting('listener', { ...shell(script), readinessProbe }));
  return { path: pathOf(pod), ip: String(pod.status?.podIP) };
}

/** Until it is told to end. */
const STAYS = 'trap "exit 0" TERM; sleep 3600 & wait';
const GRACE = { terminationGracePeriodSeconds: 15 };
const HOOKS = [
  [
    'Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly',
    'postStart',
    'exec',
  ],
  [
    'Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart http hook properly',
    'postStart',
    'httpGet',
  ],
  [
    'Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop exec hook properly',
    'preStop',
    'exec',
  ],
  [
    'Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop http hook properly',
    'preStop',
    'httpGet',
  ],
] as const;

function hookTests(): void {
  for (const [title, hook, kind] of HOOKS)
    test(title, async () => {
      const namespace = await namespaceOf();
      const { path, ip } = await listener(namespace);
      const question = `/${hook}`;
      const handler =
        kind === 'exec'
          ? { exec: { command: ['wget', '-qO-', `http://${ip}:8080${question}`] } }
          : { httpGet: { host: ip, port: 8080, path: question } };
      const pod = once('with-hook', STAYS, { lifecycle: { [hook]: handler } }, GRACE);
      const made = await cluster.start(namespace, pod);
      const isAsked = async (): Promise<boolean> =>
        (await cluster.log(path, 'main')).includes(`url:${question}\n`);
      assert.equal(await isAsked(), hook === 'postStart');
      await cluster.remove(pathOf(made));
      await eventually(isAsked);
    });

  test('PreStop should call prestop when killing a pod', async () => {
    const namespace = await namespaceOf();
    const { path, ip } = await listener(namespace);
    const command = ['wget', '-qO-', `http://${ip}:8080/preStop`];
    const pod = once('tester', STAYS, { lifecycle: { preStop: { exec: { command } } } }, GRACE);
    const made = await cluster.start(namespace, pod);
    await cluster.delete(pathOf(made), { gracePeriodSeconds: 30 });
    await eventually(async () => assert.match(await cluster.log(path, 'main'), /url:\/preStop/));
  });
}

describe('probes and hooks', AT_ONCE, () => {
  describe('probes', AT_ONCE, probeTests);
  describe('hooks', AT_ONCE, hookTests);
});
