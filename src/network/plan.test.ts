import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../api/types.gen.ts';
import { changePeers, observeNodes, setUpDevice, tunnelHardwareAddress } from './plan.ts';

const DEVICE = { device: 'k8ts.vx', vni: 42, port: 8472 };

function node(name: string, podCIDR: string, address: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: podCIDR === '' ? {} : { podCIDR },
    status: { addresses: [{ type: 'InternalIP', address }] },
  } as unknown as Node;
}

test('peers are the other nodes that have a slice and an address', () => {
  const nodes = [
    node('b', '10.42.1.0/24', '192.0.2.2'),
    node('a', '10.42.0.0/24', '192.0.2.1'),
    node('c', '', '192.0.2.3'),
  ];
  assert.deepEqual(observeNodes(nodes, 'a'), {
    self: { podCidr: '10.42.0.0/24', nodeAddress: '192.0.2.1' },
    peers: [{ podCidr: '10.42.1.0/24', nodeAddress: '192.0.2.2' }],
  });
});

test('hardware addresses follow from the slice', () => {
  assert.equal(tunnelHardwareAddress('10.42.1.0/24'), '0a:58:0a:2a:01:00');
});

test('only differences are applied, and a peer that moved keeps its route', () => {
  const peer = { podCidr: '10.42.1.0/24', nodeAddress: '192.0.2.2' };
  assert.deepEqual(changePeers(DEVICE, [peer], [peer]), { ip: [], bridge: [] });
  const added = changePeers(DEVICE, [], [peer]);
  assert.deepEqual(added.ip, [
    'neighbour replace 10.42.1.0 lladdr 0a:58:0a:2a:01:00 dev k8ts.vx nud permanent',
    'route replace 10.42.1.0/24 via 10.42.1.0 dev k8ts.vx onlink',
  ]);
  const moved = changePeers(DEVICE, [peer], [{ ...peer, nodeAddress: '192.0.2.9' }]);
  assert.ok(moved.ip.every((line) => !line.startsWith('route delete')));
  assert.deepEqual(moved.bridge, [
    'fdb delete 0a:58:0a:2a:01:00 dev k8ts.vx dst 192.0.2.2',
    'fdb replace 0a:58:0a:2a:01:00 dev k8ts.vx dst 192.0.2.9',
  ]);
  const gone = changePeers(DEVICE, [peer], []);
  assert.deepEqual(gone.ip, [
    'route delete 10.42.1.0/24 dev k8ts.vx',
    'neighbour delete 10.42.1.0 dev k8ts.vx',
  ]);
});

test('the device carries the tunnel address of its slice', () => {
  const { ip } = setUpDevice(DEVICE, { podCidr: '10.42.0.0/24', nodeAddress: '192.0.2.1' });
  assert.ok(ip.includes('address replace 10.42.0.0/32 dev k8ts.vx'));
});
