/**
 * The process of a containerd of ours: started, found again, awaited, ended.
 *
 * Invariant: a pid counts only when the process behind it has our configuration on its command line.
 */

import { aborted } from '../../base/abort.ts';
import type { ChildProcess, Clock, Disk, Host } from '../../host/host.ts';
import { connectRuntime } from '../cri/grpc/grpc.ts';

export interface ProcessPaths {
  readonly config: string;
  readonly socket: string;
  readonly log: string;
  readonly pidFile: string;
}

/** The process, ours or adopted. */
export interface Running {
  readonly pid: number;
  /** Absent for an adopted one: its end is seen by looking. */
  readonly child?: ChildProcess;
}

const startTimeoutMs = 30_000;
const startPollMs = 25;
const adoptedPollMs = 2000;
const stopTimeoutMs = 10_000;
const logTailLines = 12;

export function startProcess(host: Host, prefixCommand: readonly string[], paths: ProcessPaths): Running {
  const command = [...prefixCommand, 'containerd', '--config', paths.config];
  const child = host.processes.spawn(command, { detached: true, logFile: paths.log, folder: '/' });
  return { pid: child.pid, child };
}

/** The process of the pid file, when it is alive and is a containerd with our configuration. */
export async function findRunning(disk: Disk, paths: ProcessPaths): Promise<Running | undefined> {
  const text = Buffer.from((await disk.readFile(paths.pidFile)) ?? '').toString();
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return (await isOurs(disk, paths, pid)) ? { pid } : undefined;
}

/** A pid alone proves nothing: after a reboot it may be another program's. */
async function isOurs(disk: Disk, paths: ProcessPaths, pid: number): Promise<boolean> {
  const bytes = await disk.readFile(`/proc/${pid}/cmdline`).catch(() => undefined);
  const words = Buffer.from(bytes ?? '')
    .toString()
    .split('\0');
  return words.includes(paths.config);
}

export async function waitUntilItAnswers(
  host: Host,
  paths: ProcessPaths,
  running: Running,
  signal: AbortSignal,
): Promise<void> {
  const { clock, disk } = host;
  const runtime = await connectRuntime({ socketPath: paths.socket, requestTimeoutMs: 2000 });
  try {
    const untilMs = clock.monotonicMs() + startTimeoutMs;
    let last: unknown;
    while (clock.monotonicMs() < untilMs) {
      signal.throwIfAborted();
      if (!(await isOurs(disk, paths, running.pid))) {
        throw new Error(`containerd ended while it started:\n${await logTail(disk, paths)}`);
      }
      try {
        await runtime.version();
        return;
      } catch (error) {
        last = error;
      }
      await clock.sleep(startPollMs, signal);
    }
    const tail = await logTail(disk, paths);
    throw new Error(`containerd did not answer within ${startTimeoutMs / 1000} s:\n${tail}`, { cause: last });
  } finally {
    runtime.close();
  }
}

/** Resolves when the process has ended or the signal aborts. */
export async function ended(
  clock: Clock,
  disk: Disk,
  paths: ProcessPaths,
  { pid, child }: Running,
  signal: AbortSignal,
): Promise<void> {
  if (child !== undefined) {
    await Promise.race([child.exited, aborted(signal)]);
    return;
  }
  while (!signal.aborted && (await isOurs(disk, paths, pid))) await clock.sleep(adoptedPollMs, signal);
}

export async function stopProcess(host: Host, paths: ProcessPaths, pid: number): Promise<void> {
  const { clock, disk, processes } = host;
  for (const signal of ['TERM', 'KILL']) {
    // The shell's own kill: there is one wherever containers can run.
    await processes.run(['sh', '-c', 'kill -s "$0" "$1" 2>/dev/null', signal, String(pid)]);
    const untilMs = clock.monotonicMs() + stopTimeoutMs;
    while (clock.monotonicMs() < untilMs) {
      if (!(await isOurs(disk, paths, pid))) return;
      await clock.sleep(startPollMs);
    }
  }
  throw new Error(`containerd (pid ${pid}) cannot be ended`);
}

export async function logTail(disk: Disk, paths: ProcessPaths): Promise<string> {
  const text = Buffer.from((await disk.readFile(paths.log)) ?? '').toString();
  return text.trimEnd().split('\n').slice(-logTailLines).join('\n');
}
