/**
 * Is a node alive? Judged by what it writes: its lease, renewed every few seconds, and its status. Pure.
 *
 * Only changes count, measured by this process's own monotonic clock when it sees them, so that clocks of
 * nodes that are wrong do no harm. Matches upstream's `tryUpdateNodeHealth`.
 */

import { formatTime, timeMs } from '../../api/time/time.ts';
import type { Lease, Node, NodeCondition } from '../../api/types.gen.ts';

/** Upstream's `--node-monitor-grace-period`: silence for longer means that the node is lost. */
export const MONITOR_GRACE_MS = 50_000;
/** Upstream's `nodeLeaseDurationSeconds`. */
const KUBELET_LEASE_MS = 40_000;
/** Upstream's `--node-startup-grace-period`: for nodes that never reported. */
export const STARTUP_GRACE_MS = 60_000;

/** What this process remembers of a node; times are monotonic. */
export interface NodeHealth {
  readonly lastSignMs: number;
  readonly heartbeat: string | undefined;
  readonly renewed: string | undefined;
  /** How long it may be silent. */
  readonly graceMs: number;
}

export function nodeCondition({ status }: Node, type: string): NodeCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

export function isNodeReady(node: Node): boolean {
  return nodeCondition(node, 'Ready')?.status === 'True';
}

export interface Times {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/** Takes note of signs of life since the last look. */
export function observe(
  before: NodeHealth | undefined,
  node: Node,
  lease: Lease | undefined,
  { nowMs, monotonicMs }: Times,
): NodeHealth {
  const heartbeat = nodeCondition(node, 'Ready')?.lastHeartbeatTime;
  const renewed = lease?.spec.renewTime;
  const graceMs = graceOf(heartbeat, lease);
  if (before === undefined) {
    const ageMs = nowMs - timeMs(node.metadata.creationTimestamp ?? formatTime(nowMs));
    // A node that has reported gets the benefit of the doubt; one that has not counts from its creation.
    const lastSignMs = heartbeat === undefined ? monotonicMs - Math.max(0, ageMs) : monotonicMs;
    return { lastSignMs, heartbeat, renewed, graceMs };
  }
  const sign = heartbeat !== before.heartbeat || (renewed !== undefined && renewed !== before.renewed);
  return sign ? { lastSignMs: monotonicMs, heartbeat, renewed, graceMs } : before;
}

/** A node that renews its lease less often than kubelets do says so in it. */
function graceOf(heartbeat: string | undefined, lease: Lease | undefined): number {
  if (heartbeat === undefined) return STARTUP_GRACE_MS;
  const leaseMs = (lease?.spec.leaseDurationSeconds ?? 0) * 1000;
  return leaseMs <= KUBELET_LEASE_MS ? MONITOR_GRACE_MS : leaseMs * (MONITOR_GRACE_MS / KUBELET_LEASE_MS);
}

const WATCHED: readonly string[] = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions of a node that was silent for too long; undefined when there is nothing to change. */
export function lostConditions(
  node: Node,
  health: NodeHealth,
  { nowMs, monotonicMs }: Times,
): readonly NodeCondition[] | undefined {
  if (monotonicMs - health.lastSignMs <= health.graceMs) return undefined;
  const present = node.status.conditions ?? [];
  const now = formatTime(nowMs);
  const known = present.map((condition) => {
    if (!WATCHED.includes(condition.type) || condition.status === 'Unknown') return condition;
    const reason = 'NodeStatusUnknown';
    const message = 'Kubelet stopped posting node status.';
    return { ...condition, status: 'Unknown', reason, message, lastTransitionTime: now };
  });
  const missing = WATCHED.filter((type) => nodeCondition(node, type) === undefined).map((type) => ({
    type,
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
    lastTransitionTime: now,
  }));
  if (missing.length === 0 && known.every((condition, i) => condition === present[i])) return undefined;
  return [...known, ...missing];
}
