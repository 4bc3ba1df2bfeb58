import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, ResourceSlice } from '../../api/types.gen.ts';
import { allocationResult } from './allocation-result.ts';
import {
  allocateIn,
  claim,
  device,
  deviceClass,
  DRIVER,
  given,
  node,
  ofKind,
  slice,
  type Setting,
} from './devices.fixture.ts';

const on = (...devices: readonly Device[]): Setting => ({
  slices: [slice('n', { nodeName: 'n', devices })],
});
const HERE = { nodeName: 'n', newShareId: () => 'share' };
const PAIR = on(device('a', 'x'), device('b', 'y'));

test('devices in order, none twice', () => {
  assert.equal(given(allocateIn(PAIR, claim('c', { r: {} }))), 'r=a');
  assert.equal(given(allocateIn(PAIR, claim('c', { r: { count: 2 } }))), 'r=a r=b');
  assert.equal(given(allocateIn(PAIR, claim('c', { r: {} }), claim('k', { q: {} }))), 'r=a q=b');
  assert.equal(given(allocateIn(PAIR, claim('c', { r: { count: 3 } }))), 'none');
  assert.equal(given(allocateIn({ ...PAIR, allocated: ['n/a'] }, claim('c', { r: {} }))), 'r=b');
  assert.equal(given(allocateIn({ ...PAIR, on: node('other') }, claim('c', { r: {} }))), 'none');
});

test('the search turns back', () => {
  const wanted = claim('c', { any: {}, x: { selectors: [ofKind('x')] } });
  assert.equal(given(allocateIn(PAIR, wanted)), 'any=b x=a');
});

test('classes and their selectors', () => {
  const classes = [deviceClass('y', ofKind('y').cel.expression)];
  assert.equal(given(allocateIn({ ...PAIR, classes }, claim('c', { r: { deviceClassName: 'y' } }))), 'r=b');
  assert.equal(
    given(allocateIn(PAIR, claim('c', { r: { deviceClassName: 'gone' } }))),
    'request r: device class gone does not exist',
  );
  assert.equal(
    given(allocateIn(on(device('a')), claim('c', { r: { selectors: [ofKind('x')] } }))),
    `claim default/c: selector #0 on device ${DRIVER}/n/a: CEL runtime error: no such key: kind`,
  );
});

test('all devices, or none', () => {
  const all = { allocationMode: 'All' };
  assert.equal(given(allocateIn(PAIR, claim('c', { r: all }))), 'r=a r=b');
  assert.equal(given(allocateIn(PAIR, claim('c', { r: { ...all, selectors: [ofKind('y')] } }))), 'r=b');
  assert.equal(given(allocateIn({ ...PAIR, allocated: ['n/b'] }, claim('c', { r: all }))), 'none');
  assert.equal(given(allocateIn(PAIR, claim('c', { r: { ...all, selectors: [ofKind('z')] } }))), 'none');
  const half = { slices: [slice('n', { nodeName: 'n', count: 2, devices: [device('a')] })] };
  assert.equal(
    given(allocateIn(half, claim('c', { r: all }))),
    `claim default/c, request r: asks for all devices, but resource pool ${DRIVER}/n is currently being updated`,
  );
});

test('the first of several wishes that can be had', () => {
  const wish = (count: number) =>
    claim('c', {
      r: {
        firstAvailable: [
          { name: 'many', count },
          { name: 'one', selectors: [ofKind('y')] },
        ],
      },
    });
  assert.equal(given(allocateIn(PAIR, wish(2))), 'r/many=a r/many=b');
  assert.equal(given(allocateIn(PAIR, wish(3))), 'r/one=b');
});

test('constraints', () => {
  const four = on(device('a', 'x'), device('b', 'y'), device('c', 'y'), device('d'));
  const both = { r: {}, q: {} };
  const same = { constraints: [{ matchAttribute: `${DRIVER}/kind` }] };
  const different = { constraints: [{ distinctAttribute: `${DRIVER}/kind` }] };
  assert.equal(given(allocateIn(four, claim('c', both, same))), 'r=b q=c');
  assert.equal(given(allocateIn(four, claim('c', both, different))), 'r=a q=b');
  assert.equal(given(allocateIn(four, claim('c', { r: { count: 3 } }, same))), 'none');
  const onlyR = { constraints: [{ requests: ['r'], matchAttribute: `${DRIVER}/kind` }] };
  assert.equal(
    given(allocateIn(four, claim('c', { r: { count: 2 }, q: { count: 2 } }, onlyR))),
    'r=b r=c q=a q=d',
  );
});

test('pools: the newest generation, in full, and without doubles', () => {
  const part = (name: string, input: Partial<Parameters<typeof slice>[1]>): ResourceSlice =>
    slice(name, { nodeName: 'n', pool: 'p', devices: [device(name)], ...input });
  const cases: readonly (readonly [readonly ResourceSlice[], string])[] = [
    [[part('a', { generation: 1 }), part('b', { generation: 2 })], 'r=b'],
    [[part('a', { count: 2 })], 'none'],
    [[part('a', { count: 2 }), part('b', { count: 2 })], 'r=a'],
    [[part('a', { devices: [device('x'), device('x')] })], 'none'],
    [[part('a', { count: 2 }), slice('z', { nodeName: 'n', devices: [device('z')] })], 'r=z'],
  ];
  for (const [slices, expected] of cases)
    assert.equal(given(allocateIn({ slices }, claim('c', { r: {} }))), expected);
});

