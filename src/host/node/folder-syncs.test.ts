import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FolderSyncs } from './folder-syncs.ts';

/** Syncs that end when they are told to. */
function controlled() {
  const begun: { readonly path: string; readonly end: (error?: Error) => void }[] = [];
  const syncs = new FolderSyncs((path) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    begun.push({ path, end: (error) => (error === undefined ? resolve() : reject(error)) });
    return promise;
  });
  return { syncs, begun };
}

describe('syncs of folders', () => {
  it('are shared by all who ask before they begin, and by nobody who asks later', async () => {
    const { syncs, begun } = controlled();
    const first = syncs.sync('/a');
    await turn();
    assert.equal(begun.length, 1);
    const ended: string[] = [];
    const waiting = ['second', 'third'].map((name) => syncs.sync('/a').then(() => ended.push(name)));
    await turn();
    assert.equal(begun.length, 1, 'the next one waits for the first');
    begun[0]?.end();
    await first;
    await turn();
    assert.deepEqual([begun.length, ended], [2, []]);
    const late = syncs.sync('/a');
    begun[1]?.end();
    await Promise.all(waiting);
    await turn();
    assert.equal(begun.length, 3, 'the second had begun already');
    begun[2]?.end();
    await late;
  });

  it('do not wait for other folders', async () => {
    const { syncs, begun } = controlled();
    const both = [syncs.sync('/a'), syncs.sync('/b')];
    await turn();
    assert.deepEqual(
      begun.map(({ path }) => path),
      ['/a', '/b'],
    );
    for (const { end } of begun) end();
    await Promise.all(both);
  });

  it('fail for those who share them, not for the next', async () => {
    const { syncs, begun } = controlled();
    const first = syncs.sync('/a');
    await turn();
    const second = syncs.sync('/a');
    begun[0]?.end(new Error('the disk is full'));
    await assert.rejects(first, /full/);
    await turn();
    begun[1]?.end();
    await second;
    const third = syncs.sync('/a');
    await turn();
    assert.equal(begun.length, 3);
    begun[2]?.end();
    await third;
  });
});
