import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setOf } from './field-set.ts';
import { recentSet } from './recent-sets.ts';

test('equal sets of one manager are one set, as long as it is among the latest', () => {
  const phase = (): ReturnType<typeof setOf> => setOf([['f:status', 'f:phase']]);
  const first = recentSet('kubelet', phase());
  assert.equal(recentSet('kubelet', phase()), first);
  assert.notEqual(recentSet('scheduler', phase()), first);
  for (const name of ['a', 'b', 'c']) recentSet('kubelet', setOf([[`f:${name}`]]));
  assert.equal(recentSet('kubelet', phase()), first);
  recentSet('kubelet', setOf([['f:d']]));
  assert.notEqual(recentSet('kubelet', phase()), first);
});
