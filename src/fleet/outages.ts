/**
 * When a node of a fleet is silent. Pure: a function of the fleet's rules, the node's number and the time, so
 * that nothing has to be remembered and a run can be repeated.
 *
 * Example: 4 nodes, a rolling restart with interval 10m and duration 2m. Node 2 is silent from minute 20 to
 * 22, 60 to 62, and so on, counted from the fleet's creation.
 */

import { durationMs, lot } from './delays.ts';
import type { FleetBehavior } from './node-fleet.ts';

export interface Membership {
  readonly behavior: FleetBehavior;
  readonly replicas: number;
  readonly createdMs: number;
  readonly nodeName: string;
  /** From 0. */
  readonly number: number;
}

/** When the node is heard again; undefined: it is not silent. */
export function silentUntilMs(member: Membership, nowMs: number): number | undefined {
  const ends = [ofLoss(member, nowMs), ofRestart(member, nowMs)].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function ofLoss({ behavior, createdMs, nodeName }: Membership, nowMs: number): number | undefined {
  const period = durationMs(behavior.nodeLoss?.period);
  const duration = durationMs(behavior.nodeLoss?.duration);
  if (period <= duration) return undefined;
  // Whole within its period, so that two losses never touch.
  const offset = Math.floor(lot(nodeName, 'loss') * (period - duration));
  const into = (nowMs - createdMs) % period;
  return into >= offset && into < offset + duration ? nowMs - into + offset + duration : undefined;
}

function ofRestart({ behavior, replicas, createdMs, number }: Membership, nowMs: number): number | undefined {
  const interval = durationMs(behavior.rollingRestart?.interval);
  const duration = durationMs(behavior.rollingRestart?.duration);
  const round = interval * replicas;
  if (round === 0 || duration === 0) return undefined;
  const into = (nowMs - createdMs - interval * number) % round;
  return nowMs - createdMs >= interval * number && into < duration ? nowMs - into + duration : undefined;
}
