import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../cel.ts';
import { environmentOf } from '../environment.ts';
import { AUTHORIZER, authorizerValue } from '../kubernetes/authorizer.ts';
import { COST_PER_CALL_MAX, KUBERNETES_LIBRARIES } from '../kubernetes/environment.ts';
import type { SizeEstimator } from './estimate.ts';

/** Expression, least and most that is estimated, what it costs. Constants are not folded, as in upstream's tables. */
type Row = readonly [string, number, number, number];

const environment = environmentOf({
  variables: new Map([['authorizer', AUTHORIZER]]),
  libraries: KUBERNETES_LIBRARIES,
  rules: { homogeneousLiterals: false, foldsConstants: false, checksLiterals: true },
});

const authorizer = authorizerValue(() => ({ allowed: true, reason: '', error: undefined }));

/** Texts of which nothing else is known have at most twelve characters. */
const sizeOf: SizeEstimator = (_, { kind }) =>
  kind === 'string' || kind === 'bytes' ? { min: 0, max: 12 } : undefined;

function check(rows: readonly Row[]): void {
  for (const [expression, min, max, cost] of rows) {
    const compiled = compile(expression, environment);
    assert.ok(compiled.ok, `${expression}: ${JSON.stringify(compiled)}`);
    assert.deepEqual(compiled.program.estimateCost(sizeOf), { min, max }, expression);
    const evaluation = compiled.program.evaluate({ authorizer }, { costLimit: COST_PER_CALL_MAX });
    assert.deepEqual(
      [evaluation.ok, evaluation.cost],
      [true, cost],
      `${expression}: ${JSON.stringify(evaluation.ok ? '' : evaluation.error)}`,
    );
  }
}

const INTS = '[1, 2, 3, 4, 5]';
const UINTS = '[uint(1), uint(2), uint(3), uint(4), uint(5)]';
const DOUBLES = '[1.0, 2.0, 3.0, 4.0, 5.0]';
const BOOLS = '[false, true, false, true, false]';
const five = (item: (i: number) => string): string => `[${[1, 2, 3, 4, 5].map(item).join(', ')}]`;
const STRINGS = five(() => "'012345678901'");
const BYTES_LIST = five(() => "bytes('012345678901')");
const DURATIONS = five((i) => `duration('${i}s')`);
const TIMESTAMPS = five((i) => `timestamp('2011-01-0${i}T00:00:00.000+01:00')`);

const LISTS: readonly Row[] = [
  [`${INTS}.sum()`, 15, 15, 15],
  [`${UINTS}.sum()`, 20, 20, 20],
  [`${DOUBLES}.sum()`, 15, 15, 15],
  [`${DURATIONS}.sum()`, 20, 20, 20],
  [`${INTS}.isSorted()`, 15, 15, 15],
  [`${INTS}.max()`, 15, 15, 15],
  [`${INTS}.min()`, 15, 15, 15],
  [`${UINTS}.isSorted()`, 20, 20, 20],
  [`${UINTS}.max()`, 20, 20, 20],
  [`${UINTS}.min()`, 20, 20, 20],
  [`${DOUBLES}.isSorted()`, 15, 15, 15],
  [`${DOUBLES}.max()`, 15, 15, 15],
  [`${DOUBLES}.min()`, 15, 15, 15],
  [`${BOOLS}.isSorted()`, 15, 15, 15],
  [`${BOOLS}.max()`, 15, 15, 15],
  [`${BOOLS}.min()`, 15, 15, 15],
  [`${STRINGS}.isSorted()`, 15, 25, 15],
  [`${STRINGS}.max()`, 15, 25, 15],
  [`${STRINGS}.min()`, 15, 25, 15],
  [`${BYTES_LIST}.isSorted()`, 25, 35, 25],
  [`${BYTES_LIST}.max()`, 25, 35, 25],
  [`${BYTES_LIST}.min()`, 25, 35, 25],
  [`${DURATIONS}.isSorted()`, 20, 20, 20],
  [`${DURATIONS}.max()`, 20, 20, 20],
  [`${DURATIONS}.min()`, 20, 20, 20],
  [`${TIMESTAMPS}.isSorted()`, 20, 20, 20],
  [`${TIMESTAMPS}.max()`, 20, 20, 20],
  [`${TIMESTAMPS}.min()`, 20, 20, 20],
  [`${INTS}.indexOf(3)`, 15, 15, 15],
  [`${INTS}.lastIndexOf(3)`, 15, 15, 15],
  [`${UINTS}.indexOf(uint(3))`, 21, 21, 21],
  [`${UINTS}.lastIndexOf(uint(3))`, 21, 21, 21],
  [`${STRINGS}.indexOf('x')`, 15, 25, 15],
  [`${STRINGS}.lastIndexOf('x')`, 15, 25, 15],
  [`${BYTES_LIST}.indexOf(bytes('x'))`, 26, 36, 26],
  [`${BYTES_LIST}.lastIndexOf(bytes('x'))`, 26, 36, 26],
  [`${DURATIONS}.indexOf(duration('3s'))`, 21, 21, 21],
  [`${DURATIONS}.lastIndexOf(duration('3s'))`, 21, 21, 21],
  [`${TIMESTAMPS}.indexOf(timestamp('2011-01-03T00:00:00.000+01:00'))`, 21, 21, 21],
  [`${TIMESTAMPS}.lastIndexOf(timestamp('2011-01-03T00:00:00.000+01:00'))`, 21, 21, 21],
  [`'${'0123456789'.repeat(5)}'.indexOf('123')`, 5, 5, 5],
  [`'${'0123456789'.repeat(5)}'.lastIndexOf('123')`, 5, 5, 5],
]; // prettier-ignore

