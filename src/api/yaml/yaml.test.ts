import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from './yaml.ts';

const SCALARS: readonly (readonly [string, unknown])[] = [
  ['yes', true],
  ['y', true],
  ['off', false],
  ['012', 10],
  ['0o14', 12],
  ['0x1F', 31],
  ['1_000', 1000],
  ['1:30', '1:30'],
  ['2020-01-01', '2020-01-01'],
  ['1.5e3', 1500],
  ['.5', 0.5],
  ['"1"', '1'],
  ['1.2.3', '1.2.3'],
  ['null', null],
  ['~', null],
  ['v1', 'v1'],
  ['-', [null]],
  ['100m', '100m'],
];

test('scalars read as kubectl reads them', async () => {
  for (const [source, expected] of SCALARS) {
    const parsed = await parseYaml(source === '-' ? 'a:\n-' : `a: ${source}`);
    assert.deepEqual(parsed, { ok: true, documents: [{ a: expected }] }, source);
  }
});

test('several documents, empty ones left out', async () => {
  const parsed = await parseYaml('---\na: 1\n---\n---\nb: 2\n');
  assert.deepEqual(parsed, { ok: true, documents: [{ a: 1 }, { b: 2 }] });
});

test('anchors and merge keys', async () => {
  const parsed = await parseYaml('a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n');
  assert.deepEqual(parsed, { ok: true, documents: [{ a: { b: 1 }, c: { b: 1, d: 2 } }] });
});

test('of a key that comes twice the last value counts, and it is said', async () => {
  const expected = {
    ok: true,
    documents: [{ a: { 'b c': 2 } }],
    repeatedKeys: ['line 3: key "b c" already set in map'],
  };
  assert.deepEqual(await parseYaml('a:\n  "b c": 1\n  "b c": 2\n'), expected);
});

test('bad syntax and floods of aliases are refused with a reason', async () => {
  for (const bad of ['a: [1', `a: &a x\nb: [${'*a,'.repeat(1001)}]\n`]) {
    const parsed = await parseYaml(bad);
    assert.equal(parsed.ok, false, bad.slice(0, 20));
    assert.match(parsed.ok ? '' : parsed.error, /^error converting YAML to JSON: yaml: /);
  }
});
