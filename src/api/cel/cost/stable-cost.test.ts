import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../schema/schema.ts';
import { compile } from '../cel.ts';
import { COST_PER_CALL_MAX, kubernetesEnvironment } from '../kubernetes/environment.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  INT,
  listOf,
  mapOf,
  type ObjectType,
  STRING,
  TIMESTAMP,
} from '../types/type.ts';

function objectOf(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  const field: ObjectType['field'] = (key) =>
    fields[key] === undefined ? undefined : { name: key, type: fields[key] };
  return { kind: 'object', name, field, jsonField: field };
}

type Costs = Readonly<Record<string, number>>;

/** Every expression is true of `self`, whose fields are val1, val2 and so on, at this cost. */
function check(types: readonly CelType[], values: JsonObject[string][], costs: Costs): void {
  const named = <T>(list: readonly T[]): Record<string, T> =>
    Object.fromEntries(list.map((item, i) => [`val${i + 1}`, item]));
  const environment = kubernetesEnvironment(new Map([['self', objectOf('Self', named(types))]]));
  const self = named(values);
  for (const [expression, cost] of Object.entries(costs)) {
    const compiled = compile(expression, environment);
    assert.ok(compiled.ok, `${expression}: ${JSON.stringify(compiled)}`);
    const evaluation = compiled.program.evaluate({ self }, { costLimit: COST_PER_CALL_MAX });
    assert.deepEqual(evaluation, { ok: true, value: true, cost }, expression);
  }
}

test('rules of custom resources cost what they cost upstream: scalars', () => {
  check([INT, INT], [5, 5], {
    'self.val1 == self.val2': 5, 'type(self.val1) == int': 4, 'self.val1 + 1 == 5 + 1': 5, 'double(self.val1) < 10.0': 4,
    'double(5) < 10.0': 1,
  });
  check([DOUBLE, DOUBLE], [10, 10.5], { 'type(self.val1) == double': 4, 'self.val1 == 10.0': 3, "string(self.val2) == '10.5'": 4 });
  check([STRING, STRING], ['Rook takes 👑', 'Rook takes 👑'], {
    "self.val1.startsWith('Rook')": 4, "!self.val1.startsWith('knight')": 5, "self.val1.matches('^[^0-9]*$')": 8,
    "!self.val1.matches('^[0-9]*$')": 7, 'size(self.val1) == 12': 4, "self.val1.charAt(3) == 'k'": 4,
    "self.val1.indexOf('o') == 1": 4, "self.val1.indexOf('o', 2) == 2": 4,
    "self.val1.replace(' ', 'x') == 'Rookxtakesx👑'": 7, "self.val1.replace(' ', 'x', 1) == 'Rookxtakes 👑'": 7,
    "self.val1.split(' ') == ['Rook', 'takes', '👑']": 6, "self.val1.substring(5) == 'takes 👑'": 5,
    "self.val1.substring(4, 10).trim() == 'takes'": 6, "self.val1.upperAscii() == 'ROOK TAKES 👑'": 6,
  });
  check([BYTES, BYTES], ['QUI=', 'QUI='], { 'self.val1 == self.val2': 5, "self.val1 == b'AB'": 3, 'size(self.val1) == 2': 4 });
  check([BOOL, BOOL], [true, false], { 'self.val1 != self.val2': 5, 'type(self.val1) == bool': 4 });
  check([DURATION], ['1h2m3s4ms'], {
    "self.val1 == duration('1h2m') + duration('3s4ms')": 4, 'self.val1.getHours() == 1': 4,
    'type(self.val1) == google.protobuf.Duration': 4,
  });
  check([TIMESTAMP, TIMESTAMP], ['1997-07-16', '2011-08-18T19:03:37.010000000+01:00'], {
    'self.val1.getDate() == 16': 4, 'type(self.val1) == google.protobuf.Timestamp': 4,
    "self.val2 == timestamp('2011-08-18T00:00:00.000+01:00') + duration('19h3m37s10ms')": 4,
    "self.val2.getDate('01:00') == 18": 4,
  });
  check([STRING], ['Pending'], { "self.val1 == 'Pending'": 3, "self.val1 in ['Pending', 'Available']": 2 });
}); // prettier-ignore

