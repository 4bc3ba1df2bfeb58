import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { Endpoint, EndpointSlice, OwnerReference, Service } from '../../api/types.gen.ts';
import { endpointKey, groupKey, type EndpointGroup } from './endpoints-of.ts';
import { planSlices, SLICE_MAX, type SlicePlan } from './plan.ts';

const SERVICE: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', labels: { team: 'a' } },
  spec: { clusterIP: '10.43.0.9', ipFamilies: ['IPv4'], selector: { app: 'web' } },
  status: { loadBalancer: {} },
};
const OWNER: OwnerReference = { apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'u' };
const PORTS = [{ name: 'http', port: 80, protocol: 'TCP' }];

function endpoint(n: number): Endpoint {
  const targetRef = { kind: 'Pod', namespace: 'default', name: `pod-${n}`, uid: `uid-${n}` };
  return { addresses: [`10.0.${n >> 8}.${n & 255}`], conditions: { ready: true }, targetRef };
}

function groups(numbers: readonly number[], ports = PORTS): ReadonlyMap<string, EndpointGroup> {
  if (numbers.length === 0) return new Map();
  const endpoints = new Map(numbers.map((n) => [endpointKey(endpoint(n)), endpoint(n)]));
  return new Map([[groupKey('IPv4', ports), { addressType: 'IPv4', ports, endpoints }]]);
}

let names = 0;
/** What the server would hold after the plan. */
function applied(stored: readonly EndpointSlice[], plan: SlicePlan): readonly EndpointSlice[] {
  const gone = new Set(plan.delete.map(({ metadata }) => metadata.name));
  const updated = new Map(plan.update.map((slice) => [slice.metadata.name, slice]));
  const kept = stored.filter(({ metadata }) => !gone.has(metadata.name));
  return [
    ...kept.map((slice) => updated.get(slice.metadata.name) ?? slice),
    ...plan.create.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: `web-${names++}` } })),
  ];
}

const plan = (stored: readonly EndpointSlice[], numbers: readonly number[], ports = PORTS): SlicePlan =>
  planSlices(SERVICE, OWNER, groups(numbers, ports), stored);
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);
const count = ({ create, update, delete: gone }: SlicePlan) => [create.length, update.length, gone.length];

test('a Service without endpoints has one empty slice, which becomes the first full one', () => {
  const first = plan([], []);
  assert.deepEqual(count(first), [1, 0, 0]);
  assert.deepEqual(first.create[0]?.ports, []);
  const stored = applied([], first);
  assert.deepEqual(count(plan(stored, [])), [0, 0, 0]);
  const filled = plan(stored, [1]);
  assert.deepEqual(count(filled), [0, 1, 0]);
  assert.deepEqual(filled.update[0]?.ports, PORTS);
});

test('labels: those of the Service, and who the slice belongs to', () => {
  assert.deepEqual(plan([], [1]).create[0]?.metadata.labels, {
    team: 'a',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
});

test('an unchanged slice is not written; one change is one write', () => {
  const stored = applied([], plan([], range(0, 250)));
  assert.deepEqual(stored.map(({ endpoints }) => endpoints.length).toSorted(), [100, 100, 50]);
  assert.deepEqual(count(plan(stored, range(0, 250))), [0, 0, 0]);
  assert.deepEqual(count(plan(stored, range(0, 251))), [0, 1, 0]);
  assert.deepEqual(count(plan(stored, range(1, 251))), [0, 1, 0]);
});

test('a change of the ports rewrites the slices instead of replacing them', () => {
  const stored = applied([], plan([], range(0, 150)));
  const changed = plan(stored, range(0, 150), [{ name: 'http', port: 81, protocol: 'TCP' }]);
  assert.deepEqual(count(changed), [0, 2, 0]);
});

test('under any sequence of changes every endpoint is in one slice, and no slice is too full', () => {
  const step = fc.uniqueArray(fc.nat(260), { maxLength: 260 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      let stored: readonly EndpointSlice[] = [];
      for (const numbers of steps) {
        stored = applied(stored, plan(stored, numbers));
        const present = stored.flatMap(({ endpoints }) => endpoints.map(endpointKey)).toSorted();
        assert.deepEqual(present, numbers.map((n) => endpointKey(endpoint(n))).toSorted());
        assert.ok(stored.every(({ endpoints }) => endpoints.length <= SLICE_MAX));
        assert.ok(stored.length >= 1);
        assert.deepEqual(count(plan(stored, numbers)), [0, 0, 0]);
      }
    }),
    games(60),
  );
});
