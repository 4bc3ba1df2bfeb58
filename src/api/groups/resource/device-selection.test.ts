import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../types.gen.ts';
import { DeviceSelection } from './device-selection.ts';

const GPU: Device = {
  name: 'gpu-0',
  attributes: {
    model: { string: 'a100' },
    'other.example.com/cores': { int: 8 },
    healthy: { bool: true },
    firmware: { version: '1.2.3' },
  },
  capacity: { memory: { value: '40Gi' } },
};

const DRIVER = 'gpu.example.com';

test('attributes, capacities and versions', () => {
  const selection = new DeviceSelection();
  const cases: readonly (readonly [string, boolean | RegExp])[] = [
    ['device.driver == "gpu.example.com"', true],
    ['device.attributes["gpu.example.com"].model == "a100"', true],
    ['device.attributes["gpu.example.com"].model == "h100"', false],
    ['device.attributes["other.example.com"].cores >= 8', true],
    ['device.attributes["gpu.example.com"].healthy', true],
    ['device.attributes["gpu.example.com"].firmware.isGreaterThan(semver("1.2.0"))', true],
    ['device.capacity["gpu.example.com"].memory.compareTo(quantity("10Gi")) >= 0', true],
    ['device.capacity["gpu.example.com"].memory.isLessThan(quantity("40Gi"))', false],
    ['"cores" in device.attributes["nobody.example.com"]', false],
    ['"nobody.example.com" in device.attributes', false],
    ['"model" in device.attributes["gpu.example.com"]', true],
    ['device.allowMultipleAllocations', false],
    ['device.attributes["gpu.example.com"].missing', /^CEL runtime error: no such key: missing$/],
    ['device.attributes["gpu.example.com"].model', /^CEL runtime error: /],
    ['device.', /^CEL compile error: /],
  ];
  for (const [expression, expected] of cases) {
    const found = selection.matches(expression, GPU, DRIVER);
    if (typeof expected === 'boolean') assert.deepEqual(found, { matches: expected }, expression);
    else assert.match('error' in found ? found.error : '', expected, expression);
  }
});

test('devices of different drivers are told apart, also where they are one object', () => {
  const selection = new DeviceSelection();
  const device = { name: 'd-0' };
  const ask = (driver: string) => selection.matches('device.driver == "gpu.example.com"', device, driver);
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(ask('gpu.example.com'), { matches: true });
    assert.deepEqual(ask('nic.example.com'), { matches: false });
  }
});
