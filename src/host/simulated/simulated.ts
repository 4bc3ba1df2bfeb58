/**
 * The simulated host: virtual time, seeded randomness, a disk that can crash and fill up, a scripted network
 * and scripted processes. A program that touches the outside only through it replays exactly from its seed.
 *
 * Inputs: a seed. Outputs: a `SimulatedHost`, whose parts a test steers.
 * Invariants: no wall time, no entropy, no io; time moves only through `clock.advance`.
 */

import type { Host } from '../host.ts';
import { SimulatedClock } from './clock.ts';
import { SimulatedDisk } from './disk.ts';
import { SimulatedNetwork } from './network.ts';
import { SimulatedProcesses } from './processes.ts';
import { SeededRandom } from './random.ts';

export interface SimulatedHost extends Host {
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly disk: SimulatedDisk;
  readonly network: SimulatedNetwork;
  readonly processes: SimulatedProcesses;
}

export interface SimulatedHostOptions {
  /** Wall time at the start, in milliseconds since 1970. */
  readonly startMs?: number;
}

/** 2026-01-01T00:00:00Z: any fixed instant does; a recent one keeps dates in test output readable. */
const START_MS = Date.UTC(2026, 0, 1);

export function createSimulatedHost(seed: number, options: SimulatedHostOptions = {}): SimulatedHost {
  const random = new SeededRandom(seed);
  return {
    clock: new SimulatedClock(options.startMs ?? START_MS),
    random,
    // A stream of its own, so that disk faults do not shift what the program draws.
    disk: new SimulatedDisk(random.fork()),
    network: new SimulatedNetwork(),
    processes: new SimulatedProcesses(),
  };
}
