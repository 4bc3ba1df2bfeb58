import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { applyStructuralDefaults } from './default.ts';
import { formatProblem } from './formats.ts';
import { validateListTypes } from './list-types.ts';
import { prune } from './prune.ts';
import { publishedDefinitions } from './publish.ts';
import { ratchet } from './ratchet.ts';
import type { JsonSchema } from './structural.ts';
import { validateStructural } from './validate.ts';

const object = (properties: { readonly [name: string]: JsonSchema }, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
});
const STRING: JsonSchema = { type: 'string' };
const KEEP: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

const PRUNED: readonly (readonly [string, JsonSchema, JsonObject, JsonObject, readonly string[]])[] = [
  ['unknown fields go', object({ a: STRING }), { a: 'x', b: 1 }, { a: 'x' }, ['b']],
  ['resource fields stay at the root', object({}), { kind: 'K', metadata: { x: 1 } }, { kind: 'K', metadata: { x: 1 } }, []],
  ['but not below it', object({ a: object({}) }), { a: { kind: 'K' } }, { a: {} }, ['a.kind']],
  ['but in embedded resources', object({ a: object({}, { 'x-kubernetes-embedded-resource': true }) }), { a: { kind: 'K', x: 1 } }, { a: { kind: 'K' } }, ['a.x']],
  ['maps keep their keys', object({ a: { type: 'object', additionalProperties: object({ b: STRING }) } }), { a: { k: { b: 'x', c: 1 } } }, { a: { k: { b: 'x' } } }, ['a.k.c']],
  ['what is kept is kept whole', object({ a: { type: 'object', ...KEEP } }), { a: { b: { c: [1] } } }, { a: { b: { c: [1] } } }, []],
  ['known fields below it are pruned again', object({ a: object({ b: object({}) }, KEEP) }), { a: { b: { c: 1 }, d: 1 } }, { a: { b: {}, d: 1 } }, ['a.b.c']],
  ['items of lists', object({ a: { type: 'array', items: object({ b: STRING }) } }), { a: [{ b: 'x', c: 1 }] }, { a: [{ b: 'x' }] }, ['a[0].c']],
  ['no prototype is touched', object({}), JSON.parse('{"__proto__":{"x":1}}') as JsonObject, {}, ['__proto__']],
]; // prettier-ignore

for (const [name, schema, given, expected, unknown] of PRUNED) {
  test(`pruning: ${name}`, () => {
    const pruned = prune(schema, given);
    assert.deepEqual(pruned.value, expected);
    assert.deepEqual(pruned.unknownFields, unknown);
  });
}

test('pruning shares what it leaves alone', () => {
  const given = { a: { b: 'x' } };
  assert.equal(prune(object({ a: object({ b: STRING }) }), given).value, given);
});

const DEFAULTED: readonly (readonly [string, JsonSchema, JsonObject, JsonObject])[] = [
  ['a missing field', object({ a: { ...STRING, default: 'x' } }), {}, { a: 'x' }],
  ['a default inside of a default', object({ a: object({ b: { ...STRING, default: 'y' } }, { default: {} }) }), {}, { a: { b: 'y' } }],
  ['nothing without a parent', object({ a: object({ b: { ...STRING, default: 'y' } }) }), {}, {}],
  ['a null that may not be', object({ a: { ...STRING, default: 'x' } }), { a: null }, { a: 'x' }],
  ['a null that may be', object({ a: { ...STRING, default: 'x', nullable: true } }), { a: null }, { a: null }],
  ['a null without a default goes', object({ a: STRING }), { a: null }, {}],
  ['items and values', object({ a: { type: 'array', items: object({ b: { ...STRING, default: 'z' } }) }, m: { type: 'object', additionalProperties: object({ b: { ...STRING, default: 'z' } }) } }), { a: [{}], m: { k: {} } }, { a: [{ b: 'z' }], m: { k: { b: 'z' } } }],
]; // prettier-ignore

for (const [name, schema, given, expected] of DEFAULTED) {
  test(`defaults: ${name}`, () => assert.deepEqual(applyStructuralDefaults(schema, given), expected));
}

