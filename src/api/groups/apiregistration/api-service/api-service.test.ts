import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { apiServices } from './api-service.ts';

const kind = judge(apiServices);
const SERVICE = { namespace: 'acme', name: 'api' };
const of = (spec: JsonObject, name = 'v1.acme.io'): JsonObject => ({
  metadata: { name },
  spec: { group: 'acme.io', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, ...spec },
});

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [of({}), []],
  [of({ group: '' }, 'v1.'), []],
  [of({ service: SERVICE, insecureSkipTLSVerify: true }), []],
  [
    of({}, 'acme'),
    ['metadata.name: Invalid value: "acme": must be `spec.version+"."+spec.group`: "v1.acme.io"'],
  ],
  [
    of({ group: '', version: 'v2' }, 'v2.'),
    ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube'],
  ],
  [
    of({ groupPriorityMinimum: 0, versionPriority: 1001 }),
    [
      'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
    ],
  ],
  [
    of({ caBundle: 'YWJj', insecureSkipTLSVerify: true }),
    [
      'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
  ],
  [of({ service: {} }), ['spec.service.namespace: Required value', 'spec.service.name: Required value']],
  [
    of({ service: SERVICE, caBundle: 'YWJj', insecureSkipTLSVerify: true }),
    ['spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present'],
  ],
];

test('what is defaulted and refused', () => {
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
  assert.equal(kind.complete(of({ service: SERVICE })).spec.service?.port, 443);
});

test('what this server serves itself is available from the start', () => {
  const context = { nowMs: 0, user: { name: 'a', groups: [] } };
  const local = apiServices.prepareForCreate?.(kind.complete(of({})), context);
  assert.deepEqual(local?.status.conditions, [
    {
      type: 'Available',
      status: 'True',
      lastTransitionTime: '1970-01-01T00:00:00Z',
      reason: 'Local',
      message: 'Local APIServices are always available',
    },
  ]);
  const remote = kind.complete(of({ service: SERVICE }));
  assert.equal(apiServices.prepareForCreate?.(remote, context), remote);
});

test('its status and row', () => {
  const status = { conditions: [{ type: 'Available', status: 'Maybe', reason: 'Gone' }] };
  assert.deepEqual(kind.refusedStatus({ ...of({}), status }, of({})), [
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
  ]);
  const row = kind.cells({ ...of({ service: SERVICE }), status });
  assert.deepEqual([row['Service'], row['Available']], ['acme/api', 'Maybe (Gone)']);
  const bare = kind.cells(of({}));
  assert.deepEqual([bare['Service'], bare['Available']], ['Local', 'Unknown']);
});
