/**
 * Which stage an object comes to next, and after what time. Pure: what kwok draws at random is drawn by lot
 * from the object and its version, so that a seed gives the same run again.
 */

import type { JsonValue } from '../../api/schema/schema.ts';
import { parseDuration } from '../../api/time/time.ts';
import { lot } from '../delays.ts';
import type { CompiledStage, Source } from './compile.ts';

const NANOS_PER_MS = 1_000_000n;
const TIME = /^\d{4}-\d\d-\d\dT/;

/** `subject` names the object in this very version. */
export function chooseStage(
  stages: readonly CompiledStage[],
  object: JsonValue,
  subject: string,
): CompiledStage | undefined {
  const matching = stages.filter((stage) => stage.matches(object));
  if (matching.length <= 1) return matching[0];
  const weighted = matching.map((stage) => ({ stage, weight: Math.max(0, weightOf(stage, object)) }));
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  const draw = lot(subject, 'stage');
  // Without any weight all are alike.
  if (total === 0) return matching[Math.floor(draw * matching.length)];
  let left = draw * total;
  for (const { stage, weight } of weighted) {
    left -= weight;
    if (left < 0) return stage;
  }
  return weighted.findLast(({ weight }) => weight > 0)?.stage;
}

function weightOf({ weight }: CompiledStage, object: JsonValue): number {
  const [found] = weight.find?.(object) ?? [];
  const number = Number(typeof found === 'object' ? Number.NaN : (found ?? Number.NaN));
  return Number.isNaN(number) ? (weight.constant ?? 0) : Math.trunc(number);
}

/** In milliseconds from now. */
export function delayOf(
  { delay, jitter, name }: CompiledStage,
  object: JsonValue,
  subject: string,
  nowMs: number,
): number {
  if (delay === undefined) return 0;
  const least = durationOf(delay, object, nowMs) ?? 0;
  const most = jitter === undefined ? undefined : durationOf(jitter, object, nowMs);
  if (most === undefined) return Math.max(0, least);
  if (most <= least) return Math.max(0, most);
  return Math.max(0, least + Math.floor(lot(subject, name) * (most - least)));
}

function durationOf({ constant, find }: Source, object: JsonValue, nowMs: number): number | undefined {
  const [found] = find?.(object) ?? [];
  if (typeof found !== 'string') return constant;
  if (TIME.test(found)) {
    const ms = Date.parse(found);
    return Number.isNaN(ms) ? constant : ms - nowMs;
  }
  const nanos = parseDuration(found);
  return typeof nanos === 'bigint' ? Number(nanos / NANOS_PER_MS) : constant;
}
