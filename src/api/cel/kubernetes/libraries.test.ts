import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../cel.ts';
import { isEqual } from '../values/equal.ts';
import { AUTHORIZER, type AuthorizationCheck, authorizerValue } from './authorizer.ts';
import { COST_PER_CALL_MAX, kubernetesEnvironment } from './environment.ts';
import { mutationType } from './mutation-types.ts';
import { BuiltObject } from '../values/map.ts';

const environment = kubernetesEnvironment(new Map([['authorizer', AUTHORIZER]]));

function evaluate(expression: string): { readonly value?: unknown; readonly error?: string } {
  const compiled = compile(expression, environment);
  assert.ok(compiled.ok, `${expression}: ${JSON.stringify(compiled)}`);
  const evaluation = compiled.program.evaluate({}, { costLimit: COST_PER_CALL_MAX });
  return evaluation.ok ? { value: evaluation.value } : { error: evaluation.error };
}

/** Each is true. */
const TRUE: readonly string[] = [
  // Lists.
  '[1, 2, 2, 3].isSorted()', '![2, 1].isSorted()', '[].isSorted() == true', "['a', 'b'].isSorted()",
  '[1, 2, 3].sum() == 6', '[1.5, 2.5].sum() == 4.0', "[duration('1m'), duration('1s')].sum() == duration('61s')",
  '[1u, 2u].sum() == 3u', '[3, 1, 2].min() == 1', "['b', 'a'].max() == 'b'", '[1, 2, 2].indexOf(2) == 1',
  '[1, 2, 2].lastIndexOf(2) == 2', "['a'].indexOf('b') == -1", '[3, 1, 2].sort() == [1, 2, 3]',
  "[{'w': 2}, {'w': 1}].sortBy(e, e.w).map(e, e.w) == [1, 2]", '[1, 1, 2].distinct() == [1, 2]',
  '[[1], [2, 3]].flatten() == [1, 2, 3]', '[1, 2, 3].slice(1, 2) == [2]', 'lists.range(3) == [0, 1, 2]',
  '[1, 2].reverse() == [2, 1]', '[1, 2].first().value() == 1', '[1, 2].last().value() == 2',
  'sets.contains([1, 2], [1])', 'sets.equivalent([1, 2], [2, 1, 1])', '!sets.intersects([1], [2])',
  // Patterns.
  "'abc 123'.find('[0-9]+') == '123'", "'abc'.find('x') == ''", "'a1b22'.findAll('[0-9]+') == ['1', '22']",
  "'a1b22'.findAll('[0-9]+', 1) == ['1']", "'é1'.find('[a-z]') == ''",
  // URLs.
  "isURL('https://example.com:80/')", "!isURL('../relative')", "isURL('/absolute')", "!isURL('')",
  "url('https://user@example.com:8080/a%20b?k=1&k=2&j=%41').getHost() == 'example.com:8080'",
  "url('https://[::1]:80/').getHostname() == '::1'", "url('https://[::1]:80/').getPort() == '80'",
  "url('https://example.com/a b').getEscapedPath() == '/a%20b'", "url('https://e.com/').getScheme() == 'https'",
  "url('https://e.com/?k=1&k=2&j=%41').getQuery() == {'k': ['1', '2'], 'j': ['A']}",
  "url('/path').getScheme() == ''", "url('https://e.com') == url('HTTPS://e.com')",
  // Quantities.
  "isQuantity('1.3Gi')", "!isQuantity('200K')", "quantity('200M') == quantity('0.2G')",
  "quantity('50Mi').isGreaterThan(quantity('50M'))", "quantity('50k').add(20).sub(quantity('100k')).asInteger() == -49980",
  "quantity('1.5').isInteger() == false", "quantity('50k').isInteger()", "!quantity('9999999999999999999999999999999999999G').isInteger()",
  "quantity('50.703k').asApproximateFloat() == 50703.0", "quantity('1').compareTo(quantity('2')) == -1",
  "sign(quantity('-1')) == -1",
  // Addresses.
  "ip('192.168.0.1').family() == 4", "ip('2001:db8::68').family() == 6", "!isIP('192.168.0.1.0')",
  "!isIP('::ffff:1.2.3.4')", "!isIP('fe80::1%eth0')", "ip.isCanonical('2001:db8::abcd')",
  "!ip.isCanonical('2001:DB8::ABCD')", "ip('127.0.0.1').isLoopback()", "ip('::1').isLoopback()",
  "ip('0.0.0.0').isUnspecified()", "ip('224.0.0.1').isLinkLocalMulticast()", "ip('fe80::1').isLinkLocalUnicast()",
  "ip('8.8.8.8').isGlobalUnicast()", "!ip('255.255.255.255').isGlobalUnicast()",
  "string(ip('2001:0db8:0::1')) == '2001:db8::1'", "ip('::1') == ip('0:0:0:0:0:0:0:1')",
  "cidr('192.168.0.0/24').containsIP('192.168.0.1')", "!cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))",
  "cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24'))", "!cidr('192.168.0.0/24').containsCIDR('192.168.0.0/16')",
  "cidr('192.168.1.5/24').masked() == cidr('192.168.1.0/24')", "cidr('192.168.1.5/24').ip() == ip('192.168.1.5')",
  "cidr('::1/128').prefixLength() == 128", "!isCIDR('192.168.0.0/33')", "string(cidr('10.0.0.0/8')) == '10.0.0.0/8'",
  // Formats.
  "!format.dns1123Label().validate('my-name').hasValue()", "format.dns1123Label().validate('My').hasValue()",
  "!format.dns1123LabelPrefix().validate('my-prefix-').hasValue()", "!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()",
  "!format.byte().validate('aGVsbG8=').hasValue()", "format.date().validate('2021-02-30').hasValue()",
  "!format.datetime().validate('2021-01-01T00:00:00Z').hasValue()", "!format.uri().validate('http://e.com').hasValue()",
  "!format.named('unknown').hasValue()", "format.named('labelValue').value() == format.labelValue()",
  // Versions.
  "isSemver('1.0.0-alpha.1+build')", "!isSemver('v1.0.0')", "isSemver('v1.0', true)", "!isSemver('01.1.1')",
  "isSemver('01.1.1', true)", "semver('1.2.3').minor() == 2", "semver('1.0.0-alpha').isLessThan(semver('1.0.0'))",
  "semver('1.0.0-alpha.1').isGreaterThan(semver('1.0.0-alpha'))", "semver('1.10.0').compareTo(semver('1.9.0')) == 1",
  "semver('v2', true) == semver('2.0.0')",
  // Patches, bindings, optionals, two variables.
  "jsonpatch.escapeKey('k8s.io/a~b') == 'k8s.io~1a~0b'", "cel.bind(x, 2, x * x) == 4",
  "{'a': 1}.?a.orValue(2) == 1", "{'a': 1}[?'b'].optMap(v, v + 1).orValue(0) == 0", '[?optional.none(), 1] == [1]',
  "{?'a': optional.of(1)} == {'a': 1}", "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2}",
  "{'a': 1}.transformMapEntry(k, v, {v: k}) == {1: 'a'}", "['a'].transformList(i, v, v + string(i)) == ['a0']",
]; // prettier-ignore

