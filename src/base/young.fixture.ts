/**
 * How much stays of what comes and goes until the engine collects everything: much, where something that is
 * old refers to it, if only by way of something else that is gone.
 */

import { setFlagsFromString } from 'node:v8';

const ITEM_BYTES = 16 * 1024;
const ITEMS = 20_000;
/** After so many items nothing happens for a while, so that what handles them becomes old. */
const FEW = 4;
const BECOMES_OLD = 2_000;

/**
 * Has `pass` handle buffers of 16 KB, 320 MB in all, while the young generation is collected often. Returns how
 * many MB of them are there in the end.
 */
export async function megabytesLeft(pass: (buffer: Buffer, index: number) => unknown): Promise<number> {
  // Otherwise buffers alone make the engine collect everything.
  for (const flag of ['--external-memory-accounted-in-global-limit', '--heap-growing-percent=5000'])
    setFlagsFromString(flag);
  for (let i = 0; i < ITEMS; i++) {
    await pass(Buffer.allocUnsafeSlow(ITEM_BYTES), i);
    for (let fill = i === FEW ? BECOMES_OLD : 1; fill > 0; fill--) fillYoungGeneration(i);
  }
  return process.memoryUsage().arrayBuffers / 2 ** 20;
}

const shortLived: unknown[] = [];

function fillYoungGeneration(seed: number): void {
  shortLived.length = 0;
  for (let i = 0; i < 500; i++) shortLived.push({ seed, list: [i] });
}
