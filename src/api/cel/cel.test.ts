import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import { compile } from './cel.ts';
import type { Environment } from './environment.ts';
import { COST_PER_CALL_MAX, kubernetesEnvironment } from './kubernetes/environment.ts';
import { formatIssues } from './syntax/issue.ts';
import { celTypeOf } from './types/schema-type.ts';
import { BOOL, type CelType, DYN, formatType, INT, listOf, type ObjectType, STRING } from './types/type.ts';
import type { Binding } from './values/json.ts';

function issuesOf(expression: string, environment: Environment): string {
  const compiled = compile(expression, environment);
  assert.ok(!compiled.ok, `${expression} compiles`);
  return formatIssues(expression, compiled.issues);
}

function valueOf(
  expression: string,
  environment: Environment,
  bindings: Readonly<Record<string, Binding>>,
): unknown {
  const compiled = compile(expression, environment);
  assert.ok(compiled.ok, `${expression}: ${JSON.stringify(compiled)}`);
  const evaluation = compiled.program.evaluate(bindings, { costLimit: COST_PER_CALL_MAX });
  return evaluation.ok ? evaluation.value : evaluation.error;
}

const VARIABLES: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['self', DYN],
  ['names', listOf(STRING)],
  ['count', INT],
]);
const environment = kubernetesEnvironment(VARIABLES);

test('issues are printed as cel-go prints them', () => {
  const starts =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
  const cases: readonly (readonly [string, string])[] = [
    ['1 +', `ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting ${starts}\n | 1 +\n | ...^`],
    ['a.b', "ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a.b\n | ^"],
    [
      'count +\n names',
      "ERROR: <input>:1:7: found no matching overload for '_+_' applied to '(int, list(string))'\n | count +\n | ......^",
    ],
    [
      "names.all(n, n.startsWith(1))",
      "ERROR: <input>:1:26: found no matching overload for 'startsWith' applied to 'string.(int)'\n" +
        ' | names.all(n, n.startsWith(1))\n | .........................^',
    ],
    ['[1, "a"]', "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, \"a\"]\n | ....^"],
    ['has(count)', 'ERROR: <input>:1:5: invalid argument to has() macro\n | has(count)\n | ....^'],
    ['count.x', "ERROR: <input>:1:6: type 'int' does not support field selection\n | count.x\n | .....^"],
    ["duration('soon')", "ERROR: <input>:1:10: invalid duration argument\n | duration('soon')\n | .........^"],
    ["'é'.matches('(')", "ERROR: <input>:1:13: invalid matches argument\n | 'é'.matches('(')\n | .．..........^"],
    ['count.all(x, true)',
      "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n" +
        ' | count.all(x, true)\n | ^'],
    ['while', 'ERROR: <input>:1:1: reserved identifier: while\n | while\n | ^'],
    ['1 2', "ERROR: <input>:1:3: Syntax error: extraneous input '2' expecting <EOF>\n | 1 2\n | ..^"],
  ]; // prettier-ignore
  for (const [expression, expected] of cases) assert.equal(issuesOf(expression, environment), expected);
});

test('literal texts of format() are checked', () => {
  const cases: readonly (readonly [string, string])[] = [
    ["'%d'.format(['a'])", '1:14: error during formatting: decimal clause can only be used on integers, was given string'],
    ["'%s %s'.format(['a'])", '1:15: index 1 out of range'],
    ["'%s'.format(['a', 'b'])", '1:12: too many arguments supplied to string.format (expected 1, got 2)'],
    ["'%q'.format(['a'])", '1:12: could not parse formatting clause: unrecognized formatting clause "q"'],
    ["'%'.format(['a'])", '1:11: unexpected end of string'],
  ]; // prettier-ignore
  for (const [expression, expected] of cases) {
    const [first] = issuesOf(expression, environment).split('\n');
    assert.equal(first, `ERROR: <input>:${expected}`, expression);
  }
  assert.equal(
    valueOf("'%s is %.1f%%'.format([dyn(names[0]), dyn(2.25)])", environment, { names: ['a'] }),
    'a is 2.2%',
  );
});

