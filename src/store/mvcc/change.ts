/** One change of one key, as ordered: the event that watchers get, and what history needs to undo it. */

import type { HotEncoder } from './hot-encoder.ts';
import { PackableEntry } from './packed.ts';
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
  /** The entry that stands after the change; undefined for a delete. */
  readonly entry: Entry<V> | undefined;
  readonly previousEntry: Entry<V> | undefined;
  /** What the committer is told: the new entry, or the one that went, stamped with its deletion. */
  readonly outcome: Entry<V>;
  readonly #encoder: HotEncoder<V>;
  /** While it waits for the disk, however much else does. */
  #unwritten: Uint8Array | undefined;

  constructor(
    encoder: HotEncoder<V>,
    type: 'put' | 'delete',
    outcome: Entry<V>,
    previousEntry: Entry<V> | undefined,
  ) {
    this.type = type;
    this.key = outcome.key;
    this.revision = outcome.modRevision;
    this.entry = type === 'put' ? outcome : undefined;
    this.previousEntry = previousEntry;
    this.outcome = outcome;
    this.#encoder = encoder;
  }

  /** Not looked at before it is asked for: the store may have read it from disk and not decoded it yet. */
  get value(): V {
    return this.outcome.value;
  }

  get previous(): V | undefined {
    return this.previousEntry?.value;
  }

  bytes(): Uint8Array {
    const packed = this.entry instanceof PackableEntry ? this.entry.packedBytes : undefined;
    return this.#unwritten ?? packed ?? this.#encoder.freshBytes(this.value);
  }

  /** Length of its bytes, which stay at hand until `applied`. Called once, when it is ordered. */
  encode(): number {
    const bytes = this.bytes();
    this.#unwritten = bytes;
    if (this.entry instanceof PackableEntry) this.entry.packedAs(this.#encoder.packer.pack(bytes));
    return bytes.length;
  }

  /** It has become durable, and visible. */
  applied(): void {
    this.#unwritten = undefined;
  }

  /** It is not among the newest any more. May be called again. */
  settle(): void {
    if (this.entry instanceof PackableEntry) this.entry.pack(this.#encoder.packed);
  }
}

/**
 * What `change` does to `previous` at `revision`; undefined when it deletes what is not there. `near`: a value
 * that something new may share parts with.
 */
export function planChange<V>(
  encoder: HotEncoder<V>,
  change: Change<V>,
  previous: Entry<V> | undefined,
  near: () => V | undefined,
  revision: Revision,
): CommittedChange<V> | undefined {
  if (change.type === 'delete') return committedDelete(encoder, previous, revision);
  const { codec } = encoder;
  const isShared = codec.isSeldomRead?.(change.value) !== true;
  const model = isShared ? (previous?.value ?? near()) : undefined;
  const value = codec.stamp(shared(codec, change.value, model), revision);
  return committedPut(encoder, change.key, value, previous, revision);
}

export function shared<V>(codec: ValueCodec<V>, value: V, model: V | undefined): V {
  return model === undefined ? value : (codec.share?.(value, model) ?? value);
}

/** A put of a value that bears its stamp already. */
export function committedPut<V>(
  encoder: HotEncoder<V>,
  key: string,
  value: V,
  previous: Entry<V> | undefined,
  revision: Revision,
): CommittedChange<V> {
  const createRevision = previous?.createRevision ?? revision;
  const entry =
    encoder.codec.isSeldomRead?.(value) === true
      ? new PackableEntry(key, value, createRevision, revision)
      : { key, value, createRevision, modRevision: revision };
  return new CommittedChange(encoder, 'put', entry, previous);
}

export function committedDelete<V>(
  encoder: HotEncoder<V>,
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