test('where devices are', () => {
  const selector = (zone: string) => ({
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In' as const, values: [zone] }] }],
  });
  const here = node('n', { zone: '1' });
  const devices = [device('a')];
  const cases: readonly (readonly [Parameters<typeof slice>[1], string, object | undefined])[] = [
    [{ allNodes: true, devices }, 'r=a', undefined],
    [{ nodeSelector: selector('1'), devices }, 'r=a', selector('1')],
    [{ nodeSelector: selector('2'), devices }, 'none', undefined],
    [
      {
        perDeviceNodeSelection: true,
        devices: [
          device('x', undefined, { nodeName: 'other' }),
          device('y', undefined, { nodeSelector: selector('1') }),
        ],
      },
      'r=y',
      selector('1'),
    ],
    [
      { nodeName: 'n', devices },
      'r=a',
      { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }] },
    ],
  ];
  for (const [input, expected, nodeSelector] of cases) {
    const wanted = claim('c', { r: {} });
    const outcome = allocateIn({ slices: [slice('s', input)], on: here }, wanted);
    assert.equal(given(outcome), expected);
    if (outcome.outcome !== 'found') continue;
    assert.deepEqual(allocationResult(wanted, outcome.given[0] ?? [], HERE).nodeSelector, nodeSelector);
  }
});

test('taints of devices', () => {
  const tainted = (effect: 'None' | 'NoSchedule' | 'NoExecute') =>
    on(device('a', undefined, { taints: [{ key: 'k', value: 'v', effect }] }));
  const wanted = (...tolerations: readonly object[]) => claim('c', { r: { tolerations } });
  assert.equal(given(allocateIn(tainted('NoSchedule'), wanted())), 'none');
  assert.equal(given(allocateIn(tainted('NoExecute'), wanted())), 'none');
  assert.equal(given(allocateIn(tainted('None'), wanted())), 'r=a');
  assert.equal(given(allocateIn(tainted('NoSchedule'), wanted({ key: 'k', value: 'v' }))), 'r=a');
  assert.equal(given(allocateIn(tainted('NoSchedule'), wanted({ key: 'k', value: 'w' }))), 'none');
  assert.equal(given(allocateIn(tainted('NoSchedule'), wanted({ operator: 'Exists' }))), 'r=a');
  assert.equal(
    given(allocateIn(tainted('NoSchedule'), wanted({ operator: 'Exists', effect: 'NoExecute' }))),
    'none',
  );
});

test('who only looks after a device shares it', () => {
  const admin = { adminAccess: true };
  const taken = { ...PAIR, allocated: ['n/a', 'n/b'] };
  assert.equal(given(allocateIn(taken, claim('c', { r: admin }))), 'r=a');
  assert.equal(given(allocateIn(taken, claim('c', { r: { ...admin, count: 3 } }))), 'none');
  assert.equal(given(allocateIn(taken, claim('c', { r: admin }), claim('k', { q: admin }))), 'r=a q=a');
});

test('devices that share counters', () => {
  const part = (name: string, memory: string) =>
    device(name, undefined, {
      consumesCounters: [{ counterSet: 'chip', counters: { memory: { value: memory } } }],
    });
  const chip = {
    slices: [
      slice('n', {
        nodeName: 'n',
        sharedCounters: [{ name: 'chip', counters: { memory: { value: '4Gi' } } }],
        devices: [part('whole', '4Gi'), part('half-1', '2Gi'), part('half-2', '2Gi')],
      }),
    ],
  };
  assert.equal(given(allocateIn(chip, claim('c', { r: {} }))), 'r=whole');
  assert.equal(given(allocateIn(chip, claim('c', { r: { count: 2 } }))), 'r=half-1 r=half-2');
  assert.equal(given(allocateIn({ ...chip, allocated: ['n/half-2'] }, claim('c', { r: {} }))), 'r=half-1');
  assert.equal(given(allocateIn({ ...chip, allocated: ['n/whole'] }, claim('c', { r: {} }))), 'none');
});

test('a search without end is given up', () => {
  const many = on(...Array.from({ length: 30 }, (_, i) => device(`d${i}`, `${i}`)));
  const same = { constraints: [{ matchAttribute: `${DRIVER}/kind` }] };
  const requests = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`r${i}`, { count: 2 }]));
  const hopeless = claim('c', { ...requests, last: { selectors: [ofKind('none')] } });
  assert.equal(given(allocateIn(many, hopeless)), 'too many combinations of devices to try them all');
  assert.equal(given(allocateIn(many, claim('c', { r: { count: 2 } }, same))), 'none');
});

test('configuration of class and claim', () => {
  const opaque = (n: number) => ({ opaque: { driver: DRIVER, parameters: { n } } });
  const classes = [{ ...deviceClass('big'), spec: { config: [opaque(1)] } }];
  const wanted = claim(
    'c',
    { r: { deviceClassName: 'big' }, q: {} },
    { config: [{ requests: ['q'], ...opaque(2) }, { ...opaque(3) }, { requests: ['r', 'q'], ...opaque(4) }] },
  );
  const outcome = allocateIn({ ...PAIR, classes }, wanted);
  assert.ok(outcome.outcome === 'found');
  const { devices } = allocationResult(wanted, outcome.given[0] ?? [], HERE);
  assert.deepEqual(devices.config, [
    { source: 'FromClass', requests: ['r'], ...opaque(1) },
    { source: 'FromClaim', requests: ['q'], ...opaque(2) },
    { source: 'FromClaim', ...opaque(3) },
    { source: 'FromClaim', ...opaque(4) },
  ]);
  assert.deepEqual(devices.results?.[0], { request: 'r', driver: DRIVER, pool: 'n', device: 'a' });
});