test('rules of custom resources cost what they cost upstream: lists and maps', () => {
  check([listOf(INT), listOf(INT)], [[1, 2, 3], [1, 2, 3]], {
    '1 in self.val1': 5, 'self.val2[0] in self.val1': 8, '!(0 in self.val1)': 6,
    'self.val1 + self.val2 == [1, 2, 3, 1, 2, 3]': 6, 'self.val1 + [4, 5] == [1, 2, 3, 4, 5]': 4,
  });
  const set: CelType = { kind: 'list', items: STRING, semantics: 'set' };
  check([set, set], [['a', 'b', 'c'], ['a', 'c', 'b']], {
    "self.val1 == ['c', 'b', 'a']": 3, 'self.val1 == self.val2': 5, "'a' in self.val1": 5,
    'self.val2[0] in self.val1': 8, "self.val1 + self.val2 == ['a', 'b', 'c']": 6,
    "self.val1 + ['c', 'd'] == ['a', 'b', 'c', 'd']": 4,
  });
  const item = objectOf('Item', { k: STRING, v: STRING, v2: STRING });
  const map: CelType = { kind: 'list', items: item, semantics: { keys: ['k'] } };
  const [a1, b2, b3] = [{ k: 'a', v: '1' }, { k: 'b', v: '2' }, { k: 'b', v: '3' }];
  check([listOf(map)], [[[a1, b2], [b2, a1], [b3, a1], [{ k: 'c', v: '4' }]]], {
    'self.val1[0] == self.val1[1]': 7, 'self.val1[0] + self.val1[2] == self.val1[2]': 11,
    'self.val1[0] == [self.val1[0][0], self.val1[0][1]]': 22, 'self.val1[0] == [self.val1[0][1], self.val1[0][0]]': 22,
    'size(self.val1[0] + [self.val1[3][0]]) == 3': 20,
  });
  check([mapOf(STRING, INT)], [{ b: 1, d: 2 }], {
    "!('a' in self.val1)": 4, "'b' in self.val1": 3, '!has(self.val1.a)': 3, 'has(self.val1.b)': 2,
    'self.val1.all(k, self.val1[k] > 0)': 17, 'self.val1.exists_one(k, self.val1[k] == 2)': 14,
    '!self.val1.exists_one(k, self.val1[k] > 0)': 17, 'size(self.val1) == 2': 4,
    'size(self.val1.filter(k, self.val1[k] > 1)) == 1': 26, "self.val1 == {'b': 1, 'd': 2}": 3,
  });
  const items = [{ k: 'a1', v: 'b1' }, { k: 'a2', v: 'b2' }, { k: 'a3', v: 'b3', v2: 'z' }];
  check([{ ...map }], [items], {
    'has(self.val1[0].v)': 3, "self.val1.all(m, m.k.startsWith('a'))": 21,
    "self.val1.all(m, !has(m.v2) || m.v2 == 'z')": 21, "self.val1.exists(m, m.k.endsWith('1'))": 13,
    "self.val1.exists_one(m, m.k == 'a3')": 15, "!self.val1.all(m, m.k.endsWith('1'))": 18,
    "!self.val1.exists(m, m.v == 'x')": 25, "!self.val1.exists_one(m, m.k.startsWith('a'))": 20,
    "size(self.val1.filter(m, m.k == 'a1')) == 1": 27, "self.val1.exists(m, m.k == 'a1' && m.v == 'b1')": 16,
    "self.val1.map(m, m.v).exists(v, v == 'b1')": 55, "self.val1.exists(m, has(m.v2) && m.v2 == 'z')": 21,
    "!self.val1.all(m, has(m.v2) && m.v2 != 'z')": 10,
  });
}); // prettier-ignore
