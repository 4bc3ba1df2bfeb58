import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { matcherOf, matches, parseSelector, type LabelOperator } from './selector.ts';

const key = fc.constantFrom('app', 'tier', 'toString', '__proto__');
const value = fc.constantFrom('', 'a', 'b', '7', '12');
const operator = fc.constantFrom<LabelOperator>('=', '!=', 'in', 'notin', 'exists', '!', 'gt', 'lt');
const requirement = fc.record({ key, operator, values: fc.array(value, { minLength: 1, maxLength: 3 }) });
const labels = fc.option(fc.dictionary(key, value), { nil: undefined });

test('a selector made ready for many objects selects the same ones', () => {
  const property = fc.property(fc.array(requirement, { maxLength: 3 }), labels, (selector, given) => {
    assert.equal(matcherOf(selector)(given), matches(selector, given));
  });
  fc.assert(property, games(2_000));
});

test('what every object inherits is no label', () => {
  for (const [text, expected] of [
    ['toString', false],
    ['!toString', true],
    ['toString!=a', true],
    ['toString notin (a)', true],
    ['app=web,!constructor', true],
    ['app in (web,db)', true],
    ['app notin (web)', false],
    ['', true],
  ] as const) {
    const parsed = parseSelector(text);
    assert.ok(parsed.ok, text);
    assert.equal(matches(parsed.value, { app: 'web' }), expected, text);
    assert.equal(matcherOf(parsed.value)({ app: 'web' }), expected, text);
  }
});
