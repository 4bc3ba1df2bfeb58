import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { resourceClaims } from './resource-claim.ts';

const kind = judge(resourceClaims);
const EXACTLY: JsonObject = { deviceClassName: 'gpu' };
const of = (devices: JsonObject): JsonObject => ({ spec: { devices } });
const request = (fields: JsonObject): JsonObject => of({ requests: [{ name: 'r', ...fields }] });
const exactly = (fields: JsonObject): JsonObject => request({ exactly: { ...EXACTLY, ...fields } });
const ONE = request({ exactly: EXACTLY });
const constraint = (fields: JsonObject): JsonObject =>
  of({ requests: [{ name: 'r', exactly: EXACTLY }], constraints: [fields] });
const config = (fields: JsonObject): JsonObject =>
  of({ requests: [{ name: 'r', exactly: EXACTLY }], config: [fields] });
const REQUEST = 'spec.devices.requests[0]';
const REFERENCE =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

test('what is defaulted', () => {
  const first = (json: JsonObject) => kind.complete(json).spec.devices.requests[0];
  assert.deepEqual([first(ONE)?.exactly?.allocationMode, first(ONE)?.exactly?.count], ['ExactCount', 1]);
  assert.equal(first(exactly({ allocationMode: 'All' }))?.exactly?.count, undefined);
  const several = request({ firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] });
  assert.equal(first(several)?.firstAvailable?.[0]?.count, 1);
  const tolerant = exactly({ tolerations: [{ key: 'a' }] });
  assert.equal(first(tolerant)?.exactly?.tolerations?.[0]?.operator, 'Equal');
  const claim = kind.complete(ONE);
  assert.equal(resourceClaims.defaults?.(claim), claim, 'nothing to do the second time');
});

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [ONE, []],
  [of({}), []],
  [constraint({ requests: ['r'], matchAttribute: 'acme.io/model' }), []],
  [config({ opaque: { driver: 'acme.io', parameters: {} } }), []],
  [request({}), [`${REQUEST}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`]],
  [
    request({ exactly: EXACTLY, firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] }),
    [
      `${REQUEST}: Invalid value: null: exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`,
    ],
  ],
  [
    of({
      requests: [
        { name: 'r', exactly: EXACTLY },
        { name: 'r', exactly: EXACTLY },
      ],
    }),
    ['spec.devices.requests[1]: Duplicate value: "r"'],
  ],
  [
    of({ requests: Array.from({ length: 33 }, (_, i) => ({ name: `r${i}`, exactly: EXACTLY })) }),
    ['spec.devices.requests: Too many: 33: must have at most 32 items'],
  ],
  [exactly({ deviceClassName: '' }), [`${REQUEST}.exactly.deviceClassName: Required value`]],
  [exactly({ count: -1 }), [`${REQUEST}.exactly.count: Invalid value: -1: must be greater than zero`]],
  [
    exactly({ allocationMode: 'All', count: 2 }),
    [`${REQUEST}.exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`],
  ],
  [
    exactly({ allocationMode: 'Some' }),
    [`${REQUEST}.exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`],
  ],
  [exactly({ selectors: [{}] }), [`${REQUEST}.exactly.selectors[0].cel: Required value`]],
  [
    exactly({ selectors: [{ cel: { expression: 'x'.repeat(10 * 1024 + 1) } }] }),
    [`${REQUEST}.exactly.selectors[0].cel.expression: Too long: may not be more than 10240 bytes`],
  ],
  [
    exactly({ tolerations: [{ operator: 'Exists', value: 'x' }] }),
    [`${REQUEST}.exactly.tolerations[0].value: Invalid value: "x": must be empty for operator \`Exists\``],
  ],
  [
    constraint({ requests: ['r/s/t', 'q'], matchAttribute: 'model' }),
    [
      `spec.devices.constraints[0].requests[0]: Invalid value: "r/s/t": ${REFERENCE}`,
      `spec.devices.constraints[0].requests[1]: Invalid value: "q": ${REFERENCE}`,
      'spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
    ],
  ],
  [
    constraint({}),
    [
      'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
    ],
  ],
  [config({}), ['spec.devices.config[0].opaque: Required value']],
  [config({ opaque: { driver: 'acme.io' } }), ['spec.devices.config[0].opaque.parameters: Required value']],
  [
    config({ opaque: { driver: 'acme.io', parameters: { a: 'x'.repeat(10 * 1024) } } }),
    ['spec.devices.config[0].opaque.parameters: Too long: may not be more than 10240 bytes'],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) {
    assert.deepEqual(kind.refused(json), errors, JSON.stringify(json).slice(0, 300));
  }
});

