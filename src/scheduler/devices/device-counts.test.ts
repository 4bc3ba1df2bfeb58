import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceSelection } from '../../api/groups/resource/device-selection.ts';
import type { Pod } from '../../api/types.gen.ts';
import { countDevices, signDevices } from './device-counts.ts';
import { device, deviceClass, DRIVER, node, slice } from './devices.fixture.ts';
import { PoolIndex } from './pools.ts';

test('devices of a class that a node can reach, and those that somebody has', () => {
  const pools = new PoolIndex([
    slice('own', { nodeName: 'a', devices: [device('d1', 'gpu'), device('d2', 'gpu'), device('d3', 'nic')] }),
    slice('of-b', { nodeName: 'b', devices: [device('d4', 'gpu')] }),
    slice('wide', { allNodes: true, devices: [device('d5', 'gpu'), device('d6', 'nic')] }),
    slice('before', { pool: 'again', nodeName: 'a', devices: [device('d7', 'gpu')] }),
    slice('after', { pool: 'again', generation: 2, nodeName: 'a', devices: [device('d7', 'gpu')] }),
  ]);
  const selection = new DeviceSelection();
  const taken = [`${DRIVER}/own/d1`, `${DRIVER}/wide/d5`, `${DRIVER}/wide/d6`, `${DRIVER}/of-b/d4`];
  const count = (name: string, expression?: string) =>
    countDevices(pools.of(node(name)).devices, deviceClass('c', expression), selection, (id) =>
      taken.includes(id),
    );
  const gpus = `device.attributes["${DRIVER}"].kind == "gpu"`;
  assert.deepEqual(count('a', gpus), { capacity: 4, used: 2 });
  assert.deepEqual(count('b', gpus), { capacity: 2, used: 2 });
  assert.deepEqual(count('a'), { capacity: 6, used: 3 });
  assert.deepEqual(count('a', 'false'), { capacity: 0, used: 0 });
  assert.equal(count('a', 'device.attributes["none.example.com"].kind == "gpu"'), undefined);
});

test('pods for which devices are scored have nothing in common with those before a change', () => {
  const view = (version: number) => ({
    hasClass: (name: string) => name === 'example.com/gpu',
    countOn: () => undefined,
    version,
  });
  const asking = (requests: object): Pod =>
    ({ spec: { containers: [{ name: 'c', resources: { requests } }] } }) as unknown as Pod;
  const both = { cpu: '1', 'example.com/gpu': '1', 'example.com/own': '1' };
  const sign = (requests: object, scored: readonly string[], version: number) =>
    signDevices(asking(requests), scored, view(version));
  assert.notEqual(sign(both, ['example.com/gpu'], 1), sign(both, ['example.com/gpu'], 2));
  assert.equal(sign(both, ['cpu', 'example.com/own'], 1), sign(both, ['cpu', 'example.com/own'], 2));
  assert.equal(sign({ cpu: '1' }, ['example.com/gpu'], 1), sign({ cpu: '1' }, ['example.com/gpu'], 2));
});
