/** A short hash of a pod template, for names and labels of what was made from it. Pure. */

import type { PodTemplateSpec } from '../../api/types.gen.ts';

/** Letters that spell no words and are not taken for one another (upstream's `SafeEncodeString`). */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Stable for equal templates, whatever the order of their fields; another one for every `collisionCount`. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const text = canonicalJson(template) + (collisionCount === undefined ? '' : `#${collisionCount}`);
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return Array.from(String(hash), (digit) => SAFE[digit.charCodeAt(0) % SAFE.length] ?? '').join('');
}

/** The same text for equal values: the fields of every object in the order of their names. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