const field = (schema: JsonSchema, value: JsonValue): readonly [JsonSchema, JsonObject] => [
  object({ a: schema }),
  { a: value },
];

const JUDGED: readonly (readonly [string, readonly [JsonSchema, JsonObject], readonly string[]])[] = [
  ['type', field(STRING, 1), ['a: Invalid value: "integer": a in body must be of type string: "integer"']],
  ['a number is no integer', field({ type: 'integer' }, 1.5), ['a: Invalid value: "number": a in body must be of type integer: "number"']],
  ['an integer is a number', field({ type: 'number' }, 1), []],
  ['null', field(STRING, null), ['a: Invalid value: "null": a in body must be of type string: "null"']],
  ['null that may be', field({ ...STRING, nullable: true }, null), []],
  ['int or string', field({ 'x-kubernetes-int-or-string': true }, true), ['a: Invalid value: "boolean": a in body must be of type integer,string: "boolean"']],
  ['enum', field({ ...STRING, enum: ['x'] }, 'y'), ['a: Unsupported value: "y": supported values: "x"']],
  ['minimum', field({ type: 'integer', minimum: 1 }, 0), ['a: Invalid value: 0: a in body should be greater than or equal to 1']],
  ['exclusive maximum', field({ type: 'integer', maximum: 1, exclusiveMaximum: true }, 1), ['a: Invalid value: 1: a in body should be less than 1']],
  ['multiples', field({ type: 'number', multipleOf: 0.1 }, 0.35), ['a: Invalid value: 0.35: a in body should be a multiple of 0.1']],
  ['multiples that floating point blurs', field({ type: 'number', multipleOf: 0.1 }, 0.3), []],
  ['pattern', field({ ...STRING, pattern: '^a+$' }, 'b'), ["a: Invalid value: \"b\": a in body should match '^a+$'"]],
  ['length in code points', field({ ...STRING, maxLength: 1 }, '😀'), []],
  ['too long', field({ ...STRING, maxLength: 1 }, 'ab'), ['a: Too long: may not be more than 1 bytes']],
  ['too short', field({ ...STRING, minLength: 1 }, ''), ['a: Invalid value: "": a in body should be at least 1 chars long']],
  ['format', field({ ...STRING, format: 'date-time' }, 'now'), ['a: Invalid value: "now": a in body must be of type date-time: "now"']],
  ['too many items', field({ type: 'array', maxItems: 1 }, [1, 2]), ['a: Too many: 2: must have at most 1 items']],
  ['required', [object({ a: object({}, { required: ['b'] }) }), { a: {} }], ['a.b: Required value']],
  ['any of', field({ anyOf: [{ type: 'integer', minimum: 2 }, STRING] }, 1), ['<root>: Invalid value: "": "a" must validate at least one schema (anyOf)', 'a: Invalid value: 1: a in body should be greater than or equal to 2']],
  ['one of two that fit', field({ oneOf: [{ minimum: 1 }, { minimum: 0 }] }, 1), ['<root>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
  ['not', field({ not: STRING }, 'x'), ['<root>: Invalid value: "": "a" must not validate the schema (not)']],
]; // prettier-ignore

for (const [name, [schema, given], expected] of JUDGED) {
  test(`validation: ${name}`, () => {
    const texts = validateStructural(schema, given).map(
      ({ path, message }) => `${path === '' ? '<root>' : path}: ${message}`,
    );
    assert.deepEqual(texts, expected);
  });
}

test('items of sets and keyed lists are there once', () => {
  const list = (more: JsonSchema): JsonSchema => object({ a: { type: 'array', items: KEEP, ...more } });
  const set = list({ 'x-kubernetes-list-type': 'set' });
  const duplicates = (schema: JsonSchema, items: readonly JsonValue[]): readonly string[] =>
    validateListTypes(schema, { a: items }, '').map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(duplicates(set, ['x', 'y', 'x']), ['a[2]: Duplicate value: "x"']);
  const map = list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] });
  assert.deepEqual(
    duplicates(map, [
      { k: 1, v: 1 },
      { k: 1, v: 2 },
    ]),
    ['a[1]: Duplicate value: {"k":1}'],
  );
  assert.deepEqual(duplicates(map, [{ k: 1 }, { k: 2 }]), []);
});

