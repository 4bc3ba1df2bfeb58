import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { parseJsonPath } from './json-path.ts';

const OBJECT = {
  spec: { replicas: 3, 'a.b': 'dotted', names: ['x', 'y', 'z'] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', age: 5 },
      { type: 'Synced', status: 'False', age: 9 },
    ],
  },
};

const CASES: readonly (readonly [string, readonly unknown[]])[] = [
  ['.spec.replicas', [3]],
  ['.spec.missing.deeper', []],
  ['$.spec.replicas', [3]],
  ['.spec.a\\.b', ['dotted']],
  [".spec['a.b']", ['dotted']],
  ['.spec.names[0]', ['x']],
  ['.spec.names[-1]', ['z']],
  ['.spec.names[0:2]', ['x', 'y']],
  ['.spec.names[0,2]', ['x', 'z']],
  ['.spec.names[*]', ['x', 'y', 'z']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type == 'Synced')].status", ['False']],
  ['.status.conditions[?(@.age>5)].type', ['Synced']],
  ['.status.conditions[?(@.age>="5")].type', []],
  ['.status.conditions[?(@.type)].type', ['Ready', 'Synced']],
  ['.status..type', ['Ready', 'Synced']],
  ['.spec.toString', []],
];

for (const [path, expected] of CASES) {
  test(`${path} leads to ${JSON.stringify(expected)}`, () => {
    const parsed = parseJsonPath(path);
    assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
    assert.deepEqual(parsed.find(OBJECT), expected);
  });
}

test('what is no path is refused', () => {
  for (const path of ['spec', '.spec[', '.spec[abc]', '.spec.', '.a[?(@.b=)]', '.'.repeat(3)]) {
    assert.equal(parseJsonPath(path).ok, false, path);
  }
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'.[]?()@=<>"\'*:,0-aspec'.split('')) }), (text) => {
      const parsed = parseJsonPath(`.spec${text}`);
      if (parsed.ok) parsed.find(OBJECT);
    }),
    games(),
  );
});
