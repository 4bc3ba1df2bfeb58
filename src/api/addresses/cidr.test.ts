import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cidrProblem,
  cidrWarning,
  containsCidr,
  interfaceAddressProblem,
  ipProblem,
  legacyCidrProblem,
  legacyIpProblem,
  parseCidr,
} from './cidr.ts';

const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

test('addresses', () => {
  const cases: readonly [string, string | undefined, string | undefined][] = [
    ['10.0.0.1', undefined, undefined],
    ['fe80::1', undefined, undefined],
    ['::', undefined, undefined],
    ['1:2:3:4:5:6:7:8', undefined, undefined],
    ['FE80:0::1', undefined, 'must be in canonical form ("fe80::1")'],
    ['1:0:0:2:0:0:0:3', undefined, 'must be in canonical form ("1:0:0:2::3")'],
    ['2001:db8::0:1:0:0:1', undefined, 'must be in canonical form ("2001:db8::1:0:0:1")'],
    ['010.0.0.1', 'must not have leading 0s', 'must not have leading 0s'],
    ['::ffff:1.2.3.4', 'must not be an IPv4-mapped IPv6 address', 'must not be an IPv4-mapped IPv6 address'],
    ['300.0.0.1', NO_IP, NO_IP],
    ['', NO_IP, NO_IP],
  ];
  for (const [text, legacy, strict] of cases) {
    assert.equal(legacyIpProblem(text), legacy, text);
    assert.equal(ipProblem(text), strict, text);
  }
});

test('networks', () => {
  const cases: readonly [string, string | undefined, string | undefined][] = [
    ['10.0.0.0/8', undefined, undefined],
    ['2001:db8::/64', undefined, undefined],
    ['2001:DB8::/64', undefined, 'must be in canonical form ("2001:db8::/64")'],
    [
      '10.0.0.1/8',
      'must not have bits set beyond the prefix length',
      'must not have bits set beyond the prefix length',
    ],
    [
      '10.0.0.0/08',
      'must not have leading 0s in IP or prefix length',
      'must not have leading 0s in IP or prefix length',
    ],
    [
      '::ffff:1.2.3.0/120',
      'must not have an IPv4-mapped IPv6 address',
      'must not have an IPv4-mapped IPv6 address',
    ],
    ['10.0.0.0/33', NO_CIDR, NO_CIDR],
    ['10.0.0.0', NO_CIDR, NO_CIDR],
  ];
  for (const [text, legacy, strict] of cases) {
    assert.equal(legacyCidrProblem(text), legacy, text);
    assert.equal(cidrProblem(text), strict, text);
  }
  assert.equal(
    cidrWarning('p', '2001:DB8::/64'),
    'p: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")',
  );
  assert.equal(cidrWarning('p', '10.0.0.0/8'), undefined);
});

test('an address with its network', () => {
  assert.equal(interfaceAddressProblem('192.0.2.5/24'), undefined);
  assert.equal(interfaceAddressProblem('2001:DB8::5/64'), 'must be in canonical form ("2001:db8::5/64")');
  assert.equal(
    interfaceAddressProblem('192.0.2.5'),
    'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
  );
});

test('one network inside another', () => {
  const holds = (outer: string, inner: string): boolean => {
    const [a, b] = [parseCidr(outer), parseCidr(inner)];
    assert.ok(a !== undefined && b !== undefined);
    return containsCidr(a, b);
  };
  assert.equal(holds('10.0.0.0/8', '10.1.0.0/16'), true);
  assert.equal(holds('10.0.0.0/8', '11.0.0.0/16'), false);
  assert.equal(holds('::/0', '11.0.0.0/16'), false);
  assert.equal(holds('2001:db8::/32', '2001:db8:1::/48'), true);
});
