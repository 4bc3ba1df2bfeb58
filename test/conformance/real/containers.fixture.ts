/**
 * For official conformance tests that need real containers: a cluster of containerd nodes in a folder of its
 * own, with networks and a port that no other has, asked over HTTPS as any client asks it.
 *
 * Tests of a file run at the same time on one cluster: their pods start together, so that many names cost
 * little time. One list a turn, which all who wait share, tells them how their pods are.
 */

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { WebSocket } from 'ws';
import { run, freePort, type Outcome } from '../../cluster.fixture.ts';
import { each, Refused, type Fields } from '../api.fixture.ts';

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;
const TURN_MS = 250;
const LAUNCHER = join(import.meta.dirname, '../../../k8ts');
/** As many tests at the same time as a node takes pods. */
export const AT_ONCE = { concurrency: 100 } as const;
/** The image that every node has; its programs are busybox's. */
export const BUSYBOX = 'k8ts.local/busybox:1';

interface Access {
  readonly port: number;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

interface Waiter {
  readonly path: string;
  look(pod: Fields): void;
}

export class RealCluster {
  readonly folder: string;
  readonly #access: Access;
  readonly #agent: Agent;
  readonly #waiters = new Set<Waiter>();
  #turning = false;

  constructor(folder: string, access: Access) {
    this.folder = folder;
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 16, ...access });
  }

  get port(): number {
    return this.#access.port;
  }

  /** The body, whatever the content; throws `Refused` for 300 and above. */
  async text(method: string, path: string, body?: unknown, type = 'application/json'): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const content = body === undefined ? '' : JSON.stringify(body);
    // Node sends the body of a DELETE without a length of its own accord.
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(content) };
    const options = { method, path, headers, host: '127.0.0.1', port: this.port, agent: this.#agent };
    const sent = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(content);
    const { status, text } = await promise;
    if (status >= 300) throw new Refused(`${method} ${path}`, status, text);
    return text;
  }

  async #json(method: string, path: string, body?: unknown, type?: string): Promise<Fields> {
    return JSON.parse(await this.text(method, path, body, type)) as Fields;
  }

  get(path: string): Promise<Fields> {
    return this.#json('GET', path);
  }

  /** What a list holds as soon as `holds` is true of it. */
  list(path: string, holds: (items: readonly Fields[]) => boolean): Promise<readonly Fields[]> {
    return eventually(async () => {
      const items = each((await this.get(path)).items);
      assert.ok(holds(items), `${path}: ${items.length} objects`);
      return items;
    });
  }

  post(path: string, body: unknown): Promise<Fields> {
    return this.#json('POST', path, body);
  }

  put(path: string, body: unknown): Promise<Fields> {
    return this.#json('PUT', path, body);
  }

  patch(path: string, body: unknown, type: keyof typeof PATCH_TYPES = 'merge'): Promise<Fields> {
    return this.#json('PATCH', path, body, PATCH_TYPES[type]);
  }

  delete(path: string, options?: unknown): Promise<Fields> {
    return this.#json('DELETE', path, options);
  }

  /** A namespace of its own, ready for pods; its path. */
  async namespace(name: string): Promise<string> {
    await this.post('/api/v1/namespaces', { metadata: { name } });
    await eventually(() => this.get(`/api/v1/namespaces/${name}/serviceaccounts/default`));
    return `/api/v1/namespaces/${name}`;
  }

  /** The pod when `holds` is true of it; fails with how it last was. */
  async pod(path: string, holds: (pod: Fields) => boolean, withinMs = 60_000): Promise<Fields> {
    const { promise, resolve } = Promise.withResolvers<Fields>();
    let last: Fields | undefined;
    const waiter: Waiter = {
      path,
      look: (pod) => {
        last = pod;
        if (holds(pod)) resolve(pod);
      },
    };
    this.#waiters.add(waiter);
    void this.#turn();
    const timer = new AbortController();
    const late = sleep(withinMs, undefined, { signal: timer.signal }).then(() =>
      assert.fail(`${path} after ${withinMs} ms: ${JSON.stringify(last?.status)}`),
    );
    try {
      return await Promise.race([promise, late]);
    } finally {
      this.#waiters.delete(waiter);
      timer.abort();
      late.catch(() => undefined);
    }
  }

  async #turn(): Promise<void> {
    if (this.#turning) return;
    this.#turning = true;
    while (this.#waiters.size > 0) {
      const pods = each((await this.get('/api/v1/pods').catch(() => undefined))?.items);
      const byPath = new Map(pods.map((pod) => [pathOf(pod), pod]));
      for (const waiter of this.#waiters) {
        const pod = byPath.get(waiter.path);
        if (pod !== undefined) waiter.look(pod);
      }
      await sleep(TURN_MS);
    }
    this.#turning = false;
  }

  /** Starts a pod and waits until it is ready. */
  async start(namespace: string, pod: object): Promise<Fields> {
    return this.pod(pathOf(await this.post(`${namespace}/pods`, pod)), isReady);
  }

  /** Runs a pod to its end, which is to be a good one; what its (first) container printed. */
  async output(namespace: string, pod: object, container?: string): Promise<string> {
    const path = pathOf(await this.post(`${namespace}/pods`, pod));
    const ended = await this.pod(path, ({ status }) => /Succeeded|Failed/.test(String(status?.phase)));
    const printed = await this.log(path, container ?? String(each(ended.spec?.containers)[0]?.name));
    assert.equal(ended.status?.phase, 'Succeeded', `${printed}\n${JSON.stringify(ended.status)}`);
    await this.delete(path, { gracePeriodSeconds: 0 });
    return printed;
  }

  log(pod: string, container: string, query = ''): Promise<string> {
    return this.text('GET', `${pod}/log?container=${container}${query}`);
  }

  /** Deletes a pod and waits until it is gone. */
  async remove(pod: string, options?: object): Promise<void> {
    await this.delete(pod, options);
    await eventually(() =>
      this.get(pod).then(
        () => assert.fail(`${pod} is still there`),
        (error: unknown) => assert.equal((error as Refused).code, 404),
      ),
    );
  }

  /** Runs a command line of the shell in a running container; what it printed, without the last newline. */
  async sh(pod: string, script: string, container?: string): Promise<string> {
    const query = new URLSearchParams({ stdout: '1', stderr: '1' });
    if (container !== undefined) query.set('container', container);
    for (const word of ['sh', '-c', script]) query.append('command', word);
    const { ca, cert, key } = this.#access;
    const url = `wss://127.0.0.1:${this.port}${pod}/exec?${query.toString()}`;
    const socket = new WebSocket(url, 'v5.channel.k8s.io', { ca, cert, key });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const printed = ['', '', '', ''];
    socket.on('message', (data: Buffer) => {
      const channel = data[0] ?? 0;
      printed[channel] += data.subarray(1).toString();
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
    await promise;
    const { status } = JSON.parse(printed[3] || '{}') as { status?: string };
    assert.equal(status, 'Success', `${script}: ${printed.join('|')}`);
    return (printed[1] ?? '').replace(/\n$/, '');
  }

  /** Builds an image from a Dockerfile that only places files. */
  async image(tag: string, dockerfile: string): Promise<void> {
    const context = await mkdtemp(join(this.folder, 'image-'));
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    const built = await k8ts(this.folder, 'image', 'build', context, '--tag', tag);
    assert.equal(built.exitCode, 0, built.stderr);
  }

  /** Ends the cluster and takes everything away. */
  async stop(): Promise<void> {
    this.#agent.destroy();
    await remove(this.folder);
  }
}

/** Every cluster of a machine at a place of its own, where no other test has one: above 10.164.0.0. */
function networks(): readonly string[] {
  const second = 164 + 2 * randomInt(45);
  return ['--pod-cidr', `10.${second}.0.0/16`, '--service-cidr', `10.${second + 1}.0.0/16`];
}

function k8ts(folder: string, ...args: readonly string[]): Promise<Outcome> {
  return run([LAUNCHER, ...args, '--data-dir', folder], { timeoutMs: 120_000 });
}

async function remove(folder: string): Promise<void> {
  const { exitCode, stderr } = await k8ts(folder, 'delete');
  await rm(folder, { recursive: true, force: true });
  if (exitCode !== 0) throw new Error(`k8ts delete: ${stderr}`);
}

/** `registries`: places with plain HTTP, as `127.0.0.1:5000`. */
export async function startContainers(nodes = 1, registries: readonly string[] = []): Promise<RealCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-real-'));
  const reached = registries.map((registry) => ({ registry, url: `http://${registry}` }));
  await writeFile(join(folder, 'registries.json'), JSON.stringify({ registries: reached }));
  const port = await freePort();
  const flags = ['--nodes', String(nodes), '--port', String(port), ...networks(), '--no-merge'];
  const { exitCode, stdout, stderr } = await k8ts(folder, 'up', ...flags);
  if (exitCode !== 0) {
    const logOf = (name: string): Promise<string> =>
      readFile(join(folder, `logs/${name}.log`), 'utf8').catch(() => `no ${name}.log\n`);
    const logs = await Promise.all(['server', 'node-1'].map(logOf));
    await remove(folder);
    throw new Error(`k8ts up: ${stdout}${stderr}${logs.map((log) => log.slice(-4000)).join('')}`);
  }
  const config = load(await readFile(join(folder, 'admin.kubeconfig'), 'utf8')) as {
    readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
    readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
  };
  const bytes = (text = ''): Buffer => Buffer.from(text, 'base64');
  return new RealCluster(folder, {
    port,
    ca: bytes(config.clusters[0]?.cluster['certificate-authority-data']),
    cert: bytes(config.users[0]?.user['client-certificate-data']),
    key: bytes(config.users[0]?.user['client-key-data']),
  });
}

