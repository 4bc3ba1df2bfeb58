import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/types.gen.ts';
import { Disruption, zoneState } from './disruption.ts';

function node(name: string, ready: boolean, zone = 'z'): Node {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }];
  const labels = { 'topology.kubernetes.io/zone': zone };
  return { metadata: { name, labels }, spec: {}, status: { conditions } } as unknown as Node;
}

const zone = (ready: number, lost: number): readonly Node[] => [
  ...Array.from({ length: ready }, (_, i) => node(`ready-${i}`, true)),
  ...Array.from({ length: lost }, (_, i) => node(`lost-${i}`, false)),
];

test('the state of a zone', () => {
  assert.equal(zoneState(zone(3, 0)), 'Normal');
  assert.equal(zoneState(zone(0, 1)), 'FullDisruption');
  assert.equal(zoneState(zone(1, 2)), 'Normal');
  assert.equal(zoneState(zone(2, 3)), 'PartialDisruption');
  assert.equal(zoneState(zone(3, 3)), 'Normal');
});

test('a node every ten seconds; none in a small zone that is mostly lost', () => {
  const disruption = new Disruption();
  const nodes = zone(5, 2);
  disruption.update(nodes);
  for (const lost of nodes.slice(5)) disruption.wait(lost);
  assert.deepEqual(disruption.take(0), ['lost-0']);
  assert.deepEqual(disruption.take(9_999), []);
  assert.deepEqual(disruption.take(10_000), ['lost-1']);
  disruption.wait(node('lost-0', false));
  disruption.update(zone(1, 4));
  assert.deepEqual(disruption.take(60_000), []);
});

test('says when everything is lost and when something comes back', () => {
  const disruption = new Disruption();
  assert.equal(disruption.update([node('a', true, 'x'), node('b', false, 'y')]), 'none');
  assert.equal(disruption.update([node('a', false, 'x'), node('b', false, 'y')]), 'everything-lost');
  assert.equal(disruption.everythingLost, true);
  assert.equal(disruption.update([node('a', true, 'x'), node('b', false, 'y')]), 'some-came-back');
});
