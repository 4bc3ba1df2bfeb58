import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, EndpointSlice, EndpointSubset } from '../../api/types.gen.ts';
import { isMirrored, planMirror, SUBSET_MAX } from './plan.ts';

const OWNER = { apiVersion: 'v1', kind: 'Endpoints', name: 'db', uid: 'u1', controller: true };

function endpointsOf(subsets: readonly EndpointSubset[], metadata: Endpoints['metadata'] = {}): Endpoints {
  const own = { name: 'db', namespace: 'default', ...metadata };
  return { apiVersion: 'v1', kind: 'Endpoints', metadata: own, subsets };
}

const stored = (slices: readonly EndpointSlice[]): EndpointSlice[] =>
  slices.map((slice, i) => ({ ...slice, metadata: { ...slice.metadata, name: `db-${i}` } }));

const addresses = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ ip: `10.1.${Math.floor(i / 250)}.${(i % 250) + 1}` }));

test('a slice for each family and set of ports; labels and annotations travel along', () => {
  const source = endpointsOf(
    [
      {
        addresses: [{ ip: '10.0.0.1', hostname: 'a', nodeName: 'n1' }, { ip: 'fd00::1' }],
        notReadyAddresses: [{ ip: '10.0.0.2' }],
        ports: [{ name: 'sql', port: 5432, appProtocol: 'x/sql' }],
      },
      { addresses: [{ ip: '10.0.0.3' }], ports: [{ name: 'web', port: 80 }] },
    ],
    {
      labels: { team: 'data' },
      annotations: {
        note: 'kept',
        'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    },
  );
  const plan = planMirror(source, OWNER, []);
  assert.deepEqual(
    plan.create.map((slice) => [
      slice.addressType,
      slice.ports,
      slice.endpoints.map(({ addresses: [address], conditions }) => `${address} ${conditions.ready}`),
    ]),
    [
      [
        'IPv4',
        [{ name: 'sql', port: 5432, protocol: 'TCP', appProtocol: 'x/sql' }],
        ['10.0.0.1 true', '10.0.0.2 false'],
      ],
      ['IPv6', [{ name: 'sql', port: 5432, protocol: 'TCP', appProtocol: 'x/sql' }], ['fd00::1 true']],
      ['IPv4', [{ name: 'web', port: 80, protocol: 'TCP' }], ['10.0.0.3 true']],
    ],
  );
  const [first] = plan.create;
  assert.deepEqual(first?.metadata, {
    namespace: 'default',
    generateName: 'db-',
    ownerReferences: [OWNER],
    labels: {
      team: 'data',
      'kubernetes.io/service-name': 'db',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    },
    annotations: { note: 'kept' },
  });
  assert.deepEqual(first?.endpoints[0], {
    addresses: ['10.0.0.1'],
    conditions: { ready: true },
    hostname: 'a',
    nodeName: 'n1',
  });
  assert.deepEqual(planMirror(source, OWNER, stored(plan.create)), {
    create: [],
    update: [],
    delete: [],
    problems: [],
  });
});

test('a slice that would go is reused for other ports of its family', () => {
  const before = endpointsOf([
    { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] },
    { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 81 }] },
    { addresses: [{ ip: 'fd00::1' }], ports: [{ port: 82 }] },
  ]);
  const after = endpointsOf([{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 90 }] }]);
  const plan = planMirror(after, OWNER, stored(planMirror(before, OWNER, []).create));
  assert.deepEqual(plan.create, []);
  assert.deepEqual(
    plan.update.map(({ metadata, ports }) => [metadata.name, ports?.[0]?.port]),
    [['db-0', 90]],
  );
  assert.deepEqual(
    plan.delete.map(({ metadata }) => metadata.name),
    ['db-1', 'db-2'],
  );
});

test('what does not fit or is no address is said', () => {
  const many = planMirror(endpointsOf([{ addresses: addresses(SUBSET_MAX + 5) }]), OWNER, []);
  assert.equal(many.create[0]?.endpoints.length, SUBSET_MAX);
  assert.deepEqual(
    many.problems.map(({ reason, message }) => `${reason}: ${message}`),
    [
      'TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 5 addresses were skipped',
    ],
  );
  const bad = planMirror(endpointsOf([{ addresses: [{ ip: 'nonsense' }, { ip: '10.0.0.1' }] }]), OWNER, []);
  assert.deepEqual(
    bad.problems.map(({ message }) => message),
    ['Skipped 1 invalid IP addresses when mirroring to EndpointSlices'],
  );
  assert.equal(bad.create[0]?.endpoints.length, 1);
});

test('locks and what asks to be left alone are not mirrored', () => {
  const skip = 'endpointslice.kubernetes.io/skip-mirror';
  assert.equal(isMirrored(endpointsOf([])), true);
  assert.equal(isMirrored(endpointsOf([], { labels: { [skip]: 'false' } })), true);
  assert.equal(isMirrored(endpointsOf([], { labels: { [skip]: 'true' } })), false);
  const lock = { 'control-plane.alpha.kubernetes.io/leader': '{}' };
  assert.equal(isMirrored(endpointsOf([], { annotations: lock })), false);
});

test('slices of earlier Endpoints of the same name get the present ones as their owner', () => {
  const source = endpointsOf([{ addresses: [{ ip: '10.0.0.1' }] }]);
  const present = { ...OWNER, uid: 'u2' };
  const plan = planMirror(source, present, stored(planMirror(source, OWNER, []).create));
  assert.deepEqual(
    plan.update.map(({ metadata }) => metadata.ownerReferences),
    [[present]],
  );
  assert.deepEqual([plan.create, plan.delete], [[], []]);
});
