/** One change of one key, as ordered: the event that watchers get, and what history needs to undo it. */

import { Deque } from '../../base/deque.ts';
import type { Change, Entry, Revision, StoreEvent, ValueCodec } from '../store.ts';

/** All changes of one commit; they take effect together. */
export interface Commit<V> {
  readonly revision: Revision;
  /** Wall time of the commit in milliseconds. */
  readonly timeMs: number;
  /** Length of the encoded values; 0 where nothing was encoded. */
  readonly bytes: number;
  readonly changes: readonly CommittedChange<V>[];
}

export class CommittedChange<V> implements StoreEvent<V> {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly revision: Revision;
  readonly value: V;
  /** The entry that stands after the change; undefined for a delete. */
  readonly entry: Entry<V> | undefined;
  readonly previousEntry: Entry<V> | undefined;
  /** What the committer is told: the new entry, or the one that went, stamped with its deletion. */
  readonly outcome: Entry<V>;
  readonly #encoder: EventEncoder<V>;
  #bytes: Uint8Array | undefined;

  constructor(
    encoder: EventEncoder<V>,
    type: 'put' | 'delete',
    outcome: Entry<V>,
    previousEntry: Entry<V> | undefined,
  ) {
    this.type = type;
    this.key = outcome.key;
    this.revision = outcome.modRevision;
    this.value = outcome.value;
    this.entry = type === 'put' ? outcome : undefined;
    this.previousEntry = previousEntry;
    this.outcome = outcome;
    this.#encoder = encoder;
  }

  get previous(): V | undefined {
    return this.previousEntry?.value;
  }

  bytes(): Uint8Array {
    if (this.#bytes === undefined) {
      this.#bytes = this.#encoder.codec.encode(this.value);
      this.#encoder.warm(this);
    }
    return this.#bytes;
  }

  /** Length of the encoded bytes that are kept. */
  get hotBytes(): number {
    return this.#bytes?.length ?? 0;
  }

  /** Forgets the encoded bytes. */
  cool(): void {
    this.#bytes = undefined;
  }
}

/** What one event counts for in the budget at least: the object itself weighs something too. */
const EVENT_MIN_BYTES = 256;

/** Encodes events, and forgets the oldest bytes beyond a budget; they can be made again. */
export class EventEncoder<V> {
  readonly codec: ValueCodec<V>;
  readonly #hotMaxBytes: number;
  readonly #hot = new Deque<CommittedChange<V>>();
  #hotBytes = 0;

  constructor(codec: ValueCodec<V>, hotMaxBytes: number) {
    this.codec = codec;
    this.#hotMaxBytes = hotMaxBytes;
  }

  warm(change: CommittedChange<V>): void {
    this.#hot.push(change);
    this.#hotBytes += weight(change);
    while (this.#hotBytes > this.#hotMaxBytes) {
      const oldest = this.#hot.shift();
      if (oldest === undefined) break;
      this.#hotBytes -= weight(oldest);
      oldest.cool();
    }
  }
}

function weight(change: CommittedChange<unknown>): number {
  return Math.max(change.hotBytes, EVENT_MIN_BYTES);
}

/** What `change` does to `previous` at `revision`; undefined when it deletes what is not there. */
export function planChange<V>(
  encoder: EventEncoder<V>,
  change: Change<V>,
  previous: Entry<V> | undefined,
  revision: Revision,
): CommittedChange<V> | undefined {
  if (change.type === 'delete') return committedDelete(encoder, previous, revision);
  return committedPut(encoder, change.key, encoder.codec.stamp(change.value, revision), previous, revision);
}

/** A put of a value that bears its stamp already. */
export function committedPut<V>(
  encoder: EventEncoder<V>,
  key: string,
  value: V,
  previous: Entry<V> | undefined,
  revision: Revision,
): CommittedChange<V> {
  const createRevision = previous?.createRevision ?? revision;
  return new CommittedChange(encoder, 'put', { key, value, createRevision, modRevision: revision }, previous);
}

export function committedDelete<V>(
  encoder: EventEncoder<V>,
  previous: Entry<V> | undefined,
  revision: Revision,
): CommittedChange<V> | undefined {
  if (previous === undefined) return undefined;
  const value = encoder.codec.stamp(previous.value, revision);
  const { key, createRevision } = previous;
  return new CommittedChange(
    encoder,
    'delete',
    { key, value, createRevision, modRevision: revision },
    previous,
  );
}
