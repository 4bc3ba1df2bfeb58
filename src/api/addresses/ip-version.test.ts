import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { ipVersion } from './ip-version.ts';

const TEXTS = [
  '10.0.0.1',
  '256.1.1.1',
  '01.2.3.4',
  '',
  '::',
  '::1',
  'fe80::1',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7::',
  '1::2::3',
  '::ffff:10.0.0.1',
  '::ffff:10.0.0.256',
  'g::',
  '12345::',
  ':::',
  '1:2:3:4:5:6:7:8:9',
  'a.b',
  '1.2.3',
  ':1',
  '1:',
];

test('agrees with Node about what an address is', () => {
  for (const text of TEXTS) assert.equal(ipVersion(text), isIP(text), text);
});
