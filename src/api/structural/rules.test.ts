import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../field/field-error.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import type { ValidationRule } from '../types.gen.ts';
import { SchemaRules } from './rules.ts';
import type { JsonSchema } from './structural.ts';

const INT: JsonSchema = { type: 'integer' };
const TEXT: JsonSchema = { type: 'string' };

function withRules(schema: JsonSchema, ...rules: readonly (string | ValidationRule)[]): JsonSchema {
  const made = rules.map((rule) => (typeof rule === 'string' ? { rule } : rule));
  return { ...schema, 'x-kubernetes-validations': made };
}

function judge(spec: JsonSchema, value: JsonValue, old?: JsonValue): string[] {
  const schema: JsonSchema = { type: 'object', properties: { spec } };
  const before = old === undefined ? undefined : { spec: old };
  return new SchemaRules(schema).validate({ spec: value }, before, []).map(fieldErrorText);
}

const OBJECT: JsonSchema = { type: 'object', properties: { a: INT, b: INT, name: TEXT } };
const ITEM = withRules({ type: 'object', properties: { k: TEXT, v: INT } }, 'self.v >= oldSelf.v');
const KEYED: JsonSchema = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: ITEM,
};

type Case = readonly [string, JsonSchema, JsonValue, JsonValue | undefined, readonly string[]];
const CASES: readonly Case[] = [
  ['kept', withRules(OBJECT, 'self.a < self.b'), { a: 1, b: 2 }, undefined, []],
  ['broken', withRules(OBJECT, 'self.a < self.b'), { a: 2, b: 1 }, undefined, ['spec: Invalid value: failed rule: self.a < self.b']],
  ['of a scalar', withRules(INT, { rule: 'self < 5', message: 'too many' }), 7, undefined, ['spec: Invalid value: 7: too many']],
  ['with an expression for its message', withRules(OBJECT, { rule: 'self.a < 1', messageExpression: "'a is ' + string(self.a)" }), { a: 4 }, undefined, ['spec: Invalid value: a is 4']],
  ['whose expression fails', withRules(OBJECT, { rule: 'self.a < 1', message: 'fixed', messageExpression: "string(1 / (self.a - 4))" }), { a: 4 }, undefined, ['spec: Invalid value: fixed']],
  ['whose expression yields nothing', withRules(OBJECT, { rule: 'self.a < 1', messageExpression: "'  '" }), { a: 4 }, undefined, ['spec: Invalid value: failed rule: self.a < 1']],
  ['with a field', withRules(OBJECT, { rule: 'self.a < 1', fieldPath: '.a', message: 'no' }), { a: 4 }, undefined, ['spec.a: Invalid value: no']],
  ['forbidden', withRules(OBJECT, { rule: 'false', reason: 'FieldValueForbidden', message: 'no' }), {}, undefined, ['spec: Forbidden: no']],
  ['required', withRules(OBJECT, { rule: 'false', reason: 'FieldValueRequired', message: 'no' }), {}, undefined, ['spec: Required value: no']],
  ['duplicate', withRules(TEXT, { rule: 'false', reason: 'FieldValueDuplicate' }), 'x', undefined, ['spec: Duplicate value: "x"']],
  ['failing', withRules(OBJECT, 'self.a < 1'), {}, undefined, ['spec: Invalid value: "object": no such key: a evaluating rule: self.a < 1']],
  ['nulls are not judged', withRules({ ...OBJECT, nullable: true }, 'false'), null, undefined, []],
  ['of transitions, on creation', withRules(INT, 'self >= oldSelf'), 1, undefined, []],
  ['of transitions, kept', withRules(INT, 'self >= oldSelf'), 2, 1, []],
  ['of transitions, broken', withRules(INT, { rule: 'self >= oldSelf', message: 'shrank' }), 1, 2, ['spec: Invalid value: 1: shrank']],
  ['optionalOldSelf, on creation', withRules(INT, { rule: 'oldSelf.hasValue() || self == 0', optionalOldSelf: true, message: 'not 0' }), 1, undefined, ['spec: Invalid value: 1: not 0']],
  ['optionalOldSelf, on update', withRules(INT, { rule: 'oldSelf.hasValue()', optionalOldSelf: true }), 1, 2, []],
  ['items with keys find theirs', KEYED, [{ k: 'b', v: 1 }, { k: 'a', v: 1 }], [{ k: 'a', v: 2 }], ['spec[1]: Invalid value: failed rule: self.v >= oldSelf.v']],
  ['values of maps', { type: 'object', additionalProperties: withRules(INT, 'self > 0') }, { x: 0, y: 1 }, undefined, ['spec[x]: Invalid value: 0: failed rule: self > 0']],
  ['what stands as it stood is let pass', withRules(OBJECT, 'self.a < 1'), { a: 4 }, { a: 4 }, []],
  ['what is new beside it is not', { type: 'object', properties: { p: withRules(INT, 'self < 1'), q: withRules(INT, 'self < 1') } }, { p: 4, q: 5 }, { p: 4, q: 6 }, ['spec.q: Invalid value: 5: failed rule: self < 1']],
  ['sets compare without order', withRules({ type: 'object', properties: { s: { type: 'array', items: TEXT, 'x-kubernetes-list-type': 'set' } } }, "self.s == ['a', 'b']"), { s: ['b', 'a'] }, undefined, []],
  ['escaped names', withRules({ type: 'object', properties: { 'a-b': INT, namespace: INT } }, 'self.a__dash__b == self.__namespace__'), { 'a-b': 1, namespace: 1 }, undefined, []],
  ['embedded resources have a name', withRules({ type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }, "self.metadata.name == 'n' && self.kind == 'K'"), { kind: 'K', metadata: { name: 'n' } }, undefined, []],
]; // prettier-ignore

for (const [name, schema, value, old, expected] of CASES) {
  test(`rules: ${name}`, () => assert.deepEqual(judge(schema, value, old), expected));
}

test('objects with wrong types are not judged; budgets end the judging', () => {
  const schema = withRules(OBJECT, 'self.a < self.b');
  const root: JsonSchema = { type: 'object', properties: { spec: schema } };
  const object: JsonObject = { spec: { a: 2, b: 1 } };
  const blocking = [{ type: 'FieldValueRequired', path: 'x', message: 'Required value' }] as const;
  assert.deepEqual(new SchemaRules(root).validate(object, undefined, blocking).map(fieldErrorText), [
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ]);
  const list: JsonSchema = withRules(
    { type: 'array', items: INT },
    'self.all(x, self.all(y, self.all(z, x + y + z >= 0)))',
    'false',
  );
  const costly = judge(
    list,
    Array.from({ length: 200 }, () => 1),
  );
  assert.equal(costly.length, 1);
  assert.match(costly[0] ?? '', /no further validation rules will be run due to call cost exceeds limit/);
});