test('an update is not refused for what was wrong before', () => {
  const item = object({ k: { type: 'integer' }, v: { ...STRING, maxLength: 1 } });
  const schema = object({
    a: { ...STRING, maxLength: 1 },
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: item,
    },
    plain: { type: 'array', items: { ...STRING, maxLength: 1 } },
  });
  const old = { a: 'long', list: [{ k: 1, v: 'long' }], plain: ['long', 'x'] };
  const left = (next: JsonObject): readonly string[] =>
    ratchet(schema, next, old, validateStructural(schema, next)).map(({ path }) => path);
  assert.deepEqual(left({ ...old, b: 1 }), []);
  assert.deepEqual(left({ ...old, a: 'longer' }), ['a']);
  assert.deepEqual(
    left({
      ...old,
      list: [
        { k: 2, v: 'long' },
        { k: 1, v: 'long' },
      ],
    }),
    ['list[0].v'],
  );
  // Items of plain lists cannot be told apart, so that a changed list is judged whole.
  assert.deepEqual(left({ ...old, plain: ['x', 'long'] }), ['plain[1]']);
});

test('formats', () => {
  const good: readonly (readonly [string, string])[] = [
    ['ipv4', '10.0.0.1'], ['ipv6', '::1'], ['cidr', '10.0.0.0/8'], ['uuid', 'a8098c1a-f86e-11da-bd1a-00112444be1e'],
    ['date', '2024-02-29'], ['date-time', '2024-02-29T10:00:00Z'], ['duration', '1h30m'], ['duration', '3 days'],
    ['byte', 'YQ=='], ['email', 'a@b.example'], ['hostname', 'a.example.com'], ['mac', '00:1b:44:11:3a:b7'],
    ['isbn', '978-0-306-40615-7'], ['creditcard', '4012 8888 8888 1881'], ['hexcolor', '#fff'], ['rgbcolor', 'rgb(0,255,1)'],
    ['uri', 'https://example.com/a'], ['unheard-of', 'anything'],
  ]; // prettier-ignore
  for (const [format, text] of good) assert.equal(formatProblem(format, text), false, `${format} ${text}`);
  const bad: readonly (readonly [string, string])[] = [
    ['ipv4', '::1'], ['ipv6', '10.0.0.1'], ['cidr', '10.0.0.0/33'], ['uuid', 'x'], ['date', '2023-02-29'],
    ['date-time', '2024-02-29'], ['duration', 'soon'], ['byte', 'a'], ['email', 'a'], ['isbn', '978-0-306-40615-8'],
    ['creditcard', '4012 8888 8888 1882'], ['hexcolor', '#ff'], ['rgbcolor', 'rgb(0,256,1)'],
  ]; // prettier-ignore
  for (const [format, text] of bad) assert.equal(formatProblem(format, text), true, `${format} ${text}`);
});

test('what is published: version 3 as it is, version 2 without what it has no words for', () => {
  const names = { group: 'stable.example.com', version: 'v1', kind: 'Tab', listKind: 'TabList' };
  const schema = object({
    a: { ...STRING, nullable: true, default: 'x' },
    b: { type: 'object', ...KEEP, properties: { c: STRING } },
  });
  const three = publishedDefinitions(names, schema, 3);
  assert.deepEqual(Object.keys(three), ['com.example.stable.v1.Tab', 'com.example.stable.v1.TabList']);
  const properties = (definitions: JsonObject): JsonObject =>
    (definitions['com.example.stable.v1.Tab'] as JsonObject)['properties'] as JsonObject;
  assert.deepEqual(Object.keys(properties(three)), ['a', 'b', 'apiVersion', 'kind', 'metadata']);
  assert.deepEqual(properties(three)['a'], { type: 'string', nullable: true, default: 'x' });
  const two = publishedDefinitions(names, schema, 2);
  assert.deepEqual(properties(two)['a'], {});
  assert.deepEqual(properties(two)['b'], { type: 'object', ...KEEP });
  assert.equal(properties(publishedDefinitions(names, undefined, 2)), undefined);
});
