import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { resourceSlices } from './resource-slice.ts';

const kind = judge(resourceSlices);
const SPEC: JsonObject = {
  driver: 'acme.io',
  pool: { name: 'n1', generation: 1, resourceSliceCount: 1 },
  nodeName: 'n1',
};
const of = (fields: JsonObject): JsonObject => ({ spec: { ...SPEC, ...fields } });
const device = (fields: JsonObject, spec: JsonObject = {}): JsonObject =>
  of({ devices: [{ name: 'gpu', ...fields }], ...spec });
const attribute = (fields: JsonObject): JsonObject => device({ attributes: { model: fields } });
const policy = (requestPolicy: JsonObject): JsonObject =>
  device({ allowMultipleAllocations: true, capacity: { memory: { value: '10Gi', requestPolicy } } });
const DEVICE = 'spec.devices[0]';
const POLICY = `${DEVICE}.capacity[memory].requestPolicy`;
const PLACE = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
const DEVICE_PLACE =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
const PER_DEVICE: JsonObject = { nodeName: null, perDeviceNodeSelection: true };

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [of({}), []],
  [device({ attributes: { model: { string: 'x' }, 'acme.io/version': { version: '1.0.0-rc.1+b' } } }), []],
  [device({ allNodes: true }, PER_DEVICE), []],
  [policy({ default: '1Gi', validRange: { min: '1Gi', max: '9Gi', step: '2Gi' } }), []],
  [policy({ default: '1Gi', validValues: ['1Gi', '2Gi'] }), []],
  [of({ nodeName: null }), [`spec: Required value: ${PLACE}`]],
  [
    of({ allNodes: true }),
    [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${PLACE}, but multiple fields are set`],
  ],
  [
    of({ perDeviceNodeSelection: false }),
    ['spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true'],
  ],
  [
    of({ pool: { name: 'a//b', generation: -1, resourceSliceCount: 0 } }),
    [
      "spec.pool.name: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
    ],
  ],
  [
    device({}, { sharedCounters: [{ name: 'c', counters: { x: { value: '1' } } }] }),
    ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed'],
  ],
  [of({ sharedCounters: [{ name: 'c' }] }), ['spec.sharedCounters[0].counters: Required value']],
  [of({ devices: [{ name: 'a' }, { name: 'a' }] }), ['spec.devices[1]: Duplicate value: "a"']],
  [
    device({ nodeName: 'n1' }),
    [
      `${DEVICE}: Invalid value: null: \`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if \`perDeviceNodeSelection\` is set to true in the ResourceSlice spec`,
    ],
  ],
  [device({}, PER_DEVICE), [`${DEVICE}: Required value: ${DEVICE_PLACE}`]],
  [
    device({ nodeName: 'n1', allNodes: true }, PER_DEVICE),
    [`${DEVICE}: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${DEVICE_PLACE}`],
  ],
  [attribute({}), [`${DEVICE}.attributes[model]: Invalid value: "": exactly one value must be specified`]],
  [
    attribute({ int: 1, bool: true }),
    [
      `${DEVICE}.attributes[model]: Invalid value: {"int":1,"bool":true}: exactly one value must be specified`,
    ],
  ],
  [
    attribute({ version: '1.0' }),
    [
      `${DEVICE}.attributes[model].version: Invalid value: "1.0": must be a string compatible with semver.org spec 2.0.0`,
    ],
  ],
  [
    attribute({ string: 'x'.repeat(65) }),
    [`${DEVICE}.attributes[model].string: Too long: may not be more than 64 bytes`],
  ],
  [
    device({ attributes: { 'a/b/c': { int: 1 }, '/x': { int: 1 }, 'acme.io/': { int: 1 } } }),
    [
      `${DEVICE}.attributes: Invalid value: "": the domain must not be empty`,
      `${DEVICE}.attributes: Invalid value: "a/b/c": must not contain more than one slash`,
      `${DEVICE}.attributes: Invalid value: "": the name must not be empty`,
    ],
  ],
  [
    device({ capacity: { memory: { value: '1', requestPolicy: {} } } }),
    [`${POLICY}: Forbidden: allowMultipleAllocations must be true`],
  ],
  [
    policy({ validValues: ['1Gi'], validRange: { min: '1Gi' } }),
    [
      `${POLICY}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`,
    ],
  ],
  [
    policy({ validValues: ['1Gi'] }),
    [`${POLICY}.default: Required value: required when validValues is defined`],
  ],
  [
    policy({ default: '3Gi', validValues: ['2Gi', '1Gi', '11Gi', '11Gi'] }),
    [
      `${POLICY}.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order`,
      `${POLICY}.validValues[2]: Invalid value: "11Gi": option is larger than capacity value: 10Gi`,
      `${POLICY}.validValues[3]: Invalid value: "11Gi": option is larger than capacity value: 10Gi`,
      `${POLICY}.validValues[3]: Duplicate value: "11Gi"`,
      `${POLICY}.validValues: Invalid value: "3Gi": default value is not valid according to the requestPolicy`,
    ],
  ],
  [
    policy({ default: '2Gi', validRange: { min: '1Gi', max: '12Gi', step: '2Gi' } }),
    [
      `${POLICY}.validRange.max: Invalid value: "12Gi": max is larger than capacity value: 10Gi`,
      `${POLICY}.validRange.step: Invalid value: "2Gi": value is not a multiple of a given step (2Gi) from (1Gi)`,
      `${POLICY}.validRange.step: Invalid value: "12Gi": value is not a multiple of a given step (2Gi) from (1Gi)`,
    ],
  ],
  [
    device({ taints: [{ key: 'a', effect: 'Never' }] }),
    [
      `${DEVICE}.taints[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "None"`,
    ],
  ],
  [
    device({ bindingConditions: ['a'], bindingFailureConditions: ['a'] }),
    [
      `${DEVICE}.bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions`,
    ],
  ],
  [
    device({ bindingConditions: ['a'] }),
    [
      `${DEVICE}.bindingFailureConditions: Invalid value: []: bindingFailureConditions are required to use bindingConditions`,
    ],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
  const many = (fields: JsonObject): JsonObject =>
    of({ devices: Array.from({ length: 65 }, (_, i) => ({ name: `d${i}`, ...fields })) });
  assert.deepEqual(kind.refused(many({})), []);
  const taints = [{ key: 'a', effect: 'NoSchedule' }];
  assert.deepEqual(kind.refused(many({ taints })), [
    'spec.devices: Too many: 65: must have at most 64 items',
  ]);
  const names = Array.from({ length: 33 }, (_, i) => [`a${i}`, { int: 1 }]);
  assert.deepEqual(kind.refused(device({ attributes: Object.fromEntries(names) as JsonObject })), [
    `${DEVICE}: Invalid value: 33: the total number of attributes and capacities must not exceed 32`,
  ]);
});