test('limits of expressions', () => {
  const nested = `${'('.repeat(300)}1${')'.repeat(300)}`;
  assert.match(issuesOf(nested, environment), /expression recursion limit exceeded: 250/);
  assert.match(issuesOf(`1${' + 1'.repeat(300)}`, environment), /expression recursion limit exceeded: 250/);
  assert.match(issuesOf(`'${'a'.repeat(100_001)}'`, environment), /expression code point size exceeds limit/);
  assert.equal(valueOf(`true${' && true'.repeat(5000)}`, environment, {}), true);
});

const POD = loadBuiltInSchemas().get('core/v1')?.messages.get('Pod');

test("the API's own kinds are read in place", () => {
  assert.ok(POD !== undefined);
  const type = celTypeOf({ form: 'message', message: POD });
  const typed = kubernetesEnvironment(new Map([['self', type]]));
  const self = {
    metadata: {
      name: 'p',
      creationTimestamp: '2026-01-02T03:04:05Z',
      labels: { 'a/b': 'c' },
      namespace: 'n',
    },
    spec: {
      containers: [{ name: 'a', image: 'r/a', ports: [{ containerPort: 80 }] }],
      priority: 9007199254740991,
    },
  };
  const cases: readonly (readonly [string, unknown])[] = [
    ['self.spec.containers.all(c, has(c.image) && c.image.startsWith("r/"))', true],
    ["self.metadata.creationTimestamp < timestamp('2027-01-01T00:00:00Z')", true],
    ['self.metadata.creationTimestamp.getFullYear()', 2026],
    ["self.metadata.labels['a/b']", 'c'],
    ['self.metadata.__namespace__', 'n'],
    ['self.spec.containers[0].ports[0].containerPort + 1', 81],
    ['self.spec.priority + 1', 9007199254740992n],
    ['has(self.spec.nodeName)', false],
    ['self.spec.nodeName', 'no such key: nodeName'],
    ['self.?spec.?nodeName.orValue("none")', 'none'],
    ['self.spec.containers == dyn(self).spec.containers', true],
    ['type(self.spec.priority) == int', true],
  ]; // prettier-ignore
  for (const [expression, expected] of cases) {
    assert.equal(valueOf(expression, typed, { self }), expected, expression);
  }
  assert.match(issuesOf('self.spec.nodename', typed), /undefined field 'nodename'/);
  const compiled = compile('self.spec.containers', typed);
  assert.ok(compiled.ok);
  assert.equal(formatType(compiled.program.type), 'list(io.k8s.api.core.v1.Container)');
});

test('JSON without a schema says itself what it is', () => {
  const self = { n: 1, d: 1.5, s: 'x', b: true, nothing: null, list: [1, 'a'], map: { constructor: 1 } };
  const cases: readonly (readonly [string, unknown])[] = [
    ['self.n + 1', 2],
    ['self.d > 1.0', true],
    ['type(self.d) == double && type(self.n) == int && type(self.list) == list && type(self.map) == map', true],
    ['self.nothing == null', true],
    ['self.list[1]', 'a'],
    ['has(self.map.constructor)', true],
    ['has(self.map.toString)', false],
    ['self.map.hasOwnProperty', 'no such key: hasOwnProperty'],
    ['"n" in self && !("toString" in self)', true],
    ['self.list.exists(x, x == "a")', true],
    ['self.list.all(x, x > 0)', 'no such overload'],
  ]; // prettier-ignore
  for (const [expression, expected] of cases) {
    assert.equal(valueOf(expression, environment, { self }), expected, expression);
  }
});

