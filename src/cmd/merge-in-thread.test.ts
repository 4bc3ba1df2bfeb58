import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../base/log.ts';
import { createNodeHost } from '../host/node/node.ts';
import { objectCodec } from '../apiserver/registry/value-codec.ts';
import { plain } from '../store/contract-fixture.ts';
import { openEmbeddedStore } from '../store/embedded/embedded.ts';
import type { MergeOutcome } from '../store/embedded/merge.ts';
import { mergeInThread } from './merge-in-thread.ts';

test('a thread makes the snapshots of a store; what goes wrong in it is heard', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-merge-'));
  const outcomes: MergeOutcome[] = [];
  const warnings: string[] = [];
  const usual = getPriority();
  let lowest = usual;
  const open = (limits: object) =>
    openEmbeddedStore({
      codec: objectCodec,
      host: createNodeHost(),
      folder,
      limits,
      logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
      merge: async (order, signal) => {
        const merging = mergeInThread(order, signal);
        const looking = setInterval(() => (lowest = Math.max(lowest, lowestPriority())), 1);
        const outcome = await merging.finally(() => clearInterval(looking));
        outcomes.push(outcome);
        return outcome;
      },
    });
  const name = (i: number): string => `pod-${i % 300}-\u00e9`;
  const fill = async (store: Awaited<ReturnType<typeof open>>, done: () => boolean): Promise<void> => {
    for (let i = 0; !done(); i++) {
      const value = { apiVersion: 'v1', kind: 'Pod', metadata: { name: name(i), namespace: 'default' } };
      await store.commit([{ type: 'put', key: `/registry/core/pods/default/${name(i)}`, value }], []);
    }
  };
  try {
    const limits = {
      segmentBytes: 20_000,
      snapshotEveryBytes: 60_000,
      retention: { maxBytes: 0, maxAgeMs: 0 },
    };
    const store = await open(limits);
    await fill(store, () => outcomes.length >= 3);
    const expected = [...store.snapshot()].map(plain);
    await store.close();
    assert.deepEqual(warnings, []);
    assert(outcomes.every(({ ok }) => ok));
    if (process.platform === 'linux') assert.equal(lowest, 15, 'it makes way for everybody');
    assert.equal(getPriority(), usual);
    const names = await readdir(folder);
    assert(!names.includes('0000000000000001.log'), 'the log before a snapshot goes');

    const again = await open({});
    assert.deepEqual([...again.snapshot()].map(plain), expected);
    await again.close();

    const order = { folder, base: undefined, logs: [1], revision: 1 };
    const never = new AbortController().signal;
    const { ok, ...rest } = await mergeInThread(order, never);
    assert.deepEqual([ok, rest], [false, { damage: `${folder}/0000000000000001.log is missing` }]);
    await assert.rejects(mergeInThread(order, AbortSignal.abort()), /^Error: the thread ended with \d$/);
    const gone = { ...order, folder: join(folder, 'none'), logs: [], revision: 0 };
    await assert.rejects(mergeInThread(gone, never), (error: Error) => /ENOENT/.test(String(error.cause)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Of all threads of this process, by the system's numbers: the higher, the lower. */
function lowestPriority(): number {
  if (process.platform !== 'linux') return getPriority();
  return Math.max(...readdirSync('/proc/self/task').map(priorityOf));
}

function priorityOf(thread: string): number {
  try {
    const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[16]);
  } catch {
    // It has ended since they were listed.
    return Number.NEGATIVE_INFINITY;
  }
}
