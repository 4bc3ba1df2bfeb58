import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { JsonValue } from '../schema/schema.ts';
import { decodeCbor, encodeCbor, isCbor } from './cbor.ts';

/** Without the self-described tag. */
const hex = (value: JsonValue): string => Buffer.from(encodeCbor(value)).toString('hex').slice(6);

/** From RFC 8949, appendix A; strings as byte strings. */
const EXAMPLES: readonly (readonly [JsonValue, string])[] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [-1, '20'],
  [-1000, '3903e7'],
  [1.5, 'f93e00'],
  [100000.5, 'fa47c35040'],
  [1.1, 'fb3ff199999999999a'],
  [5.960464477539063e-8, 'f90001'],
  [true, 'f5'],
  [null, 'f6'],
  ['IETF', '4449455446'],
  [[1, [2, 3]], '8201820203'],
  [{ a: 1, b: [2, 3] }, 'a24161014162820203'],
  [{ aa: 1, b: 2 }, 'a241620242616101'],
];

for (const [value, expected] of EXAMPLES) {
  test(`${JSON.stringify(value)} is ${expected}`, () => {
    assert.equal(hex(value), expected);
    assert.deepEqual(decodeCbor(Buffer.from(expected, 'hex')), { ok: true, value });
  });
}

test('what other encoders write is read too', () => {
  const read = (text: string): unknown => {
    const decoded = decodeCbor(Buffer.from(text, 'hex'));
    return decoded.ok ? decoded.value : decoded.error;
  };
  assert.equal(read('6449455446'), 'IETF');
  assert.deepEqual(read('9f0102ff'), [1, 2]);
  assert.deepEqual(read('bf6161015f41624163ff02ff'), { a: 1, bc: 2 });
  assert.equal(read('d64401020304'), 'AQIDBA==');
  assert.equal(read('c074323031332d30332d32315432303a30343a30305a'), '2013-03-21T20:04:00Z');
  assert.match(String(read('a2616101616102')), /duplicate map key "a"/);
  assert.match(String(read('f7')), /simple value/);
  assert.match(String(read('f97e00')), /NaN/);
  assert.match(String(read('1bffffffffffffffff')), /exactly/);
  assert.match(String(read('62c328')), /UTF-8/);
  assert.match(String(read('9b7fffffffffffffff')), /unexpected end/);
  assert.match(String(read('81'.repeat(100))), /nested level/);
  assert.match(String(read('0000')), /extraneous/);
});

test('every JSON value comes back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as JsonValue;
      const bytes = encodeCbor(json);
      assert.ok(isCbor(bytes));
      assert.deepEqual(decodeCbor(bytes), { ok: true, value: json });
    }),
    games(),
  );
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodeCbor(bytes);
    }),
    games(2_000),
  );
});
