/** What the parts of the stores' contract share: values, shorthands, how a backend is opened. */

import assert from 'node:assert/strict';
import type { MvccLimits } from './mvcc/mvcc.ts';
import { prefixRange, type Entry, type Store, type ValueCodec } from './store.ts';

export interface TestValue {
  readonly text: string;
  readonly revision?: number;
}

export const VALUE_MAX_BYTES = 4096;

export const testCodec: ValueCodec<TestValue> = {
  // Frozen, so that a store that changes what it handed out fails its tests.
  stamp: (value, revision) => Object.freeze({ ...value, revision }),
  encode: (value) => JSON.stringify(value),
  maxBytes: VALUE_MAX_BYTES,
  mayExceed: ({ text }) => text.length > VALUE_MAX_BYTES / 2,
  decode: (bytes) => Object.freeze(JSON.parse(Buffer.from(bytes).toString()) as TestValue),
  isSeldomRead: ({ text }) => /[37]$/.test(text),
};

export interface StoreHarness {
  /** Opens the store, or the same one again after it was closed. */
  open(limits?: Partial<MvccLimits>): Promise<Store<TestValue>>;
  /** Keeps what was committed when it is closed and opened again. */
  readonly durable: boolean;
  /** Keeps the window of history, too. */
  readonly keepsHistory: boolean;
  remove?(): Promise<void>;
}

export type WithStore = (
  run: (store: Store<TestValue>, harness: StoreHarness) => Promise<void>,
  limits?: Partial<MvccLimits>,
) => () => Promise<void>;

export const put = (key: string, text: string): { type: 'put'; key: string; value: TestValue } => ({
  type: 'put',
  key,
  value: { text },
});
export const del = (key: string): { type: 'delete'; key: string } => ({ type: 'delete', key });

/** Commits that must succeed; the revision. */
export async function commit(
  store: Store<TestValue>,
  ...changes: (ReturnType<typeof put> | ReturnType<typeof del>)[]
): Promise<number> {
  const outcome = await store.commit(changes, []);
  assert(outcome.ok);
  return outcome.revision;
}

export function contents(store: Store<TestValue>, at?: number): Record<string, string> {
  const page = store.list(prefixRange('/'), at === undefined ? {} : { at });
  assert(page.ok, `cannot list at ${at}`);
  return Object.fromEntries(page.result.entries.map((entry) => [entry.key, entry.value.text]));
}

/** The same with entries as plain objects, to compare them: one that was read from disk decodes its value late. */
export function plain<T>(of: T): T {
  if (typeof of !== 'object' || of === null) return of;
  if (Array.isArray(of)) return of.map(plain) as T;
  if ('modRevision' in of) {
    const { key, value, createRevision, modRevision } = of as unknown as Entry<unknown>;
    return { key, value, createRevision, modRevision } as unknown as T;
  }
  return Object.fromEntries(Object.entries(of).map(([name, part]) => [name, plain(part)])) as T;
}