test('lists that are sets or maps compare without order, and merge', () => {
  const fields: Readonly<Record<string, CelType>> = { name: STRING, on: BOOL };
  const item: ObjectType = {
    kind: 'object',
    name: 'Item',
    field: (name) => (fields[name] === undefined ? undefined : { name, type: fields[name] }),
    jsonField: (name) => (fields[name] === undefined ? undefined : { name, type: fields[name] }),
  };
  const set: CelType = { kind: 'list', items: STRING, semantics: 'set' };
  const map: CelType = { kind: 'list', items: item, semantics: { keys: ['name'] } };
  const lists = kubernetesEnvironment(
    new Map<string, CelType>([
      ['a', set],
      ['b', set],
      ['m', map],
      ['n', map],
    ]),
  );
  const bindings = {
    a: ['x', 'y'],
    b: ['y', 'x'],
    m: [{ name: '1', on: true }, { name: '2', on: true }],
    n: [{ name: '2', on: false }, { name: '3', on: true }],
  }; // prettier-ignore
  const cases: readonly (readonly [string, unknown])[] = [
    ['a == b', true],
    ['a + b == b', true],
    ['(a + ["z"]).size()', 3],
    ['m == n', false],
    ['(m + n).size()', 3],
    ['(m + n).map(i, i.on)[1]', false],
  ];
  for (const [expression, expected] of cases) {
    assert.equal(valueOf(expression, lists, bindings), expected, expression);
  }
});

test('numbers as texts are those of Go', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['string(1000000.0)', '1e+06'], ['string(100000.0)', '100000'], ['string(123456789.0)', '1.23456789e+08'],
    ['string(0.0001)', '0.0001'], ['string(-0.00001)', '-1e-05'], ['string(1.5)', '1.5'],
    ["string(duration('1h30m'))", '5400s'], ["string(duration('-1.5s'))", '-1.5s'], ["string(duration('3ns'))", '0.000000003s'],
    ["string(timestamp('2026-01-02T03:04:05.60+01:00'))", '2026-01-02T02:04:05.6Z'],
  ]; // prettier-ignore
  for (const [expression, expected] of cases) {
    assert.equal(valueOf(expression, environment, {}), expected, expression);
  }
});

test('64 bits', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['9223372036854775807 == 9223372036854775806 + 1', true],
    ['9007199254740993 - 1', 9007199254740992n],
    ['4611686018427387904 * 2', 'integer overflow'],
    ['-9223372036854775808 / -1', 'integer overflow'],
    ['-7 / 2', -3],
    ['-7 % 2', -1],
    ['0 * -1', 0],
    ['18446744073709551615u + 1u', 'unsigned integer overflow'],
    ['dyn(1) == 1.0 && dyn(1u) == 1 && dyn(2) < 2.5', true],
  ];
  for (const [expression, expected] of cases) {
    assert.equal(valueOf(expression, environment, {}), expected, expression);
  }
  assert.match(issuesOf('1 == 1u', environment), /found no matching overload for '_==_'/);
});

test('what costs little and takes long ends all the same', () => {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const self = {
    many: numbers(4000),
    long: 'a'.repeat(20_000),
    deep: numbers(300).map(() => numbers(300)),
    mixed: numbers(5000).map((i) => (i * 7919) % 5000),
  };
  const dynamic = kubernetesEnvironment(new Map([['self', DYN]]));
  for (const expression of [
    'self.many.all(x, self.long.matches("^(a?){800}a{800}$") || true)',
    'self.many.all(x, self.deep.flatten().size() > 0)',
    'self.many.all(x, self.mixed.sort().size() > 0)',
  ]) {
    const compiled = compile(expression, dynamic);
    assert.ok(compiled.ok, expression);
    const evaluation = compiled.program.evaluate({ self }, { costLimit: COST_PER_CALL_MAX });
    assert.ok(!evaluation.ok, expression);
    assert.equal(evaluation.error, 'operation cancelled: actual cost limit exceeded');
    assert.ok(evaluation.cost < COST_PER_CALL_MAX, 'stopped by what it does, not by what it costs');
  }
});
