/**
 * Installs what real containers need from the system's packages; says what it does, changes nothing it need
 * not.
 */

import { spawnSync } from 'node:child_process';
import { createNodeHost } from '../src/host/node/node.ts';
import { findPrograms, missingPackages, missingPrograms } from '../src/kubelet/containerd/programs.ts';

export type Installation = 'complete' | 'impossible';

/** `impossible`: no root, not Linux, or no apt: nodes will be simulated. */
export async function installPackages(further: readonly string[] = []): Promise<Installation> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'impossible';
  const { processes, disk } = createNodeHost();
  const missing = missingPackages(missingPrograms(await findPrograms(processes, disk)));
  const absent = further.filter((name) => spawnSync('dpkg', ['-s', name], { stdio: 'ignore' }).status !== 0);
  const wanted = [...new Set([...missing, ...absent])];
  if (wanted.length === 0) return 'complete';
  if (spawnSync('sh', ['-c', 'command -v apt-get'], { stdio: 'ignore' }).status !== 0) {
    console.log(`These programs are missing and there is no apt-get to install them: ${wanted.join(', ')}`);
    return 'impossible';
  }
  console.log(`Installing from the system's packages: ${wanted.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Services that the packages bring are none of ours; k8ts starts a containerd of its own.
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...wanted],
  ]) {
    const { status, stderr } = spawnSync('apt-get', args, {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${stderr.toString().slice(-2000)}`);
  }
  return 'complete';
}
