/** What is to be done about a certificate signing request, and how long it is kept; pure. */

import { timeMs } from '../../api/time/time.ts';
import type { CertificateSigningRequest } from '../../api/types.gen.ts';

export type RequestStep =
  | { readonly type: 'delete' }
  /** Nobody has decided yet. */
  | { readonly type: 'consider'; readonly deleteInMs: number }
  | { readonly type: 'sign'; readonly deleteInMs: number }
  | { readonly type: 'keep'; readonly deleteInMs: number };

const HOUR_MS = 3_600_000;
const DECIDED_KEEP_MS = HOUR_MS;
const PENDING_KEEP_MS = 24 * HOUR_MS;

/** `expiresMs`: when the issued certificate ends; undefined: there is none. */
export function nextStep(
  { metadata, status }: CertificateSigningRequest,
  expiresMs: number | undefined,
  nowMs: number,
): RequestStep {
  const { conditions = [] } = status;
  const decided = conditions.find(({ type }) => ['Approved', 'Denied', 'Failed'].includes(type));
  const isDead = conditions.some(({ type }) => type === 'Denied' || type === 'Failed');
  const since = decided?.lastUpdateTime ?? metadata.creationTimestamp;
  const sinceMs = since === undefined ? nowMs : timeMs(since);
  const keepMs = decided === undefined ? PENDING_KEEP_MS : DECIDED_KEEP_MS;
  const deleteInMs = Math.min(sinceMs + keepMs, expiresMs ?? Infinity) - nowMs;
  if (deleteInMs <= 0) return { type: 'delete' };
  if (decided === undefined) return { type: 'consider', deleteInMs };
  return { type: isDead || expiresMs !== undefined ? 'keep' : 'sign', deleteInMs };
}

const YEAR_MS = 365 * 24 * HOUR_MS;
const SHORTEST_MS = 600_000;
const SHORT_MS = 8 * HOUR_MS;
/** Clocks differ a little between machines. */
const BACKDATE_MS = 300_000;

/** From when to when a certificate is good that is issued now. */
export function validity(
  expirationSeconds: number | undefined,
  nowMs: number,
): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  const asked = expirationSeconds === undefined ? YEAR_MS : expirationSeconds * 1000;
  const lifeMs = Math.max(SHORTEST_MS, Math.min(asked, YEAR_MS));
  // Long ones pay for what they were backdated; of a short one that would be too much.
  const paidMs = lifeMs < SHORT_MS ? 0 : BACKDATE_MS;
  return { notBeforeMs: nowMs - BACKDATE_MS, notAfterMs: nowMs + lifeMs - paidMs };
}
