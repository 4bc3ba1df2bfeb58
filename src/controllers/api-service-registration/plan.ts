/**
 * What to do about one APIService that stands for a group-version of this server; pure. Upstream's table in
 * `kube-aggregator/pkg/controllers/autoregister`: what is kept on start is put right once after a start, what
 * is kept always at any time, and what people made is left alone. What may be replaced by a server elsewhere
 * is only put where nothing is.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import type { APIService } from '../../api/types.gen.ts';

export const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';
export type Managed = 'onstart' | 'true' | 'replaceable';

export interface Wanted {
  readonly managed: Managed;
  readonly spec: APIService['spec'];
}

export type RegistrationAction = 'none' | 'create' | 'update' | 'delete';

export interface RegistrationInput {
  readonly wanted: Wanted | undefined;
  readonly current: APIService | undefined;
  /** Whether this one was put right since the start. */
  readonly hasSynced: boolean;
  /** Whether it was there at the start. */
  readonly wasAtStart: boolean;
}

export function planRegistration({
  wanted,
  current,
  hasSynced,
  wasAtStart,
}: RegistrationInput): RegistrationAction {
  if (wanted?.managed === 'replaceable') return current === undefined ? 'create' : 'none';
  if (wanted?.managed === 'onstart' && hasSynced) return 'none';
  if (current === undefined) return wanted === undefined ? 'none' : 'create';
  const managed = current.metadata.labels?.[AUTOMANAGED];
  if (managed !== 'onstart' && managed !== 'true') return 'none';
  if (managed === 'onstart' && (!wasAtStart || hasSynced)) return 'none';
  if (wanted === undefined) return 'delete';
  return deepEqual(current.spec, wanted.spec) ? 'none' : 'update';
}
