import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { compile } from './cel.ts';
import { kubernetesEnvironment } from './kubernetes/environment.ts';
import { formatIssues } from './syntax/issue.ts';
import { BOOL, type CelType, DYN, INT, listOf, mapOf, STRING } from './types/type.ts';

const environment = kubernetesEnvironment(
  new Map<string, CelType>([
    ['self', DYN],
    ['names', listOf(STRING)],
    ['counts', mapOf(STRING, INT)],
    ['flag', BOOL],
  ]),
);

const BINDINGS = {
  self: { a: [1, 2.5, 'x', null, { b: true }], s: '\u{1f600} x'.repeat(20), n: 9007199254740991 },
  names: ['a', 'bb', '\u{1f600}'],
  counts: { a: 1, b: 2 },
  flag: true,
};

const COST_LIMIT = 20_000;
/** What one operation can cost at most here: a pattern against a text, both as long as the limit lets them be. */
const OPERATION_COST_MAX = 4_000_000;

/** `flatten(depth)` costs as many items as the depth that is asked for, however shallow the list: upstream's rule. */
const DEPTH_IS_COST = /\.flatten\(/;

/** Compiles and, if that works, evaluates. Nothing may throw; the cost may pass the limit by one operation. */
function run(expression: string): void {
  const compiled = compile(expression, environment);
  if (!compiled.ok) {
    assert.ok(
      compiled.issues.length > 0 && formatIssues(expression, compiled.issues).startsWith('ERROR: <input>:'),
    );
    return;
  }
  const estimate = compiled.program.estimateCost(() => undefined);
  assert.ok(estimate.min >= 0 && estimate.max >= 0 && !Number.isNaN(estimate.max), expression);
  const evaluation = compiled.program.evaluate(BINDINGS, { costLimit: COST_LIMIT });
  const isBounded = evaluation.cost <= COST_LIMIT + OPERATION_COST_MAX;
  assert.ok(isBounded || DEPTH_IS_COST.test(expression), `${expression}: ${evaluation.cost}`);
  if (evaluation.cost > COST_LIMIT) assert.ok(!evaluation.ok, expression);
}

const LEAVES = [
  'self', 'self.a', 'self.s', 'self.n', 'names', 'counts', 'flag', 'x', '1', '-1', '0', '9223372036854775807', '1.5',
  '1u', '"a"', "'\\u00e9'", 'b"a"', 'true', 'null', '[]', '{}', 'int', "duration('1h')", "timestamp('2026-01-01T00:00:00Z')",
  "quantity('1Mi')", "ip('::1')", "cidr('10.0.0.0/8')", "url('http://e.com/?a=b')", "semver('1.2.3')", 'optional.none()',
]; // prettier-ignore

const BINARY = ['+', '-', '*', '/', '%', '==', '!=', '<', '>=', 'in', '&&', '||']; // prettier-ignore
const METHODS = [
  'size', 'startsWith', 'matches', 'contains', 'replace', 'split', 'join', 'format', 'sum', 'min', 'sort', 'flatten',
  'slice', 'distinct', 'reverse', 'indexOf', 'findAll', 'getHours', 'isLessThan', 'add', 'containsIP', 'orValue', 'charAt',
  'substring', 'upperAscii', 'value', 'compareTo',
]; // prettier-ignore
const MACROS = ['all', 'exists', 'exists_one', 'map', 'filter', 'sortBy', 'optMap'];
const FUNCTIONS = [
  'size',
  'string',
  'int',
  'uint',
  'double',
  'bytes',
  'type',
  'dyn',
  'lists.range',
  'sets.contains',
  'isQuantity',
];

/** Expressions that are right in form, and often in type. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(...LEAVES),
    fc
      .tuple(tie('expression'), fc.constantFrom(...BINARY), tie('expression'))
      .map((parts) => `(${parts.join(' ')})`),
    fc
      .tuple(tie('expression'), fc.constantFrom(...METHODS), fc.array(tie('expression'), { maxLength: 2 }))
      .map(([target, name, args]) => `${target}.${name}(${args.join(', ')})`),
    fc
      .tuple(tie('expression'), fc.constantFrom(...MACROS), tie('expression'))
      .map(([target, name, body]) => `${target}.${name}(x, ${body})`),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS), fc.array(tie('expression'), { minLength: 1, maxLength: 2 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}[${b}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}[?${b}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `[${a}, ${b}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `{${a}: ${b}}`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `cel.bind(x, ${a}, ${b})`),
    tie('expression').map((inner) => `has(${inner}.a)`),
    tie('expression').map((inner) => `dyn(${inner})`),
  ),
}));

test('expressions never throw, hang or pass the limit by more than an operation', () => {
  fc.assert(fc.property(expression, run), games(3000));
});

test('nor do texts that were expressions', () => {
  const mutated = fc
    .tuple(expression, fc.nat(), fc.nat({ max: 3 }), fc.string({ unit: 'grapheme', maxLength: 4 }))
    .map(([text, at, cut, added]) => {
      const where = at % (text.length + 1);
      return text.slice(0, where) + added + text.slice(where + cut);
    });
  fc.assert(fc.property(mutated, run), games(3000));
});

test('nor do any texts', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), run), games(1000));
});

test('what grows fast is stopped', () => {
  const doubled = (start: string, step: string): string =>
    Array.from({ length: 60 }).reduce<string>((inner) => `cel.bind(x, ${inner}, ${step})`, start);
  for (const growing of [
    doubled("'aaaaaaaaaa'", 'x + x'),
    doubled('[1, 2]', 'x + x'),
    doubled("'aaaaaaaaaa'", "x.replace('a', 'aaaaaaaaaa')"),
    'lists.range(9223372036854775807).size() > 0',
    'lists.range(10000).map(a, lists.range(10000).map(b, a * b))',
    "'%.100f'.format([1.5]).matches('(a*)*'.replace('a', self.s))",
  ]) {
    const compiled = compile(growing, environment);
    assert.ok(compiled.ok, JSON.stringify(compiled));
    const evaluation = compiled.program.evaluate(BINDINGS, { costLimit: COST_LIMIT });
    assert.ok(evaluation.cost <= COST_LIMIT + OPERATION_COST_MAX, growing);
  }
});

test('a flattening deeper than the budget is stopped', () => {
  const compiled = compile('[self, self].flatten(dyn(9223372036854775807)).size() > 0', environment);
  assert.ok(compiled.ok);
  assert.equal(compiled.program.evaluate(BINDINGS, { costLimit: COST_LIMIT }).ok, false);
});
