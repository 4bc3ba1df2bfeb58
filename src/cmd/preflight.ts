/** What a machine lacks to run real containers, and how to get it. Looks only; changes nothing. */

import type { Host } from '../host/host.ts';
import { findPrograms, missingPackages, missingPrograms } from '../kubelet/containerd/programs.ts';

/** Undefined when nothing is missing, else what is, in words for the user. */
export async function missingOnThisMachine({ processes, disk }: Host): Promise<string | undefined> {
  const missing = missingPrograms(await findPrograms(processes, disk));
  if (missing.length === 0) return undefined;
  const reasons = missing.map(({ reason }) => `  - ${reason}`).join('\n');
  return (
    `this machine lacks what real containers need:\n${reasons}\n` +
    `Install it, for example with\n  apt-get install --no-install-recommends ${missingPackages(missing).join(' ')}\n` +
    'or start with simulated nodes: --runtime simulated'
  );
}