/** Asks until `look` neither throws nor says false. */
export async function eventually<T>(look: () => Promise<T>, withinMs = 60_000): Promise<T> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    try {
      const value = await look();
      assert.notEqual(value, false, 'not yet so');
      return value;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await sleep(TURN_MS);
    }
  }
}

export function pathOf({ metadata }: Fields): string {
  return `/api/v1/namespaces/${metadata?.namespace}/pods/${metadata?.name}`;
}

export function isReady({ status }: Fields): boolean {
  return each(status?.conditions).some(({ type, status: is }) => `${type} ${is}` === 'Ready True');
}

export function isRunning({ status }: Fields): boolean {
  return String(status?.phase) === 'Running';
}

/** A pod of one container that runs a command line once. */
export function once(name: string, script: string, container: object = {}, spec: object = {}): object {
  return {
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: BUSYBOX, command: ['sh', '-c', script], ...container }],
      ...spec,
    },
  };
}

/** Volumes and mounts with which a container runs a program for this Node: there is no image of it. */
const NODE_PARTS = ['/lib', '/lib64']
  .filter((path) => existsSync(path))
  .map((path, i) => ({ path, name: `lib-${i}` }));
export const NODE_VOLUMES = [
  { name: 'node', hostPath: { path: process.execPath, type: 'File' } },
  ...NODE_PARTS.map(({ path, name }) => ({
    name,
    hostPath: { path: realpathSync(path), type: 'Directory' },
  })),
];
export const NODE_MOUNTS = [
  { name: 'node', mountPath: '/node', readOnly: true },
  ...NODE_PARTS.map(({ path, name }) => ({ name, mountPath: path, readOnly: true })),
];

/** A container that runs a JavaScript program; its pod wants `NODE_VOLUMES`. */
export function program(source: string, fields: object = {}): object {
  return { image: BUSYBOX, command: ['/node', '-e', source], volumeMounts: NODE_MOUNTS, ...fields };
}

/** A pod of one container that stays. */
export function lasting(name: string, container: object = {}, spec: object = {}): object {
  return once(name, 'exec sleep 3600', container, { restartPolicy: 'Always', ...spec });
}
