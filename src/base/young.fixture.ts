/**
 * How much stays of what comes and goes until the engine collects everything: much, where something that is
 * old refers to it, if only by way of something else that is gone. In a process of its own, since other
 * tests' memory counts as well.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Slots } from './slots.ts';
import { TurnMemo } from './turn-memo.ts';

const ITEM_BYTES = 16 * 1024;
const ITEMS = 20_000;
/** After so many items nothing happens for a while, so that what handles them becomes old. */
const FEW = 4;
const BECOMES_OLD = 2_000;
/** Otherwise buffers alone make the engine collect everything. */
const FLAGS = ['--external-memory-accounted-in-global-limit', '--heap-growing-percent=5000'] as const;

type Pass = (item: { readonly buffer: Buffer }, index: number) => unknown;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Three of the items are there at a time. */
function few(add: (item: object) => () => void): Pass {
  const removals: (() => void)[] = [];
  return (item) => {
    removals.push(add(item));
    if (removals.length > 3) removals.shift()?.();
  };
}

const handlers = {
  slots: () => {
    const slots = new Slots();
    return few((item) => {
      const slot = slots.add(item);
      return () => slots.remove(slot);
    });
  },
  set: () => {
    const set = new Set<object>();
    return few((item) => {
      set.add(item);
      return () => set.delete(item);
    });
  },
  turnMemo: () => remembering(new TurnMemo()),
  weakMap: () => remembering(new WeakMap()),
} satisfies { [name: string]: () => Pass };

/** Values refer to their keys, and eight are made in a turn of the event loop. */
function remembering(memo: { set(key: object, value: object): unknown }): Pass {
  return async (item, index) => {
    memo.set(item, [item]);
    if (index % 8 === 0) await turn();
  };
}

/**
 * Has buffers of 16 KB handled, 320 MB in all, while the young generation is collected often. Resolves with
 * how many MB of them are there in the end.
 */
export async function megabytesLeft(handler: keyof typeof handlers): Promise<number> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [...FLAGS, fileURLToPath(import.meta.url), handler]);
  return Number(stdout);
}

async function measure(pass: Pass): Promise<number> {
  for (let i = 0; i < ITEMS; i++) {
    await pass({ buffer: Buffer.allocUnsafeSlow(ITEM_BYTES) }, i);
    for (let fill = i === FEW ? BECOMES_OLD : 1; fill > 0; fill--) fillYoungGeneration(i);
  }
  return process.memoryUsage().arrayBuffers / 2 ** 20;
}

const shortLived: unknown[] = [];

function fillYoungGeneration(seed: number): void {
  shortLived.length = 0;
  for (let i = 0; i < 500; i++) shortLived.push({ seed, list: [i] });
}

if (import.meta.main) {
  const handler = handlers[process.argv[2] as keyof typeof handlers];
  console.log(await measure(handler()));
}
