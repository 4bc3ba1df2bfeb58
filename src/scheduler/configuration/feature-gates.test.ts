import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FEATURES, parseFeatureGates } from './feature-gates.ts';

test('gates are read as upstream reads them', () => {
  const both = { GenericWorkload: true, GangScheduling: true };
  for (const [text, gates] of [
    ['', NO_FEATURES],
    ['GenericWorkload=true', { ...NO_FEATURES, GenericWorkload: true }],
    [' GangScheduling = T , GenericWorkload=1,', both],
    ['GenericWorkload=true,GenericWorkload=false', NO_FEATURES],
  ] as const)
    assert.deepEqual(parseFeatureGates(text), { ok: true, gates }, text);
});

test('what is wrong with them is said', () => {
  for (const [text, problem] of [
    ['GenericWorkload', 'missing bool value for GenericWorkload'],
    ['Other=true', 'unrecognized feature gate: Other'],
    [
      'GenericWorkload=yes',
      'invalid value of GenericWorkload=yes, err: strconv.ParseBool: parsing "yes": invalid syntax',
    ],
    [
      'GangScheduling=true',
      'GangScheduling is enabled, but depends on features that are disabled: [GenericWorkload]',
    ],
  ] as const)
    assert.deepEqual(parseFeatureGates(text), { ok: false, problem });
});
