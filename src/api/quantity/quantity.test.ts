import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityOf,
  quantityValue,
  milliValueOf,
  roundUpQuantity,
  subtractQuantities,
  valueOf,
} from './quantity.ts';

const FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX = "unable to parse quantity's suffix";

function canonical(text: string): string {
  const result = canonicalQuantity(text);
  return typeof result === 'string' ? `error: ${result}` : result.text;
}

test('canonical form', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['0', '0'], ['0Ki', '0'], ['0.0', '0'], ['00', '0'], ['.5', '500m'], ['0.5', '500m'], ['1.5', '1500m'], ['1000m', '1'],
    ['100m', '100m'], ['1', '1'], ['1000', '1k'], ['1100', '1100'], ['1024', '1024'], ['1Ki', '1Ki'], ['1024Ki', '1Mi'],
    ['1024Mi', '1Gi'], ['1.5Gi', '1536Mi'], ['0.5Ki', '512'], ['0.5Gi', '512Mi'], ['128Mi', '128Mi'], ['1000Ki', '1000Ki'],
    ['8Ki', '8Ki'], ['1000000', '1M'], ['1e3', '1e3'], ['1E3', '1E3'], ['1000e3', '1e6'], ['1.5e3', '1500'],
    ['100e-3', '100e-3'], ['1E', '1E'], ['1Ei', '1Ei'], ['9Ei', '9223372036854775807'], ['0.1n', '1n'], ['0.0000000001', '1n'],
    ['-1.5', '-1500m'], ['-0.0000000001', '-1n'], ['0.25Ki', '256'], ['1.0', '1'], ['1.500', '1.500'], ['010', '010'],
    ['+5', '+5'], ['500u', '500u'], ['1.1Ki', '1126400m'], ['12e6', '12e6'], ['1.', '1.'], ['1500M', '1500M'],
  ]; // prettier-ignore
  for (const [text, expected] of cases) assert.equal(canonical(text), expected, text);
});

test('refusals', () => {
  for (const text of ['', 'abc', '1 Gi', '1x', '1.2.3']) assert.equal(parseQuantity(text), FORMAT, text);
  for (const text of ['1ee', '1mi', '1+5', '1e+', '1KiKi', '1e99999', '--1'])
    assert.equal(parseQuantity(text), SUFFIX, text);
});

test('numbers, rounded up', () => {
  assert.equal(quantityValue('1Gi'), 2 ** 30);
  assert.equal(quantityValue('1500m'), 2);
  assert.equal(quantityMilliValue('0.0001'), 1);
  assert.equal(quantityMilliValue('2'), 2000);
  assert.equal(formatQuantity(roundUpQuantity(quantityOf('1100u'), -3)), '2m');
});

test('sums keep the format of the first that is not zero', () => {
  assert.equal(formatQuantity(addQuantities(quantityOf('0'), quantityOf('1Gi'))), '1Gi');
  assert.equal(formatQuantity(addQuantities(quantityOf('512Mi'), quantityOf('512Mi'))), '1Gi');
  assert.equal(formatQuantity(subtractQuantities(quantityOf('1'), quantityOf('250m'))), '750m');
  assert.ok(compareQuantities(quantityOf('1Ki'), quantityOf('1k')) > 0);
});

const SOME_QUANTITY = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.nat(2 ** 30),
    fc.option(fc.nat(9999)),
    fc.constantFrom('', 'm', 'k', 'Mi', 'G', 'e3', 'Ti'),
  )
  .map(
    ([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${suffix}`,
  );

test('writing a quantity and reading it back changes nothing', () => {
  fc.assert(
    fc.property(SOME_QUANTITY, (text) => {
      const quantity = quantityOf(text);
      const again = quantityOf(formatQuantity(quantity));
      assert.equal(again.nanos, quantity.nanos);
      assert.equal(formatQuantity(again), formatQuantity(quantity));
      assert.equal(quantityOf(canonical(text)).nanos, quantity.nanos);
      assert.equal(quantityValue(text), valueOf(quantity));
      assert.equal(quantityMilliValue(text), milliValueOf(quantity));
    }),
    games(),
  );
});
