/**
 * For end-to-end tests: a cluster of simulated nodes in a folder of its own, started through the command
 * line as a user starts it, and stock kubectl pointed at it. `remove` takes everything away again.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { findBinary } from '../src/cmd/kubectl.ts';

export const MAIN = join(import.meta.dirname, '../src/cmd/main.ts');

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the program with SIGTERM after this time: for what would follow for ever. Default 60 s. */
  readonly timeoutMs?: number;
}

export interface TestCluster {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly port: number;
  /** Whatever the exit code. */
  kubectl(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Its standard output; throws with its complaint when it fails. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Its complaint; throws when it succeeds. */
  fails(args: readonly string[], options?: RunOptions): Promise<string>;
  remove(): Promise<void>;
}

export async function startTestCluster(extraArgs: readonly string[] = []): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-e2e-'));
  const binary = await findBinary('kubectl', process.env['K8TS_TEST_KUBECTL'] === 'v34' ? 'v34' : 'v35');
  const port = await freePort();
  const kubeconfig = join(folder, 'admin.kubeconfig');
  const place = ['--data-dir', folder];
  const k8ts = (...args: string[]): Promise<Outcome> => run([process.execPath, MAIN, ...args]);
  const remove = async (): Promise<void> => {
    const outcome = await k8ts('delete', ...place);
    await rm(folder, { recursive: true, force: true });
    if (outcome.exitCode !== 0) throw new Error(`k8ts delete: ${outcome.stderr}`);
  };
  const up = await k8ts(
    ...['up', '--runtime', 'simulated', ...place, '--port', String(port), '--no-merge', ...extraArgs],
  );
  if (up.exitCode !== 0) {
    const log = await readFile(join(folder, 'logs/server.log'), 'utf8').catch(() => 'no log');
    await remove();
    throw new Error(`k8ts up: ${up.stdout}${up.stderr}${log.slice(-4000)}`);
  }
  const kubectl = (args: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
    run([binary, ...args], {
      ...options,
      environment: { KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, 'cache'), ...options.environment },
    });
  return {
    folder,
    kubeconfig,
    port,
    kubectl,
    async ok(args, options) {
      const outcome = await kubectl(args, options);
      if (outcome.exitCode === 0) return outcome.stdout;
      throw new Error(`kubectl ${args.join(' ')} (${outcome.exitCode}): ${outcome.stderr}${outcome.stdout}`);
    },
    async fails(args, options) {
      const outcome = await kubectl(args, options);
      if (outcome.exitCode !== 0) return outcome.stderr;
      throw new Error(`kubectl ${args.join(' ')} was to fail, and said: ${outcome.stdout}`);
    },
    remove,
  };
}

/** Runs to the end, or to its time limit. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [program = '', ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const child = spawn(program, args, { env: { ...process.env, ...options.environment } });
  const timer = setTimeout(() => child.kill('SIGTERM'), options.timeoutMs ?? 60_000);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  child.once('error', reject);
  child.once('close', (code) => {
    clearTimeout(timer);
    resolve({ exitCode: code ?? 143, ...texts });
  });
  // A program that ends without reading its input is no failure of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return promise;
}

/** Asks until `look` holds, by its own words (`undefined`, `false` and an error mean: not yet). */
export async function until<T>(look: () => Promise<T | undefined | false>, timeoutMs = 20_000): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  let last: unknown = 'it never held';
  do {
    try {
      const value = await look();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  } while (performance.now() < deadlineMs);
  throw new Error(`not within ${timeoutMs} ms`, { cause: last });
}

export interface ClientFiles {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What a client without kubectl needs. */
export async function clientFiles(cluster: TestCluster): Promise<ClientFiles> {
  const config = JSON.parse(await cluster.ok(['config', 'view', '--raw', '-o', 'json'])) as {
    readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
    readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
  };
  const { 'certificate-authority-data': ca = '' } = config.clusters[0]?.cluster ?? {};
  const { 'client-certificate-data': cert = '', 'client-key-data': key = '' } = config.users[0]?.user ?? {};
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  return { ca: bytes(ca), cert: bytes(cert), key: bytes(key) };
}

export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}
