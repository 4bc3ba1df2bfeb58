/**
 * What to attach to a node and what to detach from it. Pure; upstream's attach-detach reconciler.
 *
 * Invariants: a volume that the node says is mounted is not detached, unless the node is out of service, or
 * was not healthy for so long that nobody believes it any more; an exclusive volume is attached to a second
 * node only when the first attachment is gone; a volume is no longer reported as attached before it is
 * detached.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import type { AttachedVolume, Node, Pod, VolumeAttachment } from '../../api/types.gen.ts';
import { attachmentName, CSI_PREFIX, isOurs, uniqueName, type Attachable } from './attachable.ts';

/** How long a node that is not healthy may keep a volume that nobody wants there (upstream's). */
export const UNMOUNT_MAX_MS = 360_000;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

export interface Wanted {
  readonly attachable: Attachable;
  readonly pods: readonly Pod[];
}

export interface NodeView {
  readonly nodeName: string;
  /** Undefined: it is gone. */
  readonly node: Node | undefined;
  readonly wanted: readonly Wanted[];
  /** All that name the node, of whomever. */
  readonly attachments: readonly VolumeAttachment[];
  /** What stands behind the attachments, as far as the volumes are still there; by volume. */
  readonly known: ReadonlyMap<string, Attachable>;
  /** Nodes other than this one to which the volume is attached, or is being. */
  readonly elsewhere: (volume: string) => readonly string[];
  /** Since when the attachment has not been wanted, for as long as that has been known; by its name. */
  readonly unwantedSinceMs: ReadonlyMap<string, number>;
  /** Uids of attachments that were deleted a moment ago. */
  readonly leaving: ReadonlySet<string>;
  readonly nowMs: number;
}

export interface Detachment {
  readonly attachment: VolumeAttachment;
  /** The node itself has to say that it does not use the volume of this name; the cache may be behind. */
  readonly unlessInUse?: string;
}

export interface NodePlan {
  readonly attach: readonly Attachable[];
  readonly detach: readonly Detachment[];
  /** They wait for another node. */
  readonly blocked: readonly { readonly want: Wanted; readonly nodes: readonly string[] }[];
  /** What the node's status is to say; undefined: as it does. */
  readonly report: readonly AttachedVolume[] | undefined;
  /** Attachments that nobody wants and that stay for now; by name. */
  readonly kept: readonly string[];
  readonly lookAgainInMs: number | undefined;
}

export function planNode(view: NodeView): NodePlan {
  const { nodeName, wanted, attachments } = view;
  const wantedNames = new Map(wanted.map((want) => [attachmentName(want.attachable, nodeName), want]));
  const present = new Set(attachments.map(({ metadata }) => metadata.name ?? ''));
  const missing = view.node === undefined ? [] : [...wantedNames].filter(([name]) => !present.has(name));
  const blocked = missing.flatMap(([, want]) => {
    const nodes = want.attachable.isExclusive ? view.elsewhere(want.attachable.volume) : [];
    return nodes.length > 0 ? [{ want, nodes }] : [];
  });
  const isBlocked = new Set(blocked.map(({ want }) => want));
  const unwanted = attachments.filter((one) => isOurs(one) && !wantedNames.has(one.metadata.name ?? ''));
  const verdicts = unwanted.map((attachment) => ({ attachment, ...verdictOf(view, attachment) }));
  const going = verdicts.filter(({ waitMs }) => waitMs === 0);
  const kept = verdicts.filter(({ waitMs }) => waitMs > 0);
  const soonestMs = Math.min(...kept.map(({ waitMs }) => waitMs));
  return {
    attach: missing.filter(([, want]) => !isBlocked.has(want)).map(([, { attachable }]) => attachable),
    detach: going.filter(({ attachment }) => !isLeaving(view, attachment)),
    blocked,
    report: reportOf(view, new Set(going.map(({ attachment }) => attachment))),
    kept: kept.map(({ attachment }) => attachment.metadata.name ?? ''),
    lookAgainInMs: Number.isFinite(soonestMs) ? soonestMs : undefined,
  };
}

/** On its way out, whether the cache shows that already or not. */
export function isLeaving({ leaving }: Pick<NodeView, 'leaving'>, { metadata }: VolumeAttachment): boolean {
  return metadata.deletionTimestamp !== undefined || leaving.has(metadata.uid ?? '');
}

interface Verdict {
  /** 0: now; `Infinity`: when something changes. */
  readonly waitMs: number;
  readonly unlessInUse?: string;
}

function verdictOf({ node, known, unwantedSinceMs, nowMs }: NodeView, attachment: VolumeAttachment): Verdict {
  if (node === undefined || isOutOfService(node)) return { waitMs: 0 };
  const attachable = known.get(attachment.spec.source.persistentVolumeName ?? '');
  if (attachable === undefined) return { waitMs: 0 };
  const unlessInUse = uniqueName(attachable);
  if (node.status.volumesInUse?.includes(unlessInUse) !== true) return { waitMs: 0, unlessInUse };
  if (isHealthy(node)) return { waitMs: Infinity };
  const sinceMs = unwantedSinceMs.get(attachment.metadata.name ?? '') ?? nowMs;
  return { waitMs: Math.max(0, sinceMs + UNMOUNT_MAX_MS - nowMs) };
}

function isOutOfService({ spec }: Node): boolean {
  return spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
}

function isHealthy({ status }: Node): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

function reportOf(
  view: NodeView,
  going: ReadonlySet<VolumeAttachment>,
): readonly AttachedVolume[] | undefined {
  const { node, attachments, known } = view;
  if (node === undefined) return undefined;
  const { volumesAttached = [] } = node.status;
  const attached = new Set(
    attachments
      .filter((one) => one.status.attached && !going.has(one) && !isLeaving(view, one))
      .flatMap(({ spec }) => known.get(spec.source.persistentVolumeName ?? '') ?? [])
      .map(uniqueName),
  );
  const stays = volumesAttached.filter(({ name }) => !name.startsWith(CSI_PREFIX) || attached.has(name));
  const reported = new Set(stays.map(({ name }) => name));
  const added = [...attached].filter((name) => !reported.has(name)).toSorted();
  const report = [...stays, ...added.map((name) => ({ name, devicePath: '' }))];
  return deepEqual(report, volumesAttached) ? undefined : report;
}
