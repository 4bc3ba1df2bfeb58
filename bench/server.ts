/** The built `k8ts server` in a process of its own, on an empty data folder that vanishes with it. */

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type ClientHttp2Session } from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Those of the launcher. */
export const YOUNG_GENERATION = ['--min-semi-space-size=4', '--max-semi-space-size=64'];
const FLAGS = ['--disable-warning=ExperimentalWarning', ...YOUNG_GENERATION];
const READY_MAX_MS = 60_000;
const TICKS_PER_SECOND = 100;
/** Those of Go's client. With HTTP/2's own 64 KB for all streams together, some watches starve beside others. */
const STREAM_WINDOW = 4 * 1024 * 1024;
const CONNECTION_WINDOW = 2 ** 30;

export interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface BenchServer {
  readonly url: string;
  readonly credentials: Credentials;
  /** A connection of the administrator. */
  readonly session: ClientHttp2Session;
  /** From the start of the process to the first `ok` of `/readyz`. */
  readonly readyMs: number;
  /** `performance.now()` at the start of the process. */
  readonly startedAt: number;
  /** Where its keys are: `ca.crt`, `admin.crt`, `admin.key`. */
  readonly pki: string;
  /** User and system time that the process has used so far. */
  cpuSeconds(): number;
  residentMegabytes(): number;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export function buildBundle(): void {
  execFileSync(process.execPath, [join(ROOT, 'tools/build.ts')], { stdio: 'inherit' });
}

/** `fill`: writes what is to be there before the server starts, given its data folder. */
export async function startServer(fill?: (folder: string) => Promise<void>): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-bench-'));
  await fill?.(folder);
  const port = await freePort();
  const args = [join(ROOT, 'dist/k8ts.mjs'), 'server', '--data-dir', folder, '--port', String(port)];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...FLAGS, ...args, '--runtime', 'simulated'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = `https://127.0.0.1:${port}`;
  const proc = `/proc/${child.pid}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { credentials, session } = await untilReady(url, join(folder, 'pki'), startedAt + READY_MAX_MS);
    const readyMs = performance.now() - startedAt;
    return {
      url,
      credentials,
      session,
      readyMs,
      startedAt,
      pki: join(folder, 'pki'),
      cpuSeconds: () => cpuSecondsOf(child.pid),
      residentMegabytes: () => {
        const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`${proc}/status`, 'utf8'))?.[1];
        return Number(kilobytes) / 1024;
      },
      stop: async () => {
        session.destroy();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether controllers and scheduler have listed what there is; the API is ready before. */
export async function controllersWork({ session }: BenchServer): Promise<boolean> {
  const { body } = await request(session, 'GET', '/api/v1/componentstatuses');
  return !body.includes('"status":"False"');
}

/** User and system time that a process has used so far. */
export function cpuSecondsOf(pid: number | undefined): number {
  // The name of the program, in parentheses, may contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function request(
  session: ClientHttp2Session,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': method,
      ':path': path,
      ...(body === undefined ? {} : { 'content-type': contentType(method) }),
    });
    let status = 0;
    let text = '';
    stream.setEncoding('utf8');
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0;
    });
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    stream.once('end', () => resolve({ status, body: text }));
    stream.once('error', reject);
    stream.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function contentType(method: string): string {
  return method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
}

/** Asks until the answer satisfies; false after ten seconds. */
export async function poll(
  session: ClientHttp2Session,
  path: string,
  satisfies: (answer: Answer) => boolean,
): Promise<boolean> {
  for (const end = performance.now() + 10_000; performance.now() < end; await pause(5))
    if (satisfies(await request(session, 'GET', path))) return true;
  return false;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function untilReady(url: string, pki: string, deadline: number) {
  let last: unknown;
  for (; performance.now() < deadline; await pause(5)) {
    let session: ClientHttp2Session | undefined;
    try {
      const files = ['ca.crt', 'admin.crt', 'admin.key'].map((file) => readFile(join(pki, file), 'utf8'));
      const [ca = '', cert = '', key = ''] = await Promise.all(files);
      const credentials = { ca, cert, key };
      session = await open(url, credentials);
      if (await poll(session, '/readyz', ({ status }) => status === 200)) return { credentials, session };
    } catch (error) {
      // Not there yet: files, port, or half of a file.
      last = error;
      session?.destroy();
    }
  }
  throw new Error('the server did not become ready', { cause: last });
}

export function open(url: string, credentials: Credentials): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const settings = { initialWindowSize: STREAM_WINDOW };
    const session = connect(url, { ...credentials, settings });
    session.once('connect', () => {
      session.setLocalWindowSize(CONNECTION_WINDOW);
      resolve(session);
    });
    session.once('error', reject);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