test('the libraries of Kubernetes', () => {
  for (const expression of TRUE) assert.deepEqual(evaluate(expression), { value: true }, expression);
});

test('errors are worded as upstream words them', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['[].min()', 'min called on empty list'],
    ["ip('192.168.0.1.0')", 'IP Address "192.168.0.1.0" parse error during conversion from string: ParseAddr("192.168.0.1.0"): unable to parse IP'],
    ["ip('::ffff:1.2.3.4')", 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
    ["ip('fe80::1%eth0')", 'IP address "fe80::1%eth0" with zone value is not allowed'],
    ["quantity('10 Mo')", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
    ["quantity('1.5').asInteger()", 'cannot convert value to integer'],
    ["url('../a')", 'URL parse error during conversion from string: parse "../a": invalid URI for request'],
    ["semver('1.0')", 'No Major.Minor.Patch elements found'],
    ["'a'.find('(' + '')", 'Illegal regex: '],
    ["authorizer.path('')", 'no such attribute(s): authorizer'],
    ['[1, 2][2]', 'index out of bounds: 2'],
    ["{'a': 1}.b", 'no such key: b'],
    ['1 / 0', 'division by zero'],
    ['1 % 0', 'modulus by zero'],
    ['9223372036854775807 + 1', 'integer overflow'],
    ['dyn(1).startsWith("a")', 'no such overload: startsWith(int, string)'],
    ["dyn('a') + 1", 'no such overload'],
    ['optional.none().value()', 'optional.none() dereference'],
    ["{'a': 1, 'b': 2}.transformMapEntry(k, v, {'x': v})", 'insert failed: key x already exists'],
  ]; // prettier-ignore
  for (const [expression, message] of cases) {
    const { error = '' } = evaluate(expression);
    assert.equal(error.slice(0, message.length), message, expression);
  }
});

test('an authorizer is asked what the expression says', () => {
  const asked: AuthorizationCheck[] = [];
  const authorizer = authorizerValue((check) => {
    asked.push(check);
    return { allowed: check.verb === 'get', reason: 'because', error: undefined };
  });
  const group =
    "authorizer.group('apps').resource('deployments').subresource('scale').namespace('n').name('x')";
  const compiled = compile(
    `${group}.check('get').allowed() && authorizer.path('/healthz').check('post').reason() == 'because' && ` +
      "authorizer.serviceAccount('n', 's').group('').resource('pods').fieldSelector('a=b').check('list').allowed()",
    environment,
  );
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const evaluation = compiled.program.evaluate({ authorizer }, { costLimit: 2_000_000 });
  assert.deepEqual(evaluation.ok && evaluation.value, false);
  const [first, second, third] = asked;
  assert.deepEqual(
    [first?.group, first?.resource, first?.subresource, first?.namespace, first?.name, first?.verb],
    ['apps', 'deployments', 'scale', 'n', 'x', 'get'],
  );
  assert.deepEqual([second?.path, second?.verb], ['/healthz', 'post']);
  assert.deepEqual([third?.serviceAccount, third?.fieldSelector], [{ namespace: 'n', name: 's' }, 'a=b']);
});

test('mutations construct objects and patches', () => {
  const mutations = kubernetesEnvironment(new Map(), mutationType);
  const apply = compile('Object{spec: Object.spec{replicas: 3, ?paused: optional.none()}}', mutations);
  assert.ok(apply.ok, JSON.stringify(apply));
  const applied = apply.program.evaluate({}, { costLimit: COST_PER_CALL_MAX });
  assert.ok(applied.ok && applied.value instanceof BuiltObject);
  const spec = applied.value.get('spec');
  assert.ok(spec instanceof BuiltObject && isEqual(spec.get('replicas') ?? null, 3));
  assert.deepEqual([...spec.entries().keys()], ['replicas']);
  const patch = compile('[JSONPatch{op: "add", path: "/spec", value: {"a": 1}}]', mutations);
  assert.ok(patch.ok, JSON.stringify(patch));
  const wrong = compile('JSONPatch{op: 1, other: 2}', mutations);
  assert.deepEqual(!wrong.ok && wrong.issues.map(({ message }) => message), [
    "expected type of field 'op' is 'string' but provided type is 'int'",
    "undefined field 'other'",
  ]);
});
