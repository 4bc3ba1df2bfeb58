import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIService, EndpointSlice, Service } from '../../api/types.gen.ts';
import { judgeService, PASSED, statusWith } from './plan.ts';

const PLACE = { namespace: 'ns', name: 'ext', port: 443 };
const service = (spec: object): Service => ({ metadata: {}, spec, status: {} }) as unknown as Service;
const PORTS = [{ name: 'https', port: 443 }];
const slice = (ready: boolean, name: string): EndpointSlice =>
  ({
    metadata: {},
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
    ports: [{ name, port: 8443 }],
  }) as unknown as EndpointSlice;

type Row = readonly [Service | undefined, readonly EndpointSlice[], string | undefined];
const TABLE: readonly Row[] = [
  [undefined, [], 'ServiceNotFound: service/ext in "ns" is not present'],
  [
    service({ ports: [{ port: 80 }] }),
    [],
    'ServicePortError: service/ext in "ns" is not listening on port 443',
  ],
  [service({ ports: PORTS }), [], 'EndpointsNotFound: cannot find endpointslices for service/ext in "ns"'],
  ...[slice(false, 'https'), slice(true, 'http')].map((one): Row => [
    service({ ports: PORTS }),
    [one],
    'MissingEndpoints: endpointslices for service/ext in "ns" have no addresses with port name "https"',
  ]),
  [service({ ports: PORTS }), [slice(false, 'https'), slice(true, 'https')], undefined],
  [service({ type: 'ExternalName', externalName: 'example.com' }), [], undefined],
];

test('what objects say about availability', () => {
  for (const [object, slices, wanted] of TABLE) {
    const judged = judgeService(PLACE, object, slices);
    assert.equal(judged === undefined ? undefined : `${judged.reason}: ${judged.message}`, wanted);
  }
});

test('a condition changes its time only with its status, and nothing is written for nothing', () => {
  const of = (status: APIService['status']): APIService =>
    ({ metadata: {}, spec: {}, status }) as unknown as APIService;
  const first = statusWith(of({}), PASSED, 0);
  assert.deepEqual(first?.conditions, [
    { type: 'Available', ...PASSED, lastTransitionTime: '1970-01-01T00:00:00Z' },
  ]);
  assert.equal(statusWith(of(first), PASSED, 60_000), undefined);
  const other = statusWith(of(first), { ...PASSED, reason: 'Local' }, 60_000);
  assert.equal(other?.conditions?.[0]?.lastTransitionTime, '1970-01-01T00:00:00Z');
  const lost = statusWith(of(first), { status: 'False', reason: 'MissingEndpoints', message: '' }, 60_000);
  assert.equal(lost?.conditions?.[0]?.lastTransitionTime, '1970-01-01T00:01:00Z');
});