test('whose devices they are stays', () => {
  const next = of({
    driver: 'b.io',
    nodeName: 'n2',
    pool: { name: 'n2', generation: 2, resourceSliceCount: 1 },
  });
  assert.deepEqual(kind.refusedUpdate(next, of({})), [
    'spec.pool.name: Invalid value: "n2": field is immutable',
    'spec.driver: Invalid value: "b.io": field is immutable',
    'spec.nodeName: Invalid value: "n2": field is immutable',
  ]);
});

test('taints get their time, what is off by default is dropped', () => {
  const slice = kind.complete(
    device({
      taints: [{ key: 'a', effect: 'NoExecute' }],
      attributes: { model: { string: 'x', ints: [1] } },
      nodeAllocatableResourceMappings: { cpu: {} },
    }),
  );
  const context = { nowMs: 0, user: { name: 'a', groups: [] } };
  assert.deepEqual(resourceSlices.prepareForCreate?.(slice, context).spec.devices, [
    {
      name: 'gpu',
      attributes: { model: { string: 'x' } },
      taints: [{ key: 'a', effect: 'NoExecute', timeAdded: '1970-01-01T00:00:00Z' }],
    },
  ]);
});

test('its row, what it can be selected by, a name in capitals', () => {
  const { Age: _age, ...cells } = kind.cells(of({}));
  assert.deepEqual(cells, { Name: 'one', Node: 'n1', Driver: 'acme.io', Pool: 'n1' });
  const slice = kind.complete(of({ driver: 'Acme.io' }));
  assert.deepEqual(resourceSlices.selectableFields?.(slice), {
    'spec.driver': 'Acme.io',
    'spec.nodeName': 'n1',
  });
  assert.deepEqual(resourceSlices.warnings?.(slice, undefined), [
    'spec.driver: driver names should be lowercase; "Acme.io" contains uppercase characters',
  ]);
});
