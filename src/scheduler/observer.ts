/** What informers say becomes cache, queue and events that wake pods. */

import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { deepEqual } from '../api/meta/equal.ts';
import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { Namespace, Node, Pod } from '../api/types.gen.ts';
import type { Informers } from '../client/informer/informer.ts';
import { isFinished, type SchedulerCache } from './cache/cache.ts';
import type { Profile } from './profile.ts';
import type { SchedulingQueue } from './queue/queue.ts';

export function observe(
  informers: Informers,
  cache: SchedulerCache,
  queue: SchedulingQueue,
  profiles: ReadonlyMap<string, Profile>,
): void {
  // Namespaces first: which pods a rule means may depend on their labels.
  informers.of(namespaces).subscribe((next, old) => onNamespace(cache, queue, next, old));
  informers.of(nodes).subscribe((next, old) => onNode(cache, queue, next, old));
  informers.of(pods).subscribe((next, old) => {
    if (next !== undefined) onPod(cache, queue, profiles, next, old);
    else if (old !== undefined) onPodGone(cache, queue, old);
  });
  for (const type of watchedBy(profiles)) {
    informers.of(type).subscribe((next, old) => {
      queue.handle({ resource: 'Other', kind: type.kind, next, old });
    });
  }
}

function watchedBy(profiles: ReadonlyMap<string, Profile>): ReadonlySet<ResourceType<KubernetesObject>> {
  const plugins = [...profiles.values()].flatMap((profile) => profile.plugins);
  return new Set(plugins.flatMap(({ watches = [] }) => watches));
}

function onNamespace(
  cache: SchedulerCache,
  queue: SchedulingQueue,
  next: Namespace | undefined,
  old: Namespace | undefined,
): void {
  const name = (next ?? old)?.metadata.name ?? '';
  if (next === undefined) return cache.removeNamespace(name);
  cache.setNamespace(name, next.metadata.labels);
  if (!deepEqual(next.metadata.labels, old?.metadata.labels))
    queue.handle({ resource: 'Other', kind: 'Namespace', next, old });
}

function onNode(
  cache: SchedulerCache,
  queue: SchedulingQueue,
  next: Node | undefined,
  old: Node | undefined,
): void {
  if (next === undefined) {
    cache.removeNode(old?.metadata.name ?? '');
    if (old !== undefined) queue.handle({ resource: 'Node/Gone', old });
    return;
  }
  // Heartbeats change nothing that matters here.
  if (old !== undefined && !mattersToScheduling(next, old)) return;
  cache.setNode(next);
  queue.handle({ resource: 'Node', next, old });
}

function mattersToScheduling(next: Node, old: Node): boolean {
  return (
    !deepEqual(next.spec, old.spec) ||
    !deepEqual(next.status.allocatable, old.status.allocatable) ||
    !deepEqual(next.status.images, old.status.images) ||
    !deepEqual(next.metadata.labels, old.metadata.labels)
  );
}

function onPod(
  cache: SchedulerCache,
  queue: SchedulingQueue,
  profiles: ReadonlyMap<string, Profile>,
  next: Pod,
  old: Pod | undefined,
): void {
  const uid = next.metadata.uid ?? '';
  cache.setPod(next);
  if ((next.spec.nodeName ?? '') === '') {
    onUnbound(cache, queue, profiles, next);
    if (next.spec.schedulingGroup !== undefined && old === undefined) queue.groupGrew(next);
    return;
  }
  cache.nominations.delete(uid);
  queue.remove(uid);
  if (isFinished(next)) {
    if (old !== undefined && !isFinished(old)) queue.handle({ resource: 'Pod/Gone', old });
  } else if (old === undefined || changesForOthers(next, old)) queue.handle({ resource: 'Pod', next, old });
}

function changesForOthers(next: Pod, old: Pod): boolean {
  return (
    next.spec !== old.spec ||
    next.metadata.labels !== old.metadata.labels ||
    (next.metadata.deletionTimestamp === undefined) !== (old.metadata.deletionTimestamp === undefined)
  );
}

function onUnbound(
  cache: SchedulerCache,
  queue: SchedulingQueue,
  profiles: ReadonlyMap<string, Profile>,
  pod: Pod,
): void {
  const uid = pod.metadata.uid ?? '';
  const waits = !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
  if (!waits) cache.nominations.delete(uid);
  // Another scheduler may have been promised a node, too.
  else if (!cache.isAssumed(uid) && (pod.status.nominatedNodeName ?? '') !== '')
    cache.nominations.set(pod, pod.status.nominatedNodeName ?? '');
  if (!waits || !profiles.has(pod.spec.schedulerName ?? '')) queue.remove(uid);
  else if (cache.isAssumed(uid)) queue.refresh(pod);
  else queue.add(pod);
}

function onPodGone(cache: SchedulerCache, queue: SchedulingQueue, old: Pod): void {
  const uid = old.metadata.uid ?? '';
  const held = cache.nodeOf(uid) !== undefined || cache.nominations.nodeOf(uid) !== undefined;
  queue.remove(uid);
  cache.removePod(uid);
  cache.nominations.delete(uid);
  if (held) queue.handle({ resource: 'Pod/Gone', old });
}
