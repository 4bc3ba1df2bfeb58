import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  bool,
  bytes,
  field,
  instant,
  integer,
  list,
  message,
  oneOf,
  optional,
  text,
  textMap,
  unsigned,
  wrapped,
} from './protobuf.ts';

interface Sample {
  readonly name: string;
  readonly count: number;
  readonly size: number;
  readonly on: boolean;
  readonly at: number;
  readonly blob: Uint8Array;
  readonly color: 'red' | 'green';
  readonly user?: number;
  readonly tags: readonly string[];
  readonly numbers: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
  readonly child?: { readonly name: string };
}

const sample = message<Sample>({
  name: field(1, text),
  count: field(2, integer),
  size: field(3, unsigned),
  on: field(4, bool),
  at: field(5, instant),
  blob: field(6, bytes),
  color: field(7, oneOf<Sample['color']>('red', 'green')),
  user: optional(8, wrapped(1, integer)),
  tags: list(9, text),
  numbers: list(10, integer),
  labels: textMap(11),
  child: optional(16, message<{ readonly name: string }>({ name: field(1, text) })),
});

const zero: Sample = {
  name: '',
  count: 0,
  size: 0,
  on: false,
  at: 0,
  blob: bytes.zero,
  color: 'red',
  tags: [],
  numbers: [],
  labels: {},
};

const hex = (value: Sample): string => Buffer.from(sample.encode(value)).toString('hex');
const read = (encoded: string): Sample => sample.decode(Buffer.from(encoded, 'hex'));

test('values have the bytes that protobuf gives them', () => {
  const cases: readonly (readonly [Partial<Sample>, string])[] = [
    [{}, ''],
    [{ name: 'ab' }, '0a026162'],
    [{ count: 150 }, '109601'],
    [{ count: -1 }, '10ffffffffffffffffff01'],
    [{ size: 2 ** 53 }, '1880808080808080' + '10'],
    [{ on: true }, '2001'],
    [{ at: 1.5 }, '28e0c65b'],
    [{ blob: Uint8Array.of(1, 2) }, '32020102'],
    [{ color: 'green' }, '3801'],
    [{ user: 0 }, '4200'],
    [{ user: 5 }, '42020805'],
    [{ tags: ['a', ''] }, '4a01614a00'],
    [{ labels: { k: 'v' } }, '5a060a016b120176'],
    [{ child: { name: '' } }, '820100'],
  ];
  for (const [part, encoded] of cases) {
    const value = { ...zero, ...part };
    assert.equal(hex(value), encoded, JSON.stringify(part));
    const decoded = read(encoded);
    assert.deepEqual({ ...decoded, blob: [...decoded.blob] }, { ...value, blob: [...value.blob] });
  }
});

test('packed lists are read, unknown fields are skipped, the last value wins', () => {
  assert.deepEqual(read('5203010203' + '5004').numbers, [1, 2, 3, 4]);
  assert.equal(
    read('f80101' + 'fa01026162' + 'f9010000000000000000' + 'fd0100000000' + '1005' + '1007').count,
    7,
  );
  assert.equal(read('3863').color, 'red');
});

test('a message that ends early is refused', () => {
  for (const cut of ['0a05', '10', '0a0561', '1080']) assert.throws(() => read(cut), /protobuf/, cut);
});

test('decoded lists and maps are not shared between messages', () => {
  const [one, two] = [read('4a0161'), read('')];
  assert.deepEqual([one.tags, two.tags], [['a'], []]);
});
