/**
 * Removes a node's containerd with everything that it has brought to the machine: sandboxes, processes,
 * mounts, the bridge and the folders.
 *
 * Invariants: only what belongs to the node's own folders, socket and bridge is touched; a step that fails
 * does not keep the later ones from being tried; the folders go last, and only when nothing is mounted below
 * them.
 */

import { errorText, type Logger } from '../../base/log.ts';
import type { Disk, Host, Processes } from '../../host/host.ts';
import { type ContainerdOptions, createContainerd } from './containerd.ts';

const removeTimeoutMs = 60_000;

/** Rejects when something could not be removed, and says what. */
export async function removeContainerd(
  host: Host,
  options: ContainerdOptions,
  logger: Logger,
): Promise<void> {
  const { disk, processes } = host;
  const containerd = createContainerd(host, options, logger);
  const problems: string[] = [];
  const attempt = async (what: string, step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      problems.push(`${what}: ${errorText(error)}`);
    }
  };
  await attempt('removing sandboxes', async () => {
    // One that was stopped is started once more: only it can release addresses and network rules.
    if ((await disk.readFile(`${options.folder}/config.toml`)) === undefined) return;
    await containerd.ensureRunning(AbortSignal.timeout(removeTimeoutMs));
    const runtime = await containerd.connect();
    try {
      const sandboxes = await runtime.listPodSandbox();
      await Promise.all(sandboxes.map(({ id }) => runtime.removePodSandbox(id)));
    } finally {
      runtime.close();
    }
  });
  await attempt('stopping containerd', () => containerd.shutDown());
  await attempt('ending shims', () => endShims(disk, processes, containerd.socketPath));
  await attempt('removing the bridge', () => removeBridge(processes, options));
  for (const folder of [options.stateFolder, options.folder]) {
    await attempt('removing the folder', async () => {
      // In this order, and not at all when it fails: behind a mount may lie what is not ours.
      await unmountBelow(disk, processes, folder);
      await disk.remove(folder);
    });
  }
  if (problems.length > 0)
    throw new Error(`the node's runtime is not removed wholly: ${problems.join('; ')}`);
}

/** Shims that containerd could not be asked to end, for instance since its state was lost. */
async function endShims(disk: Disk, processes: Processes, socketPath: string): Promise<void> {
  for (const pid of (await disk.list('/proc')).filter((name) => /^\d+$/.test(name))) {
    const bytes = await disk.readFile(`/proc/${pid}/cmdline`).catch(() => undefined);
    const words = Buffer.from(bytes ?? '')
      .toString()
      .split('\0');
    const isShim = words[0]?.includes('containerd-shim') === true;
    if (isShim && words.includes(socketPath)) await processes.run(['sh', '-c', 'kill -s KILL "$0"', pid]);
  }
}

async function unmountBelow(disk: Disk, processes: Processes, folder: string): Promise<void> {
  for (const mountPoint of await mountedBelow(disk, folder)) {
    const { exitCode, stderr } = await processes.run(['umount', '--lazy', mountPoint]);
    if (exitCode !== 0) throw new Error(`umount ${mountPoint}: ${stderr.trim()}`);
  }
  const left = await mountedBelow(disk, folder);
  if (left.length > 0) throw new Error(`${left.join(', ')} cannot be unmounted`);
}

async function mountedBelow(disk: Disk, folder: string): Promise<readonly string[]> {
  const mountInfo = await disk.readFile('/proc/self/mountinfo');
  if (mountInfo === undefined) throw new Error('/proc/self/mountinfo is not there');
  return mountPointsBelow(Buffer.from(mountInfo).toString(), folder);
}

/** The mount points at and below a folder, deepest (last mounted) first. */
export function mountPointsBelow(mountInfo: string, folder: string): readonly string[] {
  return mountInfo
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter((mountPoint) => mountPoint === folder || mountPoint.startsWith(`${folder}/`))
    .toReversed();
}

/** The kernel writes blanks and backslashes in paths as `\040` and the like. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

async function removeBridge(processes: Processes, options: ContainerdOptions): Promise<void> {
  const { prefixCommand = [], cni } = options;
  const inNetwork = (command: readonly string[]): ReturnType<Processes['run']> =>
    processes.run([...prefixCommand, ...command]);
  if ((await inNetwork(['ip', 'link', 'show', 'dev', cni.bridge])).exitCode !== 0) return;
  const { exitCode, stderr } = await inNetwork(['ip', 'link', 'delete', 'dev', cni.bridge]);
  if (exitCode !== 0) throw new Error(stderr.trim());
}
