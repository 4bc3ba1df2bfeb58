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
