import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText, ROOT_PATH } from '../../field/field-error.ts';
import { validateDeviceExpression } from './device-selector.ts';

function refusal(expression: string): string {
  return validateDeviceExpression(ROOT_PATH.child('e'), expression).map(fieldErrorText).join();
}

const TAKEN: readonly string[] = [
  'true',
  'device.driver == "gpu.example.com" && !device.allowMultipleAllocations',
  'device.attributes["gpu.example.com"].model == "a100"',
  'device.attributes["gpu.example.com"].shared',
  'device.attributes["d"].version.isGreaterThan(semver("1.2.3"))',
  'device.capacity["d"].memory.compareTo(quantity("10Gi")) >= 0',
  'cel.bind(d, device.attributes["d"], d.a && d.b)',
  'device.attributes["d"].services.matches("^a.*")',
  '"d" in device.attributes && device.attributes["d"].all(name, name != "x")',
];

const REFUSED: readonly (readonly [string, string])[] = [
  ['device.vendor == "x"', "compilation failed: ERROR: <input>:1:7: undefined field 'vendor'"],
  ['object.spec', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'object' (in container '')"],
  ['device.driver', 'must evaluate to bool or the unknown type, not string'],
  ['device.driver ==', 'compilation failed: ERROR: <input>:1:17: Syntax error'],
]; // prettier-ignore

test('what chooses a device compiles and is a boolean', () => {
  for (const expression of TAKEN) assert.equal(refusal(expression), '', expression);
  for (const [expression, detail] of REFUSED) {
    assert.ok(refusal(expression).startsWith(`e: Invalid value: ${JSON.stringify(expression)}: ${detail}`));
  }
});

test('it must stay within the budget whatever the device', () => {
  const all = (body: string): string => `device.attributes.all(d, device.attributes[d].all(n, ${body}))`;
  assert.equal(refusal(all('n != "x"')), '');
  assert.equal(refusal(all(all(all('true')))), 'e: Forbidden: too complex, exceeds cost limit');
});