const NETWORK: readonly Row[] = [
  ["url('https:://kubernetes.io/').getScheme()", 4, 4, 4],
  ["url('https:://kubernetes.io/').getHostname()", 4, 4, 4],
  ["url('https:://kubernetes.io/').getHost()", 4, 4, 4],
  ["url('https:://kubernetes.io/').getPort()", 4, 4, 4],
  ["url('https:://kubernetes.io/').getEscapedPath()", 4, 4, 4],
  ["url('https:://kubernetes.io/').getQuery()", 4, 4, 4],
  ["url('https:://kubernetes.io/') == url('https:://kubernetes.io/')", 7, 9, 7],
  ["url('https:://kubernetes.io/') == url('http://x.b')", 5, 5, 5],
  ["ip('192.168.0.1')", 2, 2, 2],
  ["ip('192.168.0.1').family()", 3, 3, 3],
  ["ip('192.168.0.1').isUnspecified()", 3, 3, 3],
  ["ip('192.168.0.1').isLoopback()", 3, 3, 3],
  ["ip('192.168.0.1').isLinkLocalMulticast()", 3, 3, 3],
  ["ip('192.168.0.1').isLinkLocalUnicast()", 3, 3, 3],
  ["ip('192.168.0.1').isGlobalUnicast()", 3, 3, 3],
  ["ip('192.168.0.1') == ip('192.168.0.1')", 5, 5, 5],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888')", 4, 4, 4],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888').family()", 5, 5, 5],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888').isUnspecified()", 5, 5, 5],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888').isLoopback()", 5, 5, 5],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888').isLinkLocalMulticast()", 5, 5, 5],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888').isLinkLocalUnicast()", 5, 5, 5],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888').isGlobalUnicast()", 5, 5, 5],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888') == ip('192.168.0.1')", 7, 7, 7],
  ["ip.isCanonical('192.168.0.1')", 3, 3, 3],
  ["ip.isCanonical('2001:db8:3333:4444:5555:6666:7777:8888')", 8, 8, 8],
  ["ip.isCanonical('2001:db8::abcd')", 3, 3, 3],
  ["cidr('192.168.0.0/16')", 2, 2, 2],
  ["cidr('192.168.0.0/16').ip()", 3, 3, 3],
  ["cidr('192.168.0.0/16').prefixLength()", 3, 3, 3],
  ["cidr('192.168.0.0/16').masked()", 3, 3, 3],
  ["cidr('192.168.0.0/16') == cidr('2001:db8::/32')", 5, 5, 5],
  ["cidr('2001:db8::/32')", 2, 2, 2],
  ["cidr('2001:db8::/32').ip()", 3, 3, 3],
  ["cidr('2001:db8::/32').prefixLength()", 3, 3, 3],
  ["cidr('2001:db8::/32').masked()", 3, 3, 3],
  ["cidr('2001:db8::/32') == cidr('2001:db8::/32')", 5, 5, 5],
  ["cidr('192.168.0.0/16').containsCIDR(cidr('192.0.0.0/30'))", 7, 11, 7],
  ["cidr('192.168.0.0/16').containsCIDR('192.0.0.0/30')", 7, 11, 7],
  ["cidr('192.168.0.0/16').containsCIDR('192.168.0.0/16')", 7, 11, 7],
  ["cidr('192.168.0.0/16').containsIP(ip('192.0.0.1'))", 4, 7, 4],
  ["cidr('192.168.0.0/16').containsIP(ip('192.169.0.1'))", 5, 8, 5],
  ["cidr('192.168.0.0/16').containsIP('192.0.0.1')", 4, 7, 4],
  ["cidr('192.168.0.0/16').containsIP('192.169.0.1')", 5, 8, 5],
  ["cidr('2001:db8::/32').containsCIDR(cidr('2001:db8::/126'))", 7, 11, 7],
  ["cidr('2001:db8::/32').containsCIDR('2001:db8::/126')", 7, 11, 7],
  ["cidr('2001:db8::/32').containsIP(ip('2001:db8:3333:4444:5555:6666:7777:8888'))", 7, 10, 7],
  ["cidr('2001:db8::/32').containsIP(ip('2001:db8::1'))", 5, 8, 5],
  ["cidr('2001:db8::/32').containsIP('2001:db8:3333:4444:5555:6666:7777:8888')", 7, 10, 7],
  ["cidr('2001:db8::/32').containsIP('2001:db8::1')", 5, 8, 5],
]; // prettier-ignore

