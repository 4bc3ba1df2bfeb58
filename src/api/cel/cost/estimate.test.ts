import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../cel.ts';
import { environmentOf } from '../environment.ts';
import { BASE_LIBRARIES, COST_PER_CALL_MAX, kubernetesEnvironment } from '../kubernetes/environment.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  INT,
  listOf,
  mapOf,
  type ObjectType,
  STRING,
  TIMESTAMP,
} from '../types/type.ts';
import type { Binding } from '../values/json.ts';
import { declaredSizes } from './declared-size.ts';

const OBJECT: ObjectType = {
  kind: 'object',
  name: 'Message',
  field: (name) => (name === 'number' ? { name, type: INT } : undefined),
  jsonField: (name) => (name === 'number' ? { name, type: INT } : undefined),
};
const OBJECTS = listOf(OBJECT);
const OBJECT_MAP = mapOf(STRING, OBJECT);
const NESTED_MAP = mapOf(STRING, OBJECT_MAP);

/** For texts of unknown length: a tenth of all that can be, beside which a few units more do not count. */
const OF_UNKNOWN = Math.ceil(2 ** 64 * 0.1);

type Types = Readonly<Record<string, CelType>>;
type Sizes = Readonly<Record<string, number>>;

/** Expression, variables, their sizes by path, least and most. */
const ESTIMATES: readonly (readonly [string, Types, Sizes, number, number])[] = [
  ['"Hello World!"', {}, {}, 0, 0],
  ['input', { input: listOf(INT) }, {}, 1, 1],
  ["input['key']", { input: mapOf(STRING, STRING) }, {}, 2, 2],
  ['input.number', { input: OBJECT }, {}, 2, 2],
  ['has(input.number)', { input: OBJECT }, {}, 1, 1],
  ['has(input.a.b)', { input: NESTED_MAP }, {}, 2, 2],
  ['{"a": 1, "b": 2, "c": 3}', {}, {}, 30, 30],
  ['input.all(x, true)', { input: OBJECTS }, { input: 100 }, 2, 302],
  ['input.all(x, x.all(y, true))', { input: listOf(OBJECTS) }, { input: 50, 'input.@items': 10 }, 2, 1752],
  ['[1, 2, 3].all(x, true)', {}, {}, 20, 20],
  ["input.matches('[0-9]')", { input: STRING }, { input: 500 }, 3, 103],
  ["'123'.matches('[0-9]')", {}, {}, 2, 2],
  ['a || b || c || d', { a: BOOL, b: BOOL, c: BOOL, d: BOOL }, {}, 1, 4],
  ['a && b && c && d', { a: BOOL, b: BOOL, c: BOOL, d: BOOL }, {}, 1, 4],
  ['1 == 2', {}, {}, 1, 1],
  ['2 in [1, 2, 3]', {}, {}, 13, 13],
  ['true ? 1 : 2', {}, {}, 0, 0],
  ['size("123")', {}, {}, 1, 1],
  ['string(input)', { input: BYTES }, { input: 500 }, 1, 51],
  ['string(input) == string(input)', { input: BYTES }, { input: 500 }, 3, 152],
  ['bytes(input) == bytes(input)', { input: STRING }, { input: 500 }, 3, 302],
  ['input.contains(arg)', { input: STRING, arg: STRING }, { input: 500, arg: 500 }, 2, 2502],
  ['input.startsWith(arg)', { input: STRING, arg: STRING }, { arg: 500 }, 2, 52],
  ['input.size()', { input: STRING }, {}, 2, 2],
  ['(x > 2 ? a : b).all(y, true)', { x: INT, a: OBJECTS, b: OBJECTS }, { a: 1, b: 1 }, 4, 7],
  ['input.all(k, input[k].number > 3)', { input: OBJECT_MAP }, { input: 10 }, 2, 82],
  ['input.all(k, input[k].all(x, true))', { input: NESTED_MAP }, { input: 5, 'input.@values': 10 }, 2, 187],
  ['input.all(k, k.contains(k))', { input: NESTED_MAP }, { input: 5, 'input.@keys': 10 }, 2, 32],
  ['input.all(k, input[k].all(k, true) && k.contains(k))', { input: NESTED_MAP },
    { input: 2, 'input.@values': 2, 'input.@keys': 5 }, 2, 34],
  ['(a + b).all(x, true)', { a: listOf(INT), b: listOf(INT) }, { a: 10, b: 10 }, 4, 64],
  ['"abcdefg".contains(a + b)', { a: STRING, b: STRING }, { a: 10, b: 10 }, 2, 6],
  ['a.size() == b.size()', { a: listOf(INT), b: listOf(INT) }, {}, 5, 5],
  ['([x, y] + a + b).size()', { x: INT, y: INT, a: listOf(INT), b: listOf(INT) }, { a: 10, b: 20 }, 17, 17],
  ["[a, b].exists(l, l.exists(v, v.startsWith('hi')))", { a: listOf(STRING), b: listOf(STRING) },
    { a: 10, 'a.@items': 64, b: 20, 'b.@items': 128 }, 21, 265],
  ['((5 != 6) == (1 == 2)) == ((3 <= 4) == (9 != 9))', {}, {}, 7, 7],
  ['string(a) == string(b)', { a: TIMESTAMP, b: TIMESTAMP }, {}, 5, OF_UNKNOWN],
  ['[1,2,3,4,5].filter(x, x % 2 == 0)', {}, {}, 41, 101],
  ['[1,2,3,4,5].map(x, x)', {}, {}, 86, 86],
  ['[1,2,3,4,5].map(x, x).filter(x, x % 2 == 0)', {}, {}, 117, 177],
  ['[1,2,3,4,5].map(x, x).exists(x, x == 5) == true', {}, {}, 108, 118],
  ['[1,2,3,4,5].map(x, x).map(x, x)', {}, {}, 162, 162],
  ['[1,2,3,4,5].map(x, x)[4]', {}, {}, 87, 87],
  ['[[1,2],[1,2],[1,2],[1,2],[1,2]][4]', {}, {}, 61, 61],
  ["{'a': [1,2], 'b': [1,2], 'c': [1,2], 'd': [1,2], 'e': [1,2]}.b", {}, {}, 81, 81],
  ['[[1, 1], [2, 2], [3, 3], [4, 4], [5, 5]].all(y, y.all(y, y == 1))', {}, {}, 76, 136],
  ['[1,2,3,4,5].map(x, [x, x]).all(y, y.all(y, y == 1))', {}, {}, 157, 217],
  ["input.map(x, [x, x]).all(y, y.all(y, y.startsWith('a')))", { input: listOf(STRING) },
    { input: 5, 'input.@items': 10 }, 13, 208],
  ['[1,2,3,4,5].map(x, x).map(x, x) + [1]', {}, {}, 173, 173],
  ['[1,2,3].all(i, i in [1,2,3].map(j, j + j))', {}, {}, 20, 230],
  ['dyn([1,2,3]).all(i, i in dyn([1,2,3]).map(j, j + j))', {}, {}, 21, 234],
  ["{'hello': 'hi'}['hello'] != {'hello': 'bye'}['hello']", {}, {}, 63, 63],
  ["['hello', 'hi'][0] != ['hello', 'bye'][1]", {}, {}, 23, 23],
  ['type(self.a) == int', { self: mapOf(STRING, INT) }, {}, 5, OF_UNKNOWN],
  ['self.val1 == 1.0', { 'self.val1': DOUBLE }, {}, 2, 2],
  ['self.val1 == 1.0', { self: mapOf(STRING, DOUBLE) }, {}, 3, 3],
  ["self.a == timestamp('2011-08-18T00:00:00.000+01:00') + duration('19h3m37s10ms')",
    { self: mapOf(STRING, TIMESTAMP) }, {}, 6, 6],
  ['self.a != self.b', { self: mapOf(STRING, BOOL) }, {}, 5, 5],
]; // prettier-ignore

