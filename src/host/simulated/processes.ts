/** Scripted processes: a test says what each program does; every call is recorded. */

import type { ChildProcess, ProcessResult, Processes, RunOptions, SpawnOptions } from '../host.ts';

export interface ProcessCall {
  readonly command: readonly string[];
  readonly options: RunOptions | SpawnOptions;
}

type RunScript = (command: readonly string[], options: RunOptions) => Partial<ProcessResult>;

/** Calls remembered for assertions; older ones are dropped. */
const CALLS_MAX = 10_000;

export class SimulatedProcesses implements Processes {
  readonly calls: ProcessCall[] = [];
  readonly #scripts = new Map<string, RunScript>();
  #pid = 1000;

  /** What `run` answers for `program`; the parts left out are exit code 0 and empty output. */
  script(program: string, answer: RunScript): void {
    this.#scripts.set(program, answer);
  }

  async run(command: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
    this.#record({ command, options });
    const script = this.#scripts.get(command[0] ?? '');
    if (script === undefined) throw new Error(`cannot run ${command[0]}: no such program in this simulation`);
    return { exitCode: 0, stdout: '', stderr: '', ...script(command, options) };
  }

  /** A child that runs until it is killed. */
  spawn(command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    this.#record({ command, options });
    const { promise, resolve } = Promise.withResolvers<number>();
    const exitCodes = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };
    return { pid: this.#pid++, exited: promise, kill: (signal) => resolve(exitCodes[signal]) };
  }

  #record(call: ProcessCall): void {
    this.calls.push(call);
    if (this.calls.length > CALLS_MAX) this.calls.shift();
  }
}
