import assert from 'node:assert/strict';
import { test } from 'node:test';
import { despiteEnding } from './ending.ts';

test('asked again once, and only where the container ended under the call', async () => {
  const failing = (messages: readonly string[]): { ask: () => Promise<string>; asked: () => number } => {
    let count = 0;
    const ask = async (): Promise<string> => {
      const message = messages[count++];
      if (message !== undefined) throw new Error(message);
      return 'stopped';
    };
    return { ask, asked: () => count };
  };
  const ending = failing(['failed to kill container "a": ttrpc: closed: unknown']);
  assert.equal(await despiteEnding(ending.ask), 'stopped');
  assert.equal(ending.asked(), 2);
  const broken = failing(['ttrpc: closed', 'ttrpc: closed']);
  await assert.rejects(despiteEnding(broken.ask), /ttrpc: closed/);
  assert.equal(broken.asked(), 2);
  const other = failing(['no space left on device']);
  await assert.rejects(despiteEnding(other.ask), /no space/);
  assert.equal(other.asked(), 1);
});
