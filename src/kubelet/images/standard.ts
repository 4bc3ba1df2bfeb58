/**
 * The images that every real node has from the start, made from the machine's static busybox.
 *
 * Inputs: the bytes of busybox and its list of applets. Outputs: `k8ts.local/pause:1`, the process that
 * holds a pod's namespaces, and `busybox`, also under the name that manifests use.
 */

import type { Disk, Processes } from '../../host/host.ts';
import { buildImage } from './build.ts';
import type { Architecture, BuiltImage, LayerEntry } from './image.ts';

export const pauseReference = 'k8ts.local/pause:1';
export const busyboxReferences = [
  'k8ts.local/busybox:1',
  'docker.io/library/busybox:1',
  'docker.io/library/busybox:latest',
] as const;

/** Debian's busybox-static puts it into the first, merged-/usr systems show it in both. */
const busyboxPaths = ['/bin/busybox', '/usr/bin/busybox'] as const;

export interface Busybox {
  readonly program: Uint8Array;
  /** Paths without the leading slash: `bin/sh`, `usr/bin/wget`. */
  readonly applets: readonly string[];
}

/** Reads the machine's busybox. Rejects when there is none or when it is not static. */
export async function readBusybox(disk: Disk, processes: Processes): Promise<Busybox> {
  for (const path of busyboxPaths) {
    const program = await disk.readFile(path);
    if (program === undefined) continue;
    if (!isStaticProgram(program)) {
      throw new Error(`${path} is not static and cannot run in an image: install the package busybox-static`);
    }
    const { exitCode, stdout, stderr } = await processes.run([path, '--list-full'], { timeoutMs: 10_000 });
    if (exitCode !== 0) throw new Error(`${path} --list-full failed: ${stderr}`);
    return { program, applets: stdout.split('\n').filter((name) => name !== '') };
  }
  throw new Error('busybox is not installed: install the package busybox-static');
}

/** A 64-bit ELF program without an interpreter (program header of type 3) needs no libraries. */
export function isStaticProgram(program: Uint8Array): boolean {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  if (view.byteLength < 64 || view.getUint32(0) !== 0x7f454c46) return false;
  const tableAt = Number(view.getBigUint64(32, true));
  const [entrySize, entries] = [view.getUint16(54, true), view.getUint16(56, true)];
  for (let i = 0; i < entries; i++) {
    const at = tableAt + i * entrySize;
    if (at + 4 > view.byteLength) return false;
    if (view.getUint32(at, true) === 3) return false;
  }
  return true;
}

export async function standardImages(
  busybox: Busybox,
  architecture: Architecture,
): Promise<readonly BuiltImage[]> {
  return [await pauseImage(busybox, architecture), await busyboxImage(busybox, architecture)];
}

/**
 * Waits for ever, reaps what a shared process namespace leaves to it, and ends at once when told to: as
 * process 1 it would not even see SIGTERM without the trap.
 */
const pauseScript = 'trap "exit 0" TERM INT; while :; do sleep 2147483647 & wait; done';

function pauseImage(busybox: Busybox, architecture: Architecture): Promise<BuiltImage> {
  return buildImage({
    references: [pauseReference],
    architecture,
    entries: [
      { type: 'file', path: 'bin/busybox', mode: 0o755, content: busybox.program },
      { type: 'link', path: 'bin/sh', target: 'busybox' },
      { type: 'link', path: 'bin/sleep', target: 'busybox' },
    ],
    config: {
      env: ['PATH=/bin'],
      entrypoint: ['/bin/sh', '-c', pauseScript],
      user: '65535:65535',
      labels: { 'k8ts.local/image': 'pause' },
    },
  });
}

function busyboxImage({ program, applets }: Busybox, architecture: Architecture): Promise<BuiltImage> {
  const links = applets
    .filter((path) => path !== 'bin/busybox')
    .map((path): LayerEntry => ({ type: 'link', path, target: '/bin/busybox' }));
  const textFile = (path: string, content: string): LayerEntry => ({
    type: 'file',
    path,
    mode: 0o644,
    content: Buffer.from(content),
  });
  return buildImage({
    references: busyboxReferences,
    architecture,
    entries: [
      ...links,
      { type: 'file', path: 'bin/busybox', mode: 0o755, content: program },
      textFile('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n'),
      textFile('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
      { type: 'folder', path: 'root', mode: 0o700 },
      { type: 'folder', path: 'home', mode: 0o755 },
      { type: 'folder', path: 'var/www', mode: 0o755 },
      { type: 'folder', path: 'tmp', mode: 0o1777 },
    ],
    config: { env: ['PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin'], cmd: ['sh'] },
  });
}
