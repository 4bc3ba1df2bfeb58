import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import jsonPatch from 'fast-json-patch';
import { parseJson } from '../schema/json.ts';
import type { JsonValue } from '../schema/schema.ts';
import { applyJsonPatch } from './json-patch.ts';

function apply(document: JsonValue, patch: JsonValue): JsonValue {
  const result = applyJsonPatch(document, patch);
  return result.ok ? result.value : `${result.error.code}: ${result.why}`;
}

test('operations', () => {
  const cases: readonly (readonly [JsonValue, JsonValue, JsonValue])[] = [
    [{ a: 1 }, [{ op: 'add', path: '/b', value: [1] }, { op: 'add', path: '/b/-', value: 2 }, { op: 'add', path: '/b/0', value: 0 }], { a: 1, b: [0, 1, 2] }],
    [{ a: [1, 2, 3] }, [{ op: 'remove', path: '/a/-1' }, { op: 'replace', path: '/a/0', value: 9 }], { a: [9, 2] }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [{ 'a/b': 1, 'm~n': 2 }, [{ op: 'test', path: '/a~1b', value: 1 }, { op: 'remove', path: '/m~0n' }], { 'a/b': 1 }],
    [{ a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
    [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], '422: testing value /a failed: test failed'],
    [{ a: 1 }, [{ op: 'remove', path: '/b' }], "422: error in remove for path: '/b': Unable to remove nonexistent key: b: missing value"],
    [{ a: 1 }, [{ op: 'add', path: '/b/c', value: 1 }], '422: add operation does not apply: doc is missing path: "/b/c": missing value'],
    [{ a: [] }, [{ op: 'add', path: '/a/3', value: 1 }], "422: error in add for path: '/a/3': Unable to access invalid index: 3: invalid index referenced"],
    [{ a: [] }, [{ op: 'add', path: '/a/x', value: 1 }], `422: error in add for path: '/a/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`],
    [{ a: [1] }, [{ op: 'remove', path: '/a/-' }], `422: error in remove for path: '/a/-': strconv.Atoi: parsing "-": invalid syntax`],
    [{ a: [1] }, [{ op: 'remove', path: `/a/${'9'.repeat(20)}` }], `422: error in remove for path: '/a/${'9'.repeat(20)}': strconv.Atoi: parsing "${'9'.repeat(20)}": value out of range`],
    [{ a: [1] }, [{ op: 'replace', path: '/a/1', value: 2 }], '422: replace operation does not apply: doc is missing key: /a/1: missing value'],
    [{ a: 1 }, [{ op: 'replace', path: '/b/c', value: 2 }], '422: replace operation does not apply: doc is missing path: /b/c: missing value'],
    [{ a: {} }, [{ op: 'replace', path: '/a/b', value: 2 }], { a: { b: 2 } }],
    [{ a: {} }, [{ op: 'move', from: '/a/b', path: '/c' }], "422: error in move for path: 'b': Unable to remove nonexistent key: b: missing value"],
    [{ a: {} }, [{ op: 'move', from: '/x/b', path: '/c' }], '422: move operation does not apply: doc is missing from path: /x/b: missing value'],
    [{ a: {} }, [{ op: 'move', from: '/a', path: '/a/b' }], '422: move operation does not apply: doc is missing destination path: /a/b: missing value'],
    [{ a: {} }, [{ op: 'copy', from: '/a/b', path: '/c' }], { a: {}, c: null }],
    [{ a: [1] }, [{ op: 'copy', from: '/a/7', path: '/c' }], "422: error in copy for from: '/a/7': Unable to access invalid index: 7: invalid index referenced"],
    [{ a: [1] }, [{ op: 'copy', from: '/a/0', path: '/a/9' }], '422: error while adding value during copy: Unable to access invalid index: 9: invalid index referenced'],
    [{ a: 1 }, [{ op: 'test', path: '/b/c', value: 1 }], '422: test operation does not apply: is missing path: /b/c: missing value'],
    [{ a: 1 }, [{ op: 'add', path: '/b' }], { a: 1, b: null }],
    [{ a: 1 }, [{ op: 'add', path: 'x/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: 1 }, [{ op: 'add', path: '', value: {} }], '422: add operation does not apply: doc is missing path: "": missing value'],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }, { op: 'test', path: '', value: { b: 2 } }], { b: 2 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: 5 }], '422: replace operation value must be object or array: %!w(<nil>)'],
    [{ a: 1 }, [{ op: 'remove' }], '422: remove operation failed to decode path: missing value'],
    [{ a: 1 }, [{ op: 'replace' }], '422: replace operation failed to decode path: operation missing path field: missing value'],
    [{ a: 1 }, [{ op: 'move', path: '/b' }], '422: move operation failed to decode from: operation, missing from field: missing value'],
    [{ a: 1 }, [{ op: 'test', path: 7 }], '422: test operation failed to decode path: json: cannot unmarshal number into Go value of type string'],
    [{ a: 1 }, [{ op: 'frob', path: '/a' }], '422: Unexpected kind: frob'],
    [{ a: 1 }, [null], '422: Unexpected kind: unknown'],
    [{ a: 1 }, null, { a: 1 }],
    [{ a: 1 }, [1], '400: json: cannot unmarshal number into Go value of type jsonpatch.Operation'],
    [{ a: 1 }, { op: 'add' }, '400: json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
  ]; // prettier-ignore
  for (const [document, patch, expected] of cases) assert.deepEqual(apply(document, patch), expected);
});

test('a copied value does not change with its origin, and the input stays', () => {
  const document = { a: { x: [1] } };
  const patch = [
    { op: 'add', path: '/a/x/-', value: 2 },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'add', path: '/a/x/-', value: 3 },
  ];
  assert.deepEqual(apply(document, patch), { a: { x: [1, 2, 3] }, b: { x: [1, 2] } });
  assert.deepEqual(document, { a: { x: [1] } });
});

test('how an integer is written goes where the operations put it', () => {
  const text =
    '[{"op":"add","path":"/list/0","value":{"n":1.0,"m":1}},{"op":"copy","from":"/list/0/n","path":"/copy"},' +
    '{"op":"add","path":"/list/0","value":7e0},{"op":"test","path":"/copy","value":1.0},' +
    '{"op":"add","path":"/gone","value":3.0},{"op":"remove","path":"/gone"}]';
  const run = (patch: string): ReturnType<typeof applyJsonPatch> => {
    const parsed = parseJson(patch);
    assert.ok(parsed.ok);
    return applyJsonPatch({ list: [] }, parsed.value, parsed.literals);
  };
  const outcome = run(text);
  assert.ok(outcome.ok);
  assert.deepEqual(outcome.value, { list: [7, { n: 1, m: 1 }], copy: 1 });
  assert.deepEqual(Object.fromEntries(outcome.literals ?? []), {
    'list[0]': '7e0',
    'list[1].n': '1.0',
    copy: '1.0',
  });
  const compared = '[{"op":"add","path":"/a","value":1},{"op":"test","path":"/a","value":1.0}]';
  assert.equal(run(compared).ok, false, 'texts are compared');
});

test('copies of copies are bounded', () => {
  const doubling = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/${i}` }));
  assert.match(
    String(apply({ a: { b: 'xxxxxxxxxxxxxxxx' } }, doubling)),
    /^422: Unable to complete the copy, the accumulated size increase of copy is \d+, exceeding the limit 3145728$/,
  );
});

const KEYS = fc.constantFrom('a', 'b', 'c');
const VALUE: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.integer({ min: 0, max: 3 }), fc.constant(null), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(KEYS, tie('value'), { maxKeys: 3 })),
})).value; // prettier-ignore
const PATH = fc
  .array(fc.constantFrom('a', 'b', 'c', '0', '1', '-'), { minLength: 1, maxLength: 3 })
  .map((steps) => `/${steps.join('/')}`);
const OPERATION = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: PATH, value: VALUE }),
  fc.record({ op: fc.constant('remove'), path: PATH }),
  fc.record({ op: fc.constantFrom('move', 'copy'), path: PATH, from: PATH }),
);

/** Undefined where the other one refuses to replace or copy what is not there. */
function theirsOf(document: unknown, patch: readonly unknown[]): unknown {
  try {
    return jsonPatch.applyPatch(structuredClone(document), structuredClone(patch) as never, true).newDocument;
  } catch (error) {
    const { name } = error as Error;
    if (/^OPERATION_(?:PATH|FROM)_UNRESOLVABLE$/.test(name)) return undefined;
    throw error;
  }
}

test('agrees with an independent implementation', () => {
  let applied = 0;
  fc.assert(
    fc.property(fc.dictionary(KEYS, VALUE), fc.array(OPERATION, { maxLength: 4 }), (document, patch) => {
      const before = JSON.stringify(document);
      const ours = applyJsonPatch(document, patch as unknown as JsonValue);
      assert.equal(JSON.stringify(document), before);
      if (!ours.ok) return;
      // Ours passes `test` for null where nothing is; the other one does not.
      if (patch.some(({ op, ...rest }) => op === 'test' && 'value' in rest && rest.value === null)) return;
      const theirs = theirsOf(document, patch);
      if (theirs === undefined) return;
      assert.deepEqual(JSON.parse(JSON.stringify(ours.value)), JSON.parse(JSON.stringify(theirs)));
      applied++;
    }),
    games(2000),
  );
  assert.ok(applied > 100);
});
