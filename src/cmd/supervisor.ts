/**
 * The supervisor that `up` leaves behind: starts the server and the node agents, restarts what ends by
 * itself with backoff, and writes down what runs, for `status` and `down`.
 *
 * It holds no state of the cluster: killed with `kill -9`, the next `up` starts another one, and node
 * agents adopt the containers that went on running.
 */

import { whenAborted } from '../base/abort.ts';
import { join } from 'node:path';
import type { Logger } from '../base/log.ts';
import type { ChildProcess, Host } from '../host/host.ts';

const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** A child that ran this long starts with a clean record. */
const HEALTHY_AFTER_MS = 60_000;
/** Time for the server to end watches and flush, for agents to leave. */
const STOP_GRACE_MS = 10_000;

export interface ChildSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface ChildStatus {
  readonly name: string;
  readonly pid: number;
  /** Wall time in milliseconds. */
  readonly startedMs: number;
  readonly restarts: number;
}

export interface SupervisorStatus {
  readonly pid: number;
  readonly children: readonly ChildStatus[];
}

export interface SupervisorParts {
  readonly host: Host;
  readonly logger: Logger;
  readonly children: readonly ChildSpec[];
  readonly logFolder: string;
  readonly statusFile: string;
  readonly pid: number;
}

export async function supervise(parts: SupervisorParts, signal: AbortSignal): Promise<void> {
  const status = new Map<string, ChildStatus>();
  let written: Promise<void> = Promise.resolve();
  const publish = (): Promise<void> => {
    // One after the other: the children come and go by themselves.
    written = written.then(() => {
      const document: SupervisorStatus = { pid: parts.pid, children: [...status.values()] };
      return parts.host.disk.writeFileAtomic(parts.statusFile, Buffer.from(JSON.stringify(document)), 0o600);
    });
    return written;
  };
  await publish();
  await Promise.all(parts.children.map((spec) => keepRunning(parts, spec, status, publish, signal)));
}

async function keepRunning(
  parts: SupervisorParts,
  spec: ChildSpec,
  status: Map<string, ChildStatus>,
  publish: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, processes } = parts.host;
  let failures = 0;
  for (let restarts = 0; !signal.aborted; restarts++) {
    const startedMs = clock.now();
    const logFile = join(parts.logFolder, `${spec.name}.log`);
    const child = processes.spawn(spec.command, { environment: spec.environment, logFile });
    status.set(spec.name, { name: spec.name, pid: child.pid, startedMs, restarts });
    await publish();
    const exitCode = await untilExit(child, signal, clock);
    status.delete(spec.name);
    if (signal.aborted) return;
    failures = clock.now() - startedMs > HEALTHY_AFTER_MS ? 0 : failures + 1;
    const waitMs = Math.min(BACKOFF_MIN_MS * 2 ** (failures - 1), BACKOFF_MAX_MS);
    parts.logger.warn(`${spec.name} ended with exit code ${exitCode}; starting it again`, {
      waitMs,
      restarts,
    });
    await publish();
    await clock.sleep(waitMs, signal);
  }
}

/** Passes a stop on to the child; insists after the grace period. */
async function untilExit(child: ChildProcess, signal: AbortSignal, clock: Host['clock']): Promise<number> {
  const stopPassingOn = whenAborted(signal, () => {
    child.kill('SIGTERM');
    clock.after(STOP_GRACE_MS, () => child.kill('SIGKILL'));
  });
  try {
    return await child.exited;
  } finally {
    stopPassingOn();
  }
}
