/**
 * What is removed of a pod, and when: volumes and control groups once nothing runs, the rest once the API
 * let go.
 */

import type { Pod } from '../../api/types.gen.ts';
import { removeFromRuntime } from '../containers/kill.ts';
import type { NodeContext } from '../containers/node-context.ts';
import type { ObservedPod } from './observed-pod.ts';
import { podFolder, podLogFolder, podName } from './pod-names.ts';

export async function cleanUp(context: NodeContext, uid: string): Promise<void> {
  context.probes.forget(uid);
  await context.volumes.unmount(uid);
  await context.cgroups.remove(uid);
  context.references.release(uid);
}

export async function forgetPod(context: NodeContext, pod: Pod, observed: ObservedPod): Promise<void> {
  const name = podName(pod);
  await removeFromRuntime(context, observed);
  await context.view.refresh(name);
  await context.system.files.remove(podLogFolder(context.settings.logsFolder, name));
  await context.system.files.remove(podFolder(context.settings.rootFolder, name.uid));
  // Removing the sandbox may have left an empty group behind.
  await context.cgroups.remove(name.uid);
}

/**
 * Folders and groups of pods that neither the API nor the runtime knows: the agent was away when they went.
 */
export async function removeLeftovers(
  context: NodeContext,
  isKnown: (uid: string) => boolean,
): Promise<void> {
  const { system, settings, cgroups } = context;
  const root = `${settings.rootFolder}/pods`;
  for (const uid of await system.files.list(root)) {
    if (isKnown(uid)) continue;
    await cleanUp(context, uid);
    await system.files.remove(podFolder(settings.rootFolder, uid));
  }
  for (const uid of await cgroups.list()) if (!isKnown(uid)) await cgroups.remove(uid);
  for (const name of await system.files.list(settings.logsFolder)) {
    if (!isKnown(name.slice(name.lastIndexOf('_') + 1)))
      await system.files.remove(`${settings.logsFolder}/${name}`);
  }
}
