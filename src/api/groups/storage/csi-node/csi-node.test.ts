import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { csiNodes } from './csi-node.ts';

const kind = judge(csiNodes);
const DRIVER: JsonObject = { name: 'csi.acme.io', nodeID: 'n1', topologyKeys: ['acme.io/zone'] };
const of = (...drivers: JsonObject[]): JsonObject => ({ spec: { drivers } });

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [of(DRIVER, { ...DRIVER, name: 'b' }), []],
  [of(DRIVER, DRIVER), ['spec.drivers[1].name: Duplicate value: "csi.acme.io"']],
  [of({ ...DRIVER, nodeID: '' }), ['spec.drivers[0].nodeID: Required value']],
  [
    of({ ...DRIVER, name: 'a b' }),
    [
      "spec.drivers[0].name: Invalid value: \"a b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    of({ ...DRIVER, allocatable: { count: -1 } }),
    ['spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [of({ ...DRIVER, topologyKeys: ['a', 'a'] }), ['spec.drivers[0]: Duplicate value: "a"']],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
  const long = 'x'.repeat(257);
  assert.deepEqual(kind.refused(of({ ...DRIVER, nodeID: long })), [
    `spec.drivers[0].nodeID: Invalid value: "${long}": must be 256 characters or less`,
  ]);
});

test('a driver that stays changes no more than its count', () => {
  assert.deepEqual(kind.refusedUpdate(of({ ...DRIVER, allocatable: { count: 3 } }), of(DRIVER)), []);
  assert.deepEqual(kind.refusedUpdate(of({ ...DRIVER, name: 'b', nodeID: 'n2' }), of(DRIVER)), []);
  assert.deepEqual(kind.refusedUpdate(of({ ...DRIVER, nodeID: 'n2' }), of(DRIVER)), [
    'spec.drivers: Invalid value: {"name":"csi.acme.io","nodeID":"n2","topologyKeys":["acme.io/zone"]}: field is immutable',
  ]);
  assert.equal(kind.cells(of(DRIVER))['Drivers'], 1);
});
