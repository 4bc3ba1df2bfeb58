import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSON_DEPTH_MAX, parseJson } from './json.ts';

test('finds duplicate keys at their paths', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['{"a":1,"b":{"a":2}}', []],
    ['{"a":1,"a":2}', ['a']],
    ['{"spec":{"replicas":1,"replicas":2}}', ['spec.replicas']],
    ['{"c":[{"x":1},{"x":1, "x" : {"y":0}}]}', ['c[1].x']],
    ['{"a:\\"b":1,"c":"x:y\\\\"}', []],
    [' { "a" : [ ] , "a" : { "b" : 1 , "b" : "\\"" } } ', ['a', 'a.b']],
    ['[1,"{",{"k":null}]', []],
  ];
  for (const [text, duplicateFields] of cases) {
    const value: unknown = JSON.parse(text);
    assert.deepEqual(parseJson(text), { ok: true, value, duplicateFields, literals: undefined }, text);
  }
});

test('tells integers that are written as if they were none', () => {
  const cases: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    ['{"a":1,"b":1.5,"c":true,"d":"1.0","e":[0.5]}', []],
    ['{"a":1.0}', [['a', '1.0']]],
    [
      '{"spec":{"list":[{"x":2},{"x":1e2}]},"y":[-3.0E0]}',
      [
        ['spec.list[1].x', '1e2'],
        ['y[0]', '-3.0E0'],
      ],
    ],
    ['{"a":1.0,"a":1}', []],
    ['2.00', [['', '2.00']]],
  ];
  for (const [text, literals] of cases) {
    const parsed = parseJson(text);
    assert.ok(parsed.ok);
    assert.deepEqual([...(parsed.literals ?? [])], literals, text);
  }
});

test('refuses what is no JSON, or too deep', () => {
  assert.deepEqual(parseJson(''), { ok: false, error: 'unexpected end of JSON input' });
  assert.deepEqual(parseJson('{"a":'), { ok: false, error: 'unexpected end of JSON input' });
  assert.deepEqual(parseJson('hello'), {
    ok: false,
    error: "invalid character 'h' looking for beginning of value",
  });
  const deep = '['.repeat(JSON_DEPTH_MAX + 1) + ']'.repeat(JSON_DEPTH_MAX + 1);
  assert.deepEqual(parseJson(deep), { ok: false, error: 'exceeded max depth' });
});