test('what was asked for stays', () => {
  const [refusal, ...more] = kind.refusedUpdate(exactly({ count: 2 }), ONE);
  assert.match(refusal ?? '', /^spec: Invalid value: .*: field is immutable$/);
  assert.deepEqual(more, []);
});

const DEVICE = { driver: 'acme.io', pool: 'n1', device: 'gpu-0' };
const allocation = { devices: { results: [{ request: 'r', ...DEVICE }] } };
const USER = { resource: 'pods', name: 'p', uid: 'u' };
const status = (fields: JsonObject): JsonObject => ({ ...ONE, status: fields });

const STATUS_REFUSED: readonly (readonly [JsonObject, JsonObject, readonly string[]])[] = [
  [{ allocation, reservedFor: [USER], devices: [DEVICE] }, {}, []],
  [
    { reservedFor: [USER, { resource: '', name: '', uid: 'u' }] },
    {},
    [
      'status.reservedFor[1].resource: Required value',
      'status.reservedFor[1].name: Required value',
      'status.reservedFor[1]: Duplicate value: "u"',
      'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
    ],
  ],
  [
    { allocation: { devices: { results: [{ request: 'q', ...DEVICE, device: '' }] } } },
    {},
    [
      `status.allocation.devices.results[0].request: Invalid value: "q": ${REFERENCE}`,
      'status.allocation.devices.results[0].device: Required value',
    ],
  ],
  [
    { allocation, devices: [{ ...DEVICE, device: 'gpu-1', networkData: { ips: ['10.0.0.1'] } }] },
    {},
    [
      'status.devices[0]: Invalid value: acme.io/n1/gpu-1: must be an allocated device in the claim',
      'status.devices[0].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
    ],
  ],
  [
    { allocation: { ...allocation, nodeSelector: { nodeSelectorTerms: [] } } },
    {},
    [
      'status.allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
  ],
];

test('its status', () => {
  for (const [next, old, errors] of STATUS_REFUSED) {
    assert.deepEqual(kind.refusedStatus(status(next), status(old)), errors, JSON.stringify(next));
  }
  const moved = { devices: { results: [{ request: 'r', ...DEVICE, pool: 'n2' }] } };
  const [refusal] = kind.refusedStatus(status({ allocation: moved }), status({ allocation }));
  assert.match(refusal ?? '', /^status.allocation: Invalid value: .*: field is immutable$/);
  const metadata = { name: 'one', deletionTimestamp: '2026-01-01T00:00:00Z' };
  const joining = { ...status({ allocation, reservedFor: [USER] }), metadata };
  assert.deepEqual(kind.refusedStatus(joining, status({ allocation })), [
    'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
  ]);
});

test('what is said of a device goes with the device', () => {
  const old = kind.complete(status({ allocation, devices: [DEVICE] }));
  const next = kind.complete(status({ devices: [DEVICE] }));
  const context = { nowMs: 0, user: { name: 'a', groups: [] } };
  assert.equal(resourceClaims.prepareForStatusUpdate?.(next, old, context).status.devices, undefined);
  assert.equal(resourceClaims.prepareForStatusUpdate?.(old, old, context), old);
});

test('its row', () => {
  const state = (json: JsonObject): unknown => kind.cells(json)['State'];
  assert.equal(state(ONE), 'pending');
  assert.equal(state(status({ allocation, reservedFor: [USER] })), 'allocated,reserved');
  const metadata = { name: 'one', deletionTimestamp: '2026-01-01T00:00:00Z' };
  assert.equal(state({ ...status({ allocation }), metadata }), 'deleted,allocated');
});
