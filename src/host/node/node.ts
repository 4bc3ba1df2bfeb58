/**
 * The real host: this machine's clock, entropy, file system, network and processes.
 *
 * Inputs: none. Outputs: a `Host`. Invariants: nothing here keeps state between calls except open files,
 * sockets and children, so any number of hosts may exist in one process.
 */

import type { Host } from '../host.ts';
import { createNodeClock } from './clock.ts';
import { createNodeDisk } from './disk.ts';
import { createNodeNetwork } from './network.ts';
import { createNodeProcesses } from './processes.ts';
import { createNodeRandom } from './random.ts';

export function createNodeHost(): Host {
  return {
    clock: createNodeClock(),
    random: createNodeRandom(),
    disk: createNodeDisk(),
    network: createNodeNetwork(),
    processes: createNodeProcesses(),
  };
}