function plainEnvironment(types: Types): ReturnType<typeof environmentOf> {
  return environmentOf({
    variables: new Map(Object.entries(types)),
    libraries: BASE_LIBRARIES,
    rules: { homogeneousLiterals: false, foldsConstants: false, checksLiterals: false },
  });
}

test('estimates', () => {
  for (const [expression, types, sizes, min, max] of ESTIMATES) {
    const compiled = compile(expression, plainEnvironment(types));
    assert.ok(compiled.ok, `${expression}: ${JSON.stringify(compiled)}`);
    const estimate = compiled.program.estimateCost((path) => {
      const size = sizes[path.join('.')];
      return size === undefined ? undefined : { min: 0, max: size };
    });
    assert.deepEqual(estimate, { min, max }, expression);
  }
});

const TEXT = 'x'.repeat(500);

/** Expression, variables, what they are, cost. */
const COSTS: readonly (readonly [string, Types, Readonly<Record<string, Binding>>, number])[] = [
  ['input', { input: listOf(INT) }, { input: [1, 2] }, 1],
  ["input['key']", { input: mapOf(STRING, STRING) }, { input: { key: 'v' } }, 2],
  ['input[0]', { input: listOf(STRING) }, { input: ['v'] }, 2],
  ['input.number', { input: OBJECT }, { input: { number: 1 } }, 2],
  ["input['ke' + 'y']", { input: mapOf(STRING, STRING) }, { input: { key: 'v' } }, 3],
  ['input[3-3]', { input: listOf(STRING) }, { input: ['v'] }, 3],
  ['has(input.number)', { input: OBJECT }, { input: { number: 1 } }, 1],
  ['has(input.a.b)', { input: NESTED_MAP }, { input: { a: {} } }, 2],
  ['[1, 2, 3].all(x, true)', {}, {}, 20],
  ["input.matches('[0-9]')", { input: STRING }, { input: TEXT }, 103],
  ['true || false', {}, {}, 0],
  ['a || b || c || d', { a: BOOL, b: BOOL, c: BOOL, d: BOOL }, { a: false, b: false, c: false, d: false }, 4],
  ['a && b && c && d', { a: BOOL, b: BOOL, c: BOOL, d: BOOL }, { a: true, b: true, c: true, d: true }, 4],
  ["'12345678901234567890' == '123456789012345678901234567890'", {}, {}, 2],
  ['bytes(input)', { input: STRING }, { input: TEXT }, 51],
  ['input.contains(arg)', { input: STRING, arg: STRING }, { input: TEXT, arg: TEXT }, 2502],
  ['input.startsWith(arg)', { input: STRING, arg: STRING }, { input: 'idc', arg: TEXT }, 3],
  ['(x > 2 ? a : b).all(y, true)', { x: INT, a: OBJECTS, b: OBJECTS }, { x: 1, a: [{}], b: [{}] }, 6],
  ['true ? false : 1 > 3', {}, {}, 0],
  ['false ? false : 1 > 3', {}, {}, 1],
  ['input.all(k, input[k].number > 3)', { input: OBJECT_MAP }, { input: { a: { number: 1 } } }, 9],
  ['(a + b).all(x, true)', { a: listOf(INT), b: listOf(INT) }, { a: [], b: [] }, 4],
  ['"abcdefg".contains(a + b)', { a: STRING, b: STRING }, { a: 'val1', b: 'val2222222' }, 6],
  ['(1 > 2 ? 5 : 3) > 1', {}, {}, 2],
  ['(1 > 2 || 2 > 1) == true', {}, {}, 3],
  ["[{'k1': 1}, {'k2': 2}].all(x, true)", {}, {}, 77],
  ['[1,2,3,4,5].filter(x, x % 2 == 0)', {}, {}, 62],
  ['[1,2,3,4,5].map(x, x)', {}, {}, 86],
  ['[1,2,3,4,5].map(x, x).filter(x, x % 2 == 0)', {}, {}, 138],
  ['[1,2,3,4,5].map(x, x).exists(x, x == 5) == true', {}, {}, 118],
  ['[1,2,3,4,5].map(x, x).map(x, x)', {}, {}, 162],
  ['[1,2,3,4,5].map(x, [x, x]).filter(z, z.size() == 2)', {}, {}, 232],
  ['[1,2,3,4,5].map(x, [x, x]).all(y, y.all(y, y == 1))', {}, {}, 171],
  ['[1,2,3,4,5].map(x, x).map(x, x) + [1]', {}, {}, 173],
  ['[1,2,3].all(i, i in [1,2,3].map(j, j + j))', {}, {}, 86],
]; // prettier-ignore

