/**
 * One simulated container: created -> running -> exited, driven by the clock.
 *
 * Inputs: its configuration and behaviour, and the calls start, stop and kill. Outputs: its status, its log
 * and a call of `changed` at every transition. Invariant: a timer exists only while a running container is
 * to end by itself or is stopping; a server that just runs costs nothing.
 */

import { assert } from '../../../base/assert.ts';
import type { Clock, Timer } from '../../../host/host.ts';
import { CriError } from '../cri.ts';
import type {
  Container,
  ContainerConfig,
  ContainerEventType,
  ContainerState,
  ContainerStatus,
  LinuxContainerResources,
} from '../messages.ts';
import type { ContainerStats } from '../stats.ts';
import type { ContainerBehaviour, RunningContainer, Usage } from './behaviour.ts';

export interface LogLine {
  readonly timeMs: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface ContainerInputs {
  readonly clock: Clock;
  readonly id: string;
  readonly podSandboxId: string;
  readonly config: ContainerConfig;
  readonly imageId: string;
  readonly logPath: string;
  readonly createdAtMs: number;
  readonly changed: (type: ContainerEventType) => void;
}

interface End {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
}

const killedCode = 137;
const terminatedCode = 143;
const startErrorCode = 128;
const idleUsage: Usage = { nanoCores: 1_000_000, workingSetBytes: 8 * 2 ** 20 };

export class MemoryContainer {
  readonly id: string;
  readonly podSandboxId: string;
  readonly config: ContainerConfig;
  readonly #inputs: ContainerInputs;
  #behaviour: ContainerBehaviour = {};
  #state: ContainerState = 'CONTAINER_CREATED';
  #starting = false;
  #startedAtMs = 0;
  #finishedAtMs = 0;
  #end: End = { exitCode: 0, reason: '' };
  #resources: LinuxContainerResources | undefined;
  #timer: Timer | undefined;
  #ended = Promise.withResolvers<void>();
  #cpu = { untilMs: 0, nanoSeconds: 0 };

  constructor(inputs: ContainerInputs) {
    this.#inputs = inputs;
    this.id = inputs.id;
    this.podSandboxId = inputs.podSandboxId;
    this.config = inputs.config;
    this.#resources = inputs.config.linux?.resources;
  }

  get state(): ContainerState {
    return this.#state;
  }

  get behaviour(): ContainerBehaviour {
    return this.#behaviour;
  }

  /** Rejects when it is not in state created, and when its behaviour says that the start fails. */
  async start(behaviour: ContainerBehaviour): Promise<void> {
    if (this.#state !== 'CONTAINER_CREATED' || this.#starting) {
      throw new CriError('FailedPrecondition', `container ${this.id} is in ${this.#state} state`);
    }
    this.#starting = true;
    this.#behaviour = behaviour;
    const { clock } = this.#inputs;
    if ((behaviour.startDelayMs ?? 0) > 0) await clock.sleep(behaviour.startDelayMs ?? 0);
    if (this.state !== 'CONTAINER_CREATED') {
      throw new CriError('FailedPrecondition', `container ${this.id} was removed while it started`);
    }
    this.#startedAtMs = clock.now();
    this.#cpu.untilMs = this.#startedAtMs;
    if (behaviour.startError !== undefined) {
      this.#finish({ exitCode: startErrorCode, reason: 'StartError', message: behaviour.startError });
      throw new CriError('Unknown', behaviour.startError);
    }
    this.#state = 'CONTAINER_RUNNING';
    this.#inputs.changed('CONTAINER_STARTED_EVENT');
    if (behaviour.exitAfterMs !== undefined) {
      const { exitAfterMs, exitCode = 0, exitReason } = behaviour;
      this.#timer = clock.after(exitAfterMs, () => this.exit(exitCode, exitReason));
    }
  }

