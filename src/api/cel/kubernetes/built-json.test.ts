import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../cel.ts';
import { CelError, type CelValue } from '../values/value.ts';
import { builtJson, typeNameProblems } from './built-json.ts';
import { kubernetesEnvironment } from './environment.ts';
import { mutationType } from './mutation-types.ts';

const environment = kubernetesEnvironment(new Map(), mutationType);

function valueOf(expression: string): CelValue {
  const compiled = compile(expression, environment);
  assert.ok(compiled.ok, `${expression} does not compile`);
  const evaluation = compiled.program.evaluate({}, { costLimit: 1_000_000 });
  assert.ok(evaluation.ok, `${expression} fails`);
  return evaluation.value;
}

test('what expressions build, as JSON', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['Object{}', {}],
    ['Object{spec: Object.spec{replicas: 2, namespace: "a"}}', { spec: { replicas: 2, namespace: 'a' } }],
    ['Object{?a: optional.none(), ?b: optional.of(1)}', { b: 1 }],
    ['Object{data: {"a": [1, 2], "b": [3]}}', { data: { a: [1, 2], b: [3] } }],
    ['[1.5, 2.0]', [1.5, 2]],
    ['{"n": 3u}', { n: 3 }],
    ["b'abc'", 'YWJj'],
    ["timestamp('2026-01-02T03:04:05Z')", '2026-01-02T03:04:05Z'],
    ["duration('90m')", '5400s'],
    ['null', null],
    ['[[dyn("x"), dyn(true)]]', [['x', true]]],
  ];
  for (const [expression, expected] of cases) {
    assert.deepEqual(builtJson(valueOf(expression)), expected, expression);
  }
  const proto = builtJson(valueOf('{"__proto__": {"x": 1}}'));
  assert.deepEqual(JSON.stringify(proto), '{"__proto__":{"x":1}}');
  for (const expression of ['int', '{1: "a"}', 'optional.of(1)', "quantity('1')", '1.0 / 0.0']) {
    assert.throws(() => builtJson(valueOf(expression)), CelError, expression);
  }
});

test('objects bear the names of the fields that they stand in', () => {
  const problems = (expression: string): readonly string[] => typeNameProblems(valueOf(expression));
  assert.deepEqual(problems('Object{a: Object.a{b: [{"k": Object.a.b{}}]}}'), []);
  assert.deepEqual(problems('Object.spec.template{metadata: Object.spec.template.metadata{}}'), []);
  const wrong = (found: string, expected: string): string =>
    `unexpected type name "${found}", expected "${expected}", which matches field name path from root Object type`;
  assert.deepEqual(problems('Object{a: Object.b{}, c: [dyn(Object.d{}), dyn(Object.c{})]}'), [
    wrong('Object.b', 'Object.a'),
    wrong('Object.d', 'Object.c'),
  ]);
});