const OTHERS: readonly Row[] = [
  ["'ABCDEFGHIJ abcdefghij'.lowerAscii()", 3, 3, 3],
  ["'ABCDEFGHIJ abcdefghij'.lowerAscii() == 'abcdefghij ABCDEFGHIJ'.lowerAscii()", 7, 9, 9],
  ["'ABCDEFGHIJ abcdefghij'.upperAscii()", 3, 3, 3],
  ["'ABCDEFGHIJ abcdefghij'.upperAscii() == 'abcdefghij ABCDEFGHIJ'.upperAscii()", 7, 9, 9],
  ["strings.quote('ABCDEFGHIJ abcdefghij')", 3, 3, 3],
  ["strings.quote('ABCDEFGHIJ abcdefghij') == strings.quote('ABCDEFGHIJ abcdefghij')", 7, 11, 9],
  ["'abc 123 def 123'.replace('123', '456')", 3, 3, 3],
  ["'abc 123 def 123'.replace('', 'x')", 3, 3, 3],
  ["'abc 123 def 123'.replace('123', '')", 3, 3, 3],
  ["'abc 123 def 123'.replace('123', '456', 1)", 3, 3, 3],
  ["'abc 123 def 123'.split(' ')", 3, 3, 3],
  ["'abc 123 def 123'.split(' ', 1)", 3, 3, 3],
  ["'abc 123 def 123'.substring(5)", 2, 2, 2],
  ["'abc 123 def 123'.substring(5, 8)", 2, 2, 2],
  ["'  abc 123 def 123  '.trim()", 2, 2, 2],
  ["['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join(' ')", 11, 23, 15],
  ["['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join()", 10, 22, 13],
  ["'abc 123 def 123'.find('123')", 2, 2, 2],
  ["'abc 123 def 123'.findAll('123')", 2, 2, 2],
  ["'abc 123 def 123'.findAll('123', 1)", 2, 2, 2],
  ["jsonpatch.escapeKey('abc/def~ abc/def~')", 2, 2, 2],
  ["authorizer.path('/healthz')", 2, 2, 2],
  ["authorizer.group('apps').resource('deployments').subresource('status').namespace('test').name('backend')", 6, 6, 6],
  ["authorizer.group('').resource('pods').fieldSelector('spec.nodeName=example-node-name.fully.qualified.domain.name.example.com')", 1821, 1821, 1821],
  ["authorizer.group('').resource('pods').labelSelector('spec.nodeName=example-node-name.fully.qualified.domain.name.example.com')", 1821, 1821, 1821],
  ["authorizer.path('/healthz').check('get').allowed()", 350003, 350003, 350003],
  ["authorizer.group('apps').resource('deployments').subresource('status').namespace('test').name('backend').check('create').allowed()", 350007, 350007, 350007],
  ["authorizer.group('apps').resource('deployments').subresource('status').namespace('test').name('backend').check('create').errored()", 350007, 350007, 350007],
  ["authorizer.group('apps').resource('deployments').subresource('status').namespace('test').name('backend').check('create').error()", 350007, 350007, 350007],
  ['quantity("12Mi")', 1, 1, 1],
  ['isQuantity("20")', 1, 1, 1],
  ['isQuantity("20M")', 1, 1, 1],
  ['quantity("200M") == quantity("200M")', 3, 3, 3],
  ['quantity("200M") == quantity("0.2G") && quantity("0.2G") == quantity("200M")', 3, 6, 6],
  ['quantity("2M") == quantity("0.002G") && quantity("2000k") == quantity("2M") && quantity("0.002G") == quantity("2000k")', 3, 9, 9],
  ['quantity("50M").isLessThan(quantity("50Mi"))', 3, 3, 3],
  ['quantity("50Mi").isGreaterThan(quantity("50M"))', 3, 3, 3],
  ['quantity("200M").compareTo(quantity("0.2G")) > 0', 4, 4, 4],
  ['quantity("50k").add(quantity("20")) == quantity("50.02k")', 5, 5, 5],
  ['quantity("50k").sub(quantity("20")) == quantity("49.98k")', 5, 5, 5],
  ['quantity("50k").sub(20) == quantity("49980")', 4, 4, 4],
  ['quantity("50k").add(20).sub(quantity("100k")).asInteger() > 0', 6, 6, 6],
  ['quantity("50k").add(20).sub(quantity("100k")).sub(-50000).asInteger() > 0', 7, 7, 7],
  ['quantity("50k").asInteger() > 0', 3, 3, 3],
  ['quantity("50").isInteger()', 2, 2, 2],
  ['quantity("50.703k").asApproximateFloat() > 0.0', 3, 3, 3],
  ['format.named("dns1123subdomain")', 1, 1, 1],
  ['format.named("dns1123Label").value().validate("my-name")', 34, 34, 10],
  ['format.named("dns1123Label").value() == format.named("dns1123Label").value()', 5, 11, 5],
  ['sets.contains([], [])', 21, 21, 21],
  ['sets.contains([1], [])', 21, 21, 21],
  ['sets.contains([1], [1])', 22, 22, 22],
  ['sets.contains([1], [1, 1])', 23, 23, 23],
  ['sets.contains([1, 1], [1])', 23, 23, 23],
  ['sets.contains([2, 1], [1])', 23, 23, 23],
  ['sets.contains([1, 2, 3, 4], [2, 3])', 29, 29, 29],
  ['sets.contains([1], [1.0, 1])', 23, 23, 23],
  ['sets.contains([1, 2], [2u, 2.0])', 25, 25, 25],
  ['sets.contains([1, 2u], [2, 2.0])', 25, 25, 25],
  ['sets.contains([1, 2.0, 3u], [1.0, 2u, 3])', 30, 30, 30],
  ['!sets.contains([1], [2])', 23, 23, 23],
  ['!sets.contains([1], [1, 2])', 24, 24, 24],
  ['!sets.contains([1], ["1", 1])', 24, 24, 24],
  ['!sets.contains([1], [1.1, 1u])', 24, 24, 24],
  ['sets.equivalent([], [])', 21, 21, 21],
  ['sets.equivalent([1], [1])', 23, 23, 23],
  ['sets.equivalent([1], [1, 1])', 25, 25, 25],
  ['sets.equivalent([1, 1], [1])', 25, 25, 25],
  ['sets.equivalent([1], [1u, 1.0])', 25, 25, 25],
  ['sets.equivalent([1, 2, 3], [3u, 2.0, 1])', 39, 39, 39],
  ['sets.equivalent([[1.0], [2, 3]], [[1], [2, 3.0]])', 69, 69, 69],
  ['!sets.equivalent([2, 1], [1])', 26, 26, 26],
  ['!sets.equivalent([1], [1, 2])', 26, 26, 26],
  ['!sets.equivalent([1, 2], [2u, 2, 2.0])', 34, 34, 34],
  ['!sets.equivalent([1, 2], [1u, 2, 2.3])', 34, 34, 34],
  ['sets.intersects([1], [1])', 22, 22, 22],
  ['sets.intersects([1], [1, 1])', 23, 23, 23],
  ['sets.intersects([1, 1], [1])', 23, 23, 23],
  ['sets.intersects([2, 1], [1])', 23, 23, 23],
  ['sets.intersects([1], [1, 2])', 23, 23, 23],
  ['sets.intersects([1], [1.0, 2])', 23, 23, 23],
  ['sets.intersects([1, 2], [2u, 2, 2.0])', 27, 27, 27],
  ['sets.intersects([1, 2], [1u, 2, 2.3])', 27, 27, 27],
  ['sets.intersects([[1], [2, 3]], [[1, 2], [2, 3.0]])', 65, 65, 65],
  ['!sets.intersects([], [])', 22, 22, 22],
  ['!sets.intersects([1], [])', 22, 22, 22],
  ['!sets.intersects([1], [2])', 23, 23, 23],
  ['!sets.intersects([1], ["1", 2])', 24, 24, 24],
  ['!sets.intersects([1], [1.1, 2u])', 24, 24, 24],
  ['semver("1.0.0")', 1, 1, 1],
  ['semver("1234.56789012345.67890123456789")', 4, 4, 4],
  ['isSemver("1.0.0")', 1, 1, 1],
  ['isSemver("1234.56789012345.67890123456789")', 4, 4, 4],
  ['semver("1.2.3").major()', 2, 2, 2],
  ['semver("1.2.3").minor()', 2, 2, 2],
  ['semver("1.2.3").patch()', 2, 2, 2],
  ['semver("1.0.0").isLessThan(semver("1.1.0"))', 3, 3, 3],
  ['semver("1.1.0").isGreaterThan(semver("1.0.0"))', 3, 3, 3],
  ['semver("1.0.0").compareTo(semver("1.2.3"))', 3, 3, 3],
  ["{'a': 1, 'b': 2}.all(k, v, v > 0)", 37, 41, 41],
  ["{'a': 1, 'b': 2}.exists(k, v, v > 0)", 39, 43, 40],
  ["{'a': 1, 'b': 2}.existsOne(k, v, v > 0)", 38, 40, 40],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v + 1)", 71, 71, 71],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v < 5, v + 1)", 67, 75, 75],
  ["{'a': 1, 'b': 2}.transformMapEntry(k, v, {k: v + 1})", 131, 131, 131],
  ["{'a': 1, 'b': 2}.transformMapEntry(k, v, v < 5, {k: v + 1})", 67, 135, 135],
  ['[1, 2].all(i, v, v > 0)', 17, 21, 21],
  ['[1, 2].exists(i, v, v > 0)', 19, 23, 20],
  ['[1, 2].existsOne(i, v, v > 0)', 18, 20, 20],
  ['[1, 2].transformList(i, v, v + 1)', 49, 49, 49],
  ['[1, 2].transformList(i, v, v < 5, v + 1)', 27, 53, 53],
]; // prettier-ignore

test('costs of lists', () => check(LISTS));
test('costs of URLs, addresses and networks', () => check(NETWORK));
test('costs of the other libraries', () => check(OTHERS));