test('costs of evaluations', () => {
  for (const [expression, types, bindings, cost] of COSTS) {
    const compiled = compile(expression, plainEnvironment(types));
    assert.ok(compiled.ok, expression);
    const evaluation = compiled.program.evaluate(bindings, { costLimit: COST_PER_CALL_MAX });
    assert.deepEqual([evaluation.ok, evaluation.cost], [true, cost], expression);
  }
});

test('constants cost nothing where they are folded', () => {
  const cases: readonly (readonly [string, number])[] = [
    ["'a' in ['a', 'b']", 0], ["[1, 2].all(x, x > 0)", 11], ["duration('1h') == duration('60m')", 1],
    ["{'a': 1}.a == 1", 3], ['[1, 2].map(x, 1)', 5],
  ]; // prettier-ignore
  const environment = kubernetesEnvironment(new Map());
  for (const [expression, cost] of cases) {
    const compiled = compile(expression, environment);
    assert.ok(compiled.ok, expression);
    assert.equal(compiled.program.evaluate({}, { costLimit: COST_PER_CALL_MAX }).cost, cost, expression);
  }
});

test('the limit is kept, whatever would absorb an error', () => {
  const compiled = compile('input.contains(arg) || true', plainEnvironment({ input: STRING, arg: STRING }));
  assert.ok(compiled.ok);
  const evaluation = compiled.program.evaluate({ input: TEXT, arg: TEXT }, { costLimit: 100 });
  const error = 'operation cancelled: actual cost limit exceeded';
  assert.deepEqual(evaluation, { ok: false, error, cost: 2502 });
});

test('sizes that types declare', () => {
  const items: CelType = { kind: 'string', maxElements: 10 };
  const list: CelType = { kind: 'list', items, maxElements: 5 };
  const self: ObjectType = {
    kind: 'object',
    name: 'self',
    field: (name) => (name === 'names' ? { name, type: list } : undefined),
    jsonField: (name) => (name === 'names' ? { name, type: list } : undefined),
  };
  const variables = new Map<string, CelType>([['self', self]]);
  const compiled = compile("self.names.all(n, n.contains('0123456789'))", kubernetesEnvironment(variables));
  assert.ok(compiled.ok);
  assert.deepEqual(compiled.program.estimateCost(declaredSizes(variables)), { min: 3, max: 28 });
});
