import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Taint, Toleration } from '../types.gen.ts';
import { tolerates } from './taints.ts';

test('which toleration matches which taint', () => {
  const taint: Taint = { key: 'k', value: '5', effect: 'NoExecute' };
  const cases: readonly [Toleration, boolean][] = [
    [{ key: 'k', value: '5' }, true],
    [{ key: 'k', value: '6' }, false],
    [{ key: 'k', operator: 'Exists' }, true],
    [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }, false],
    [{ key: 'other', operator: 'Exists' }, false],
    [{ operator: 'Exists', effect: 'NoExecute' }, true],
    [{ key: 'k', operator: 'Gt', value: '4' }, true],
    [{ key: 'k', operator: 'Lt', value: '4' }, false],
    [{ key: 'k', operator: 'Lt', value: 'many' }, false],
  ];
  for (const [toleration, expected] of cases) assert.equal(tolerates(toleration, taint), expected);
});
