import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { endpointSlices } from './endpoint-slice.ts';

const kind = judge(endpointSlices);
const slice = (addressType: string, ...addresses: string[]): JsonObject => ({
  addressType,
  endpoints: [{ addresses }],
});
const endpoint = (more: JsonObject): JsonObject => ({
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'], ...more }],
});
const ports = (...list: JsonObject[]): JsonObject => ({ addressType: 'IPv4', endpoints: [], ports: list });
const named = (count: number): JsonObject[] => Array.from({ length: count }, (_, i) => ({ name: `n${i}` }));
const ADDRESS = 'endpoints[0].addresses[0]: Invalid value:';
const SEGMENTS = 'should be a domain with at least two segments separated by dots';

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [slice('IPv4', '10.0.0.1'), []],
  [slice('IPv6', 'fd00::1'), []],
  [slice('FQDN', 'web.acme.io.'), []],
  [slice('', '10.0.0.1'), ['addressType: Required value']],
  [
    slice('IP', '10.0.0.1'),
    ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"'],
  ],
  [slice('IPv4'), ['endpoints[0].addresses: Required value: must contain at least 1 address']],
  [slice('IPv4', 'fd00::1'), [`${ADDRESS} "fd00::1": must be a valid IPv4 address`]],
  [
    slice('IPv6', '127.0.0.1'),
    [
      `${ADDRESS} "127.0.0.1": must be a valid IPv6 address`,
      `${ADDRESS} "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)`,
    ],
  ],
  [slice('FQDN', ''), ['endpoints[0].addresses[0]: Required value']],
  [slice('FQDN', 'web'), [`${ADDRESS} "web": ${SEGMENTS}`]],
  [
    endpoint({ hints: { forZones: named(9), forNodes: named(9) } }),
    [
      'endpoints[0].hints.forZones: Too many: 9: must have at most 8 items',
      'endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items',
    ],
  ],
  [
    endpoint({
      hints: { forZones: [{ name: 'a' }, { name: 'a' }], forNodes: [{ name: 'b' }, { name: 'b' }] },
    }),
    [
      'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
      'endpoints[0].hints.forNodes[1].name: Duplicate value: "b"',
    ],
  ],
  [ports({ port: 80 }, { port: 81 }), ['ports[1].name: Duplicate value: ""']],
  [
    ports({ name: 'x', protocol: 'ICMP' }),
    ['ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) {
    assert.deepEqual(kind.refused(json), errors, JSON.stringify(json).slice(0, 200));
  }
  assert.deepEqual(kind.refusedUpdate(slice('IPv6', 'fd00::1'), slice('IPv4', '10.0.0.1')), [
    'addressType: Invalid value: "IPv6": field is immutable',
  ]);
});

test('the topology of old goes, a change of labels counts', () => {
  const old = kind.complete({ metadata: { name: 'one', generation: 3 }, ...slice('IPv4', '10.0.0.1') });
  const context = { nowMs: 0, user: { name: 'me', groups: [] } };
  const bare = kind.complete(endpoint({}));
  const given = kind.complete(endpoint({ deprecatedTopology: { zone: 'a' } }));
  assert.deepEqual(endpointSlices.prepareForCreate?.(given, context), bare);
  const labelled = { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } };
  assert.equal(endpointSlices.prepareForUpdate?.(labelled, old, context).metadata.generation, 4);
  assert.equal(endpointSlices.prepareForUpdate?.(old, old, context).metadata.generation, 3);
});

test('what is warned of', () => {
  const warnings = (json: JsonObject): readonly string[] =>
    endpointSlices.warnings?.(kind.complete(json), undefined) ?? [];
  assert.deepEqual(warnings(slice('FQDN', 'acme.io')), ['spec.addressType: FQDN endpoints are deprecated']);
  const sloppy = slice('IPv6', 'FD00:0::1');
  assert.deepEqual(warnings(sloppy), [
    'endpoints[0].addresses[0]: IPv6 address "FD00:0::1" should be in RFC 5952 canonical format ("fd00::1")',
  ]);
  const labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
  assert.deepEqual(warnings({ metadata: { name: 'one', labels }, ...sloppy }), []);
});
