import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CapacityRequestPolicy } from '../../api/types.gen.ts';
import { consumedCapacity, consumptionOf } from './capacity.ts';
import { allocateIn, claim, device, given, slice, type Setting } from './devices.fixture.ts';

const ask = (bandwidth: string): object => ({ capacity: { requests: { bandwidth } } });

function taken(requested: string | undefined, requestPolicy?: CapacityRequestPolicy): string | undefined {
  const capacity = { bandwidth: { value: '100', ...(requestPolicy && { requestPolicy }) } };
  const requests = requested === undefined ? undefined : { bandwidth: requested };
  const consumption = consumptionOf({ name: 'd', allowMultipleAllocations: true, capacity }, requests);
  return consumption && consumedCapacity(consumption)['bandwidth'];
}

test('what a request takes of a capacity', () => {
  const steps = { default: '20', validRange: { min: '10', max: '50', step: '10' } };
  const values = { default: '10', validValues: ['10', '40'] };
  const cases: readonly (readonly [
    string | undefined,
    CapacityRequestPolicy | undefined,
    string | undefined,
  ])[] = [
    [undefined, undefined, '100'],
    ['30', undefined, '30'],
    [undefined, steps, '20'],
    ['1', steps, '10'],
    ['10', steps, '10'],
    ['11', steps, '20'],
    ['50', steps, '50'],
    ['51', steps, undefined],
    ['25', { default: '20', validRange: { min: '10' } }, '25'],
    [undefined, values, '10'],
    ['11', values, '40'],
    ['41', values, undefined],
    ['35', { default: '20' }, '35'],
  ];
  for (const [requested, policy, expected] of cases)
    assert.equal(taken(requested, policy), expected, `${requested} ${JSON.stringify(policy)}`);
  assert.equal(consumptionOf({ name: 'd' }, { bandwidth: '1' }), undefined);
});

const card = (name: string, value: string, more: object = {}) =>
  device(name, undefined, { allowMultipleAllocations: true, capacity: { bandwidth: { value } }, ...more });
const on = (...devices: Parameters<typeof slice>[1]['devices']): Setting => ({
  slices: [slice('n', { nodeName: 'n', devices })],
});

test('a shared device is given while there is room, also twice to one claim', () => {
  const setting = on(card('a', '100'), card('b', '30'));
  assert.equal(given(allocateIn(setting, claim('c', { r: ask('60'), q: ask('40') }))), 'r=a q=a');
  assert.equal(given(allocateIn(setting, claim('c', { r: ask('60'), q: ask('50') }))), 'none');
  assert.equal(
    given(allocateIn(setting, claim('c', { r: ask('80') }), claim('k', { q: ask('30') }))),
    'r=a q=b',
  );
  const used = { ...setting, consumed: { 'n/a': { bandwidth: '90' } } };
  assert.equal(given(allocateIn(used, claim('c', { r: ask('10') }))), 'r=a');
  assert.equal(given(allocateIn(used, claim('c', { r: ask('20') }))), 'r=b');
  // Who does not say how much takes all.
  assert.equal(given(allocateIn(used, claim('c', { r: {} }))), 'r=b');
  assert.equal(given(allocateIn(setting, claim('c', { r: { ...ask('10'), count: 2 } }))), 'r=a r=b');
});

test('the search turns back over shares, too', () => {
  const setting = on(card('a', '100'), card('b', '30'));
  assert.equal(given(allocateIn(setting, claim('c', { r: ask('30'), q: ask('80') }))), 'r=b q=a');
});

test('all shared devices are those that have room', () => {
  const setting = { ...on(card('a', '100'), card('b', '30')), consumed: { 'n/b': { bandwidth: '25' } } };
  const all = { allocationMode: 'All' };
  assert.equal(given(allocateIn(setting, claim('c', { r: { ...all, ...ask('5') } }))), 'r=a r=b');
  assert.equal(given(allocateIn(setting, claim('c', { r: { ...all, ...ask('10') } }))), 'r=a');
});

test('a device that is had alone must be large enough', () => {
  const alone = device('a', undefined, { capacity: { bandwidth: { value: '10' } } });
  assert.equal(given(allocateIn(on(alone), claim('c', { r: ask('10') }))), 'r=a');
  assert.equal(given(allocateIn(on(alone), claim('c', { r: ask('11') }))), 'none');
  assert.equal(given(allocateIn(on(device('a')), claim('c', { r: ask('1') }))), 'none');
  assert.equal(given(allocateIn(on(alone), claim('c', { r: ask('1'), q: ask('1') }))), 'none');
});

test('a shared device draws on its counters once', () => {
  const part = { consumesCounters: [{ counterSet: 's', counters: { n: { value: '1' } } }] };
  const sharedCounters = [{ name: 's', counters: { n: { value: '1' } } }];
  const devices = [card('a', '100', part), device('b', undefined, part)];
  const setting = { slices: [slice('n', { nodeName: 'n', devices, sharedCounters })] };
  assert.equal(given(allocateIn(setting, claim('c', { r: ask('10'), q: ask('10') }))), 'r=a q=a');
  const used = { ...setting, consumed: { 'n/a': { bandwidth: '100' } } };
  assert.equal(given(allocateIn(used, claim('c', { r: {} }))), 'none');
  // Turning back from both shares gives the counter back.
  const b = { selectors: [{ cel: { expression: '!device.allowMultipleAllocations' } }] };
  assert.equal(given(allocateIn(setting, claim('c', { r: {}, q: b }))), 'none');
  assert.equal(given(allocateIn({ ...setting, allocated: ['n/b'] }, claim('c', { r: ask('1') }))), 'none');
});
