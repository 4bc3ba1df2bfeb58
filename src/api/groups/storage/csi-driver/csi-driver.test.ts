import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { csiDrivers } from './csi-driver.ts';

const kind = judge(csiDrivers);

test('what is defaulted', () => {
  assert.deepEqual(kind.complete({ spec: {} }).spec, {
    attachRequired: true,
    podInfoOnMount: false,
    volumeLifecycleModes: ['Persistent'],
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    requiresRepublish: false,
    seLinuxMount: false,
  });
});

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [{ tokenRequests: [{ audience: '' }, { audience: 'a', expirationSeconds: 600 }] }, []],
  [
    { tokenRequests: [{ audience: 'a' }, { audience: 'a' }] },
    ['spec.tokenRequests[1].audience: Duplicate value: "a"'],
  ],
  [
    { tokenRequests: [{ audience: 'a', expirationSeconds: 599 }] },
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ],
  ],
  [
    { tokenRequests: [{ audience: 'a', expirationSeconds: 2 ** 32 + 1 }] },
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
  ],
  [
    { fsGroupPolicy: 'Some' },
    [
      'spec.fsGroupPolicy: Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"',
    ],
  ],
  [
    { volumeLifecycleModes: ['Eternal'] },
    [
      'spec.volumeLifecycleModes[0]: Unsupported value: "Eternal": supported values: "Ephemeral", "Persistent"',
    ],
  ],
  [
    { nodeAllocatableUpdatePeriodSeconds: 9 },
    [
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
    ],
  ],
];

test('what is refused', () => {
  for (const [spec, errors] of REFUSED)
    assert.deepEqual(kind.refused({ spec }), errors, JSON.stringify(spec));
});

test('what may not change', () => {
  const next = { attachRequired: false, volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true };
  assert.deepEqual(kind.refusedUpdate({ spec: next }, { spec: {} }), [
    'spec.attachedRequired: Invalid value: false: field is immutable',
    'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
  ]);
});

test('its row', () => {
  const { Age: _age, ...cells } = kind.cells({
    spec: { tokenRequests: [{ audience: 'a' }, { audience: 'b' }] },
  });
  assert.deepEqual(cells, {
    Name: 'one',
    AttachRequired: true,
    PodInfoOnMount: false,
    StorageCapacity: false,
    TokenRequests: 'a,b',
    RequiresRepublish: false,
    Modes: 'Persistent',
  });
  assert.equal(kind.cells({ spec: {} })['TokenRequests'], '<unset>');
});
