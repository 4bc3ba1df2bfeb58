/**
 * What simulated sandboxes, containers and images do: the hooks by which tests and scenarios script the
 * in-memory runtime. Everything has a default, so `{}` is a container that starts at once and runs on.
 */

import type { CriError } from '../cri.ts';
import type { ContainerConfig, PodSandboxConfig } from '../messages.ts';
import { type OutputLine, runCommand } from './shell.ts';

export interface ContainerBehaviour {
  /** Time that the start takes. */
  readonly startDelayMs?: number;
  /** The start fails with this text; the container ends with code 128 and reason `StartError`. */
  readonly startError?: string;
  /** It ends by itself after this time; absent: it runs until it is stopped. */
  readonly exitAfterMs?: number;
  /** With `exitAfterMs`; default 0. */
  readonly exitCode?: number;
  /** With `exitAfterMs`; default `Completed` or `Error` by the code. */
  readonly exitReason?: string;
  /** Time from the stop signal to the end; more than the grace period means it is killed. Default 0. */
  readonly stopDelayMs?: number;
  /** Code after the stop signal; default 143. */
  readonly stopExitCode?: number;
  readonly output?: readonly OutputLine[];
  /** Answers `execSync`; default: what the command line itself says, else success without output. */
  readonly exec?: (cmd: readonly string[], container: RunningContainer) => ExecAnswer;
  /** Asked at every look at the statistics; default 1 millicore and 8 MiB. */
  readonly usage?: (container: RunningContainer) => Usage;
}

export interface RunningContainer {
  readonly config: ContainerConfig;
  readonly runningMs: number;
}

export interface ExecAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  readonly delayMs?: number;
}

export interface Usage {
  readonly nanoCores: number;
  readonly workingSetBytes: number;
}

export interface SandboxBehaviour {
  readonly delayMs?: number;
  readonly error?: CriError;
}

export interface ImageBehaviour {
  /** There from the start, as if it had been pulled before; default false. */
  readonly present?: boolean;
  readonly pullDelayMs?: number;
  readonly pullError?: CriError;
  /** Default 32 MiB. */
  readonly sizeBytes?: number;
}

/** The script of one node. Each hook is asked once per sandbox, container start and pull. */
export interface MemoryScript {
  readonly sandbox?: (config: PodSandboxConfig) => SandboxBehaviour;
  readonly container?: (config: ContainerConfig, sandbox: PodSandboxConfig) => ContainerBehaviour;
  /** `image` is the complete reference. */
  readonly image?: (image: string) => ImageBehaviour;
}

/**
 * The default: a command line made of the few words that `shell.ts` knows (`sleep 5; exit 3`) does what it
 * says; everything else is a server that runs until it is stopped.
 */
export function defaultBehaviour(config: ContainerConfig): ContainerBehaviour {
  const run = runCommand([...(config.command ?? []), ...(config.args ?? [])], config.envs);
  return run.exit === undefined
    ? { output: run.output }
    : { output: run.output, exitAfterMs: run.exit.afterMs, exitCode: run.exit.code };
}

export function defaultExec(cmd: readonly string[]): ExecAnswer {
  const run = runCommand(cmd);
  const text = (stream: OutputLine['stream']): string =>
    run.output.map((line) => (line.stream === stream ? `${line.text}\n` : '')).join('');
  return {
    stdout: text('stdout'),
    stderr: text('stderr'),
    exitCode: run.exit?.code ?? 0,
    delayMs: run.exit?.afterMs ?? 0,
  };
}
