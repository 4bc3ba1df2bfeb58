import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { ControllerRevision, OwnerReference, PodTemplateSpec } from '../../api/types.gen.ts';
import {
  distinctNumbers,
  holds,
  newRevision,
  planRevision,
  revisionData,
  surplusRevisions,
  templateOf,
  withRevision,
  type Revised,
} from './revision-history.ts';

const REFERENCE: OwnerReference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'u' };
const HASH_LABEL = 'controller.kubernetes.io/hash';

const template = (image: string): PodTemplateSpec => ({
  metadata: { labels: { app: 'db' } },
  spec: { containers: [{ name: 'c', image, resources: {} }] },
});

const owner = (image: string): Revised => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default', uid: 'u', annotations: { note: 'kept' } },
  spec: { selector: { matchLabels: { app: 'db' } }, template: template(image) },
  status: {},
});

const make = (image: string, revision = 1, collisionCount = 0): ControllerRevision =>
  newRevision({ owner: owner(image), reference: REFERENCE, hashLabel: HASH_LABEL, revision, collisionCount });

test('the data is the patch that kubectl sends, its fields in order', () => {
  assert.equal(
    JSON.stringify(revisionData(template('a'))),
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"db"}},' +
      '"spec":{"containers":[{"image":"a","name":"c","resources":{}}]}}}}',
  );
  assert.deepEqual(templateOf(make('a')), template('a'));
});

test('a revision is called after the set and its template', () => {
  const { metadata, revision } = make('a', 3);
  const hash = metadata.labels?.[HASH_LABEL] ?? '';
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/);
  assert.equal(metadata.name, `db-${hash}`);
  assert.deepEqual(metadata.labels, { app: 'db', [HASH_LABEL]: hash });
  assert.deepEqual(metadata.annotations, { note: 'kept' });
  assert.deepEqual(metadata.ownerReferences, [REFERENCE]);
  assert.equal(revision, 3);
  assert.equal(make('a', 9).metadata.name, metadata.name);
  const others = [make('b'), make('a', 3, 1), make('a', 3, 2)].map((other) => other.metadata.name);
  assert.equal(new Set([metadata.name, ...others]).size, 4);
});

test('a set goes back to what it was', () => {
  assert.deepEqual(withRevision(owner('b'), make('a')).spec.template, template('a'));
  const same = owner('a');
  assert.equal(withRevision(same, make('a')), same);
  const empty: ControllerRevision = { ...make('a'), data: { spec: {} } };
  assert.equal(withRevision(same, empty), same);
});

test('what only lacks defaults is the same template', () => {
  const sent = { metadata: {}, spec: { containers: [{ name: 'c', image: 'a:1' }] } };
  const written = { ...make('a'), data: { spec: { template: { ...sent, $patch: 'replace' } } } };
  const container = { name: 'c', image: 'a:1', imagePullPolicy: 'IfNotPresent', resources: {} } as const;
  assert.ok(holds(written, { metadata: {}, spec: { containers: [container] } }));
  assert.ok(!holds(written, { metadata: {}, spec: { containers: [{ ...container, image: 'a:2' }] } }));
});

test('which revision stands for the template', () => {
  const [one, two, three] = [make('a', 1), make('b', 2), make('a', 3)];
  const cases = [
    [[], 'a', { type: 'create', revision: 1 }],
    [[one], 'a', { type: 'keep', present: one }],
    [[one], 'c', { type: 'create', revision: 2 }],
    [[one, two], 'a', { type: 'renumber', present: one, revision: 3 }],
    [[one, two, three], 'b', { type: 'renumber', present: two, revision: 4 }],
    [[one, two, three], 'a', { type: 'keep', present: three }],
  ] as const;
  for (const [revisions, image, expected] of cases) {
    assert.deepEqual(planRevision(revisions, template(image)), expected);
  }
});

test('numbers that are equal are made to differ, the newest first; others stay', () => {
  const cases = [
    [[], []],
    [[1, 2, 5], []],
    [
      [2, 2, 3],
      [
        [2, 4],
        [1, 3],
      ],
    ],
    [
      [1, 1, 1, 7],
      [
        [2, 3],
        [1, 2],
      ],
    ],
  ] as const;
  for (const [numbers, expected] of cases) {
    const revisions = numbers.map((number, i) => make(`image-${i}`, number));
    const changes = distinctNumbers(revisions);
    assert.deepEqual(
      changes.map(({ present, revision }) => [revisions.indexOf(present), revision]),
      expected,
    );
  }
});

test('the oldest unused ones go, those in use never', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 15 }),
      fc.integer({ min: -1, max: 6 }),
      fc.constantFrom('all' as const, 'unused' as const),
      (used, limit, counted) => {
        const past = used.map((_, i) => make(`image-${i}`, i + 1));
        const isUsed = ({ revision }: ControllerRevision): boolean => used[revision - 1] === true;
        const gone = surplusRevisions(past.toReversed(), isUsed, limit, counted);
        assert.ok(!gone.some(isUsed));
        const unused = past.filter((revision) => !isUsed(revision));
        assert.deepEqual(gone, unused.slice(0, gone.length), 'the oldest first');
        const total = counted === 'all' ? past.length : unused.length;
        const expected = limit < 0 ? 0 : Math.min(unused.length, Math.max(0, total - limit));
        assert.equal(gone.length, expected);
      },
    ),
    games(),
  );
});
