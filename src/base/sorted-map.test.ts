import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from './games.fixture.ts';
import { emptySortedMap, type SortedMap } from './sorted-map.ts';

type Step = { readonly type: 'set' | 'delete'; readonly key: string } | { readonly type: 'snapshot' };

const key = fc.integer({ min: 0, max: 3000 }).map((n) => `k${n}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ type: fc.constant('set' as const), key }) },
  { weight: 14, arbitrary: fc.record({ type: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.constant({ type: 'snapshot' as const }) },
);

/** Each value is set once only, so it stands for its key. */
function contents(map: SortedMap<number>): readonly number[] {
  return map.slice('', '\uffff');
}

const values = (entries: readonly [string, number][]): number[] => entries.map(([, value]) => value);

const sorted = (model: ReadonlyMap<string, number>): [string, number][] =>
  [...model].sort(([a], [b]) => (a < b ? -1 : 1));

test('agrees with a naive model, and snapshots never change', () => {
  const property = fc.property(
    fc.array(step, { maxLength: 1500, size: 'max' }),
    fc.array(key, { maxLength: 8 }),
    (steps, probes) => {
      const model = new Map<string, number>();
      const draft = emptySortedMap<number>().draft();
      const kept: { map: SortedMap<number>; expected: [string, number][] }[] = [];
      for (const [i, s] of steps.entries()) {
        if (s.type === 'set') {
          draft.set(s.key, i);
          model.set(s.key, i);
        } else if (s.type === 'delete') assert.equal(draft.delete(s.key), model.delete(s.key));
        else if (kept.length < 5) kept.push({ map: draft.snapshot(), expected: sorted(model) });
      }
      assert.equal(draft.size, model.size);
      const expected = sorted(model);
      const final = draft.snapshot();
      assert.deepEqual(contents(final), values(expected));
      assert.deepEqual([...final.values()], values(expected));
      for (const probe of probes) {
        assert.equal(final.get(probe), model.get(probe));
        const near = final.near(probe);
        assert.ok(near === undefined ? model.size === 0 : [...model.values()].includes(near));
        assert.equal(final.rank(probe), expected.filter(([name]) => name < probe).length);
        for (const end of [...probes, 'k2', '', 'z']) {
          const inRange = expected.filter(([name]) => name >= probe && name < end);
          assert.equal(final.count(probe, end), inRange.length);
          assert.deepEqual(final.slice(probe, end), values(inRange));
          for (const limit of [0, 1, 7, 40]) {
            assert.deepEqual(final.slice(probe, end, limit), values(inRange.slice(0, limit)));
          }
        }
      }
      for (const { map, expected: then } of kept) assert.deepEqual(contents(map), values(then));
    },
  );
  fc.assert(property, games(150));
});

test('what is near a key stands before it, where something does', () => {
  const draft = emptySortedMap<number>().draft();
  for (let i = 100; i < 999; i++) draft.set(`k${i}`, i);
  assert.equal(draft.near('k500'), 499);
  assert.equal(draft.near('k5005'), 500);
  assert.equal(draft.near('a'), 100);
});

test('a draft of an old snapshot does not touch newer versions', () => {
  const draft = emptySortedMap<number>().draft();
  for (let i = 0; i < 500; i++) draft.set(`k${i}`, i);
  const old = draft.snapshot();
  for (let i = 0; i < 500; i += 2) draft.delete(`k${i}`);
  const fork = old.draft();
  fork.set('k1', -1);
  assert.equal(draft.get('k1'), 1);
  assert.equal(old.get('k1'), 1);
  assert.equal(old.size, 500);
  assert.equal(draft.size, 250);
});

test('keys that arrive in order fill their nodes', () => {
  const draft = emptySortedMap<number>().draft();
  for (let i = 0; i < 100_000; i++) draft.set(String(i).padStart(6, '0'), i);
  assert.equal(draft.size, 100_000);
  assert.equal(draft.rank('050000'), 50_000);
  for (let i = 0; i < 100_000; i++) draft.delete(String(i).padStart(6, '0'));
  assert.equal(draft.size, 0);
});
