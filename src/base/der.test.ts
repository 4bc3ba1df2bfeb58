import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bitString,
  element,
  namedBits,
  objectIdentifier,
  OCTET_STRING,
  readElements,
  sequence,
  textOf,
  time,
  unsignedInteger,
} from './der.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const of = (digits: string): Buffer => Buffer.from(digits, 'hex');

test('elements are written as X.690 has them', () => {
  const cases: readonly (readonly [Buffer, string])[] = [
    [objectIdentifier('2.5.4.3'), '0603550403'],
    [objectIdentifier('1.2.840.113549.1.1.11'), '06092a864886f70d01010b'],
    [objectIdentifier('2.999.3'), '0603883703'],
    [unsignedInteger(of('00')), '020100'],
    [unsignedInteger(of('')), '020100'],
    [unsignedInteger(of('7f')), '02017f'],
    [unsignedInteger(of('80')), '02020080'],
    [unsignedInteger(of('00007f')), '02017f'],
    [namedBits([]), '030100'],
    [namedBits([0]), '03020780'],
    [namedBits([0, 2, 2]), '030205a0'],
    [namedBits([7]), '03020001'],
    [namedBits([8]), '0303070080'],
    [bitString(of('ff')), '030200ff'],
    [time(Date.UTC(1949, 11, 31, 23, 59, 59, 999)), `180f${hex(Buffer.from('19491231235959Z'))}`],
    [time(Date.UTC(1950, 0, 1)), `170d${hex(Buffer.from('500101000000Z'))}`],
    [time(Date.UTC(2049, 11, 31)), `170d${hex(Buffer.from('491231000000Z'))}`],
    [time(Date.UTC(2050, 0, 1)), `180f${hex(Buffer.from('20500101000000Z'))}`],
    [sequence(of('0500'), of('0500')), '300405000500'],
  ];
  for (const [written, wanted] of cases) assert.equal(hex(written), wanted);
});

test('what is written is read, of every length', () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    const inner = element(OCTET_STRING, Buffer.alloc(length, 7));
    const [outer, ...rest] = readElements(sequence(inner, inner)) ?? [];
    assert.equal(rest.length, 0);
    const inside = readElements(outer?.content ?? of('')) ?? [];
    assert.deepEqual(
      inside.map(({ tag, content, whole }) => [tag, content.length, whole.equals(inner)]),
      [
        [OCTET_STRING, length, true],
        [OCTET_STRING, length, true],
      ],
    );
  }
});

test('what is cut off or has no end is nothing', () => {
  for (const digits of ['30', '3003', '300501', '3080', '308401', '30850000000001ff', '0500ff'])
    assert.equal(readElements(of(digits)), undefined, digits);
  assert.deepEqual(readElements(of('')), []);
});

test('texts are read in UTF-8, and in two bytes a letter', () => {
  const read = (digits: string): string[] => (readElements(of(digits)) ?? []).map(textOf);
  assert.deepEqual(read('0c03c3bc61'), ['üa']);
  assert.deepEqual(read('1e0400fc0061'), ['üa']);
});
