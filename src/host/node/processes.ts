/** Child processes of the machine. */

import { spawn as startChild } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { ChildProcess, ProcessResult, Processes, RunOptions, SpawnOptions } from '../host.ts';

/** Output beyond this is a runaway program, not an answer. */
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

export function createNodeProcesses(): Processes {
  return { run, spawn };
}

function run(command: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = startChild(program, args, {
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
    });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[], bytes: 0 };
    const take = (chunks: Buffer[]) => (chunk: Buffer) => {
      chunks.push(chunk);
      output.bytes += chunk.length;
      if (output.bytes > OUTPUT_MAX_BYTES) child.kill('SIGKILL');
    };
    child.stdout.on('data', take(output.stdout));
    child.stderr.on('data', take(output.stderr));
    // A program that ends without reading its input is no error of ours.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.once('error', (cause) => reject(new Error(`cannot run ${program}`, { cause })));
    child.once('close', (code, signal) => {
      if (output.bytes > OUTPUT_MAX_BYTES) {
        return reject(new Error(`${program} wrote more than ${OUTPUT_MAX_BYTES} bytes of output`));
      }
      const stdout = Buffer.concat(output.stdout).toString();
      const stderr = Buffer.concat(output.stderr).toString();
      resolve({ exitCode: exitCode(code, signal), stdout, stderr });
    });
  });
}

function spawn(command: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const [program = '', ...args] = command;
  const log = options.logFile === undefined ? undefined : openSync(options.logFile, 'a', 0o600);
  const child = startChild(program, args, {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', log ?? 'ignore', log ?? 'ignore'],
    detached: options.detached ?? false,
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
  });
  if (log !== undefined) closeSync(log);
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(exitCode(code, signal)));
    // A program that cannot be started is reported below; one that cannot be signalled has ended.
    child.on('error', () => {});
  });
  const { pid } = child;
  if (pid === undefined)
    throw new Error(`cannot start ${program}: no such program, or it may not be executed`);
  if (options.detached === true) child.unref();
  return { pid, exited, kill: (signal) => void child.kill(signal) };
}

function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
