import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_PATH } from '../../../field/field-error.ts';
import type { Pod } from '../../../types.gen.ts';
import { validateLabelKeys, withMergedLabelKeys } from './label-keys.ts';

const HASH = 'pod-template-hash';
const LABELS = { app: 'web', [HASH]: 'abc' };

test('the keys become requirements with the pod’s own values', () => {
  const term = {
    topologyKey: 'zone',
    labelSelector: { matchLabels: { app: 'web' } },
    matchLabelKeys: [HASH, 'absent'],
    mismatchLabelKeys: ['app'],
  };
  const constraint = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule' as const,
    labelSelector: { matchLabels: { app: 'web' } },
    matchLabelKeys: [HASH],
  };
  const unselected = { topologyKey: 'zone', matchLabelKeys: [HASH] };
  const spec = {
    containers: [],
    topologySpreadConstraints: [constraint],
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term, unselected] },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, podAffinityTerm: term }],
      },
    },
  } as unknown as Pod['spec'];
  const same = { key: HASH, operator: 'In', values: ['abc'] };
  const other = { key: 'app', operator: 'NotIn', values: ['web'] };
  const mergedTerm = {
    ...term,
    labelSelector: { matchLabels: { app: 'web' }, matchExpressions: [same, other] },
  };
  assert.deepEqual(withMergedLabelKeys(spec, LABELS), {
    containers: [],
    topologySpreadConstraints: [
      { ...constraint, labelSelector: { matchLabels: { app: 'web' }, matchExpressions: [same] } },
    ],
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [mergedTerm, unselected] },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, podAffinityTerm: mergedTerm }],
      },
    },
  });
});

test('keys that cannot be meant', () => {
  const problems = (keys: object): readonly string[] =>
    validateLabelKeys(ROOT_PATH.child('term'), keys).map(({ path, message }) => `${path}: ${message}`);
  const labelSelector = { matchExpressions: [{ key: 'a', operator: 'Exists' as const }] };
  const twice = { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] };
  assert.deepEqual(problems({ labelSelector, matchLabelKeys: ['a'], mismatchLabelKeys: ['b'] }), []);
  assert.deepEqual(problems({ matchLabelKeys: ['a'], mismatchLabelKeys: ['b'] }), [
    'term.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    'term.mismatchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
  ]);
  assert.deepEqual(problems({ labelSelector: twice, matchLabelKeys: ['a'] }), [
    'term[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector',
  ]);
  assert.deepEqual(problems({ labelSelector, matchLabelKeys: ['c', 'b'], mismatchLabelKeys: ['b'] }), [
    'term.matchLabelKeys[1]: Invalid value: "b": exists in both matchLabelKeys and mismatchLabelKeys',
  ]);
  assert.match(
    problems({ labelSelector, matchLabelKeys: ['a b'] })[0] ?? '',
    /^term\.matchLabelKeys\[0\]: Invalid/,
  );
});
