/**
 * A store in memory: for tests, simulation and clusters that need not survive their process.
 *
 * Inputs: a codec, a clock. Outputs: a `Store`. Commits are durable as soon as they are ordered; nothing is
 * encoded before a watcher asks for bytes.
 */

import type { Clock } from '../../host/host.ts';
import { HotEncoder } from '../mvcc/hot-encoder.ts';
import { LocalStore } from '../mvcc/local-store.ts';
import { MVCC_LIMITS, MvccState, type MvccLimits } from '../mvcc/mvcc.ts';
import type { Store, ValueCodec } from '../store.ts';

export interface MemoryStoreOptions<V> {
  readonly codec: ValueCodec<V>;
  readonly clock: Clock;
  readonly limits?: Partial<MvccLimits>;
}

export function createMemoryStore<V>({ codec, clock, limits }: MemoryStoreOptions<V>): Store<V> {
  const all = { ...MVCC_LIMITS, ...limits };
  return new LocalStore(clock, new MvccState<V>(all), new HotEncoder(codec, all.hotMaxBytes));
}