  /** Resolves when it has ended; at once when it does not run. */
  async stop(timeoutSeconds: number): Promise<void> {
    if (this.#state !== 'CONTAINER_RUNNING') return;
    const { stopDelayMs = 0, stopExitCode = terminatedCode } = this.#behaviour;
    const graceMs = timeoutSeconds * 1000;
    const killed = graceMs <= 0 || stopDelayMs > graceMs;
    const delayMs = killed ? graceMs : stopDelayMs;
    const exitCode = killed ? killedCode : stopExitCode;
    if (delayMs <= 0) return this.exit(exitCode);
    // A second stop may only shorten what the first began, so its timer runs beside the first.
    const timer = this.#inputs.clock.after(delayMs, () => this.exit(exitCode));
    await this.#ended.promise;
    timer.cancel();
  }

  /** Ends a container that runs; harmless otherwise. */
  exit(exitCode: number, reason?: string): void {
    if (this.#state !== 'CONTAINER_RUNNING') return;
    this.#sampleCpu();
    this.#finish({ exitCode, reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error') });
  }

  kill(): void {
    // One that is not started yet must not come up after its sandbox is gone.
    const starting = this.#state === 'CONTAINER_CREATED' && this.#starting;
    if (starting) this.#finish({ exitCode: killedCode, reason: 'Error' });
    else this.exit(killedCode);
  }

  setResources(resources: LinuxContainerResources): void {
    this.#resources = { ...this.#resources, ...resources };
  }

  /** What it has written by now. */
  log(): readonly LogLine[] {
    if (this.#startedAtMs === 0) return [];
    const untilMs = this.#state === 'CONTAINER_RUNNING' ? this.#inputs.clock.now() : this.#finishedAtMs;
    return (this.#behaviour.output ?? [])
      .map(({ afterMs, stream, text }) => ({ timeMs: this.#startedAtMs + afterMs, stream, text }))
      .filter((line) => line.timeMs <= untilMs);
  }

  running(): RunningContainer {
    assert(this.#state === 'CONTAINER_RUNNING', `container ${this.id} does not run`);
    return { config: this.config, runningMs: this.#inputs.clock.now() - this.#startedAtMs };
  }

  summary(): Container {
    const { id, podSandboxId, config, imageId, createdAtMs } = this.#inputs;
    const { metadata, image, labels = {}, annotations = {} } = config;
    return {
      id,
      podSandboxId,
      metadata,
      image,
      imageRef: imageId,
      imageId,
      state: this.#state,
      createdAtMs,
      labels,
      annotations,
    };
  }

  status(): ContainerStatus {
    const { podSandboxId: _, ...summary } = this.summary();
    const { exitCode, reason, message = '' } = this.#end;
    return {
      ...summary,
      startedAtMs: this.#startedAtMs,
      finishedAtMs: this.#finishedAtMs,
      exitCode,
      reason,
      message,
      mounts: this.config.mounts ?? [],
      logPath: this.#inputs.logPath,
      stopSignal: this.config.stopSignal ?? 'RUNTIME_DEFAULT',
      ...(this.#resources === undefined ? {} : { resources: this.#resources }),
    };
  }

  stats(): ContainerStats {
    const { id, clock, config } = this.#inputs;
    const timestampMs = clock.now();
    const { metadata, labels = {}, annotations = {} } = config;
    const { nanoCores, workingSetBytes } = this.#sampleCpu();
    return {
      attributes: { id, metadata, labels, annotations },
      cpu: { timestampMs, usageCoreNanoSeconds: this.#cpu.nanoSeconds, usageNanoCores: nanoCores },
      memory: { timestampMs, workingSetBytes, usageBytes: workingSetBytes, rssBytes: workingSetBytes },
      writableLayer: { timestampMs, mountpoint: '', usedBytes: 0, inodesUsed: 0 },
    };
  }

  /** Adds the CPU time since the last look, at the rate that holds now. */
  #sampleCpu(): Usage {
    if (this.#state !== 'CONTAINER_RUNNING') return { nanoCores: 0, workingSetBytes: 0 };
    const usage = this.#behaviour.usage?.(this.running()) ?? idleUsage;
    const nowMs = this.#inputs.clock.now();
    this.#cpu.nanoSeconds += Math.round((Math.max(nowMs - this.#cpu.untilMs, 0) / 1000) * usage.nanoCores);
    this.#cpu.untilMs = nowMs;
    return usage;
  }

  #finish(end: End): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#end = end;
    this.#state = 'CONTAINER_EXITED';
    this.#finishedAtMs = this.#inputs.clock.now();
    this.#ended.resolve();
    this.#inputs.changed('CONTAINER_STOPPED_EVENT');
  }
}
