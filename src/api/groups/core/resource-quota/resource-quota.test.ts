import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus } from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { resourceQuotas } from './resource-quota.ts';

const judged = judge(resourceQuotas);
const quota = (
  spec: Draft<ResourceQuotaSpec>,
  status?: Draft<ResourceQuotaStatus>,
): Draft<ResourceQuota> => ({
  metadata: { name: 'q', namespace: 'default' },
  spec,
  ...(status === undefined ? {} : { status }),
});

const UNFIT = 'unsupported scope applied to resource';
const REFUSED: readonly (readonly [Draft<ResourceQuotaSpec>, ...string[]])[] = [
  [
    {
      hard: { cpu: '1', 'requests.storage': '1Gi', 'count/jobs.batch': '3', 'requests.example.com/gpu': '2' },
    },
  ],
  [
    { hard: { tapes: '1' } },
    'spec.hard[tapes]: Invalid value: "tapes": must be a standard resource type or fully qualified',
    'spec.hard[tapes]: Invalid value: "tapes": must be a standard resource for quota',
  ],
  [{ hard: { pods: '1500m' } }, 'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
  [{ hard: { cpu: '-1' } }, 'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  [
    { hard: { cpu: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
    `spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: ${UNFIT}`,
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
  ],
  [
    {
      hard: { pods: '1' },
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] },
    },
    "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
  ],
  [
    {
      hard: { pods: '1' },
      scopeSelector: { matchExpressions: [{ scopeName: 'Terminating', operator: 'DoesNotExist' }] },
    },
    'spec.scopeSelector.matchExpressions.operator: Invalid value: "DoesNotExist": must be \'Exists\' when scope is any of ' +
      'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ' +
      'ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
  ],
];

test('what is refused', () => {
  for (const [spec, ...expected] of REFUSED) assert.deepEqual(judged.refused(quota(spec)), expected);
  const hard = { pods: '1' };
  assert.deepEqual(judged.refusedUpdate(quota({ hard: { pods: '2' }, scopes: [] }), quota({ hard })), []);
  assert.deepEqual(judged.refusedUpdate(quota({ hard, scopes: ['BestEffort'] }), quota({ hard })), [
    'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
  ]);
  assert.deepEqual(judged.refusedStatus(quota({ hard }, { used: { pods: '-1' } }), quota({ hard })), [
    'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0',
  ]);
});

test('the row', () => {
  const status = {
    hard: { pods: '3', 'limits.cpu': '2', cpu: '1' },
    used: { pods: '1', 'limits.cpu': '500m' },
  };
  assert.deepEqual(judged.row(quota({ hard: {} }, status)), [
    'q',
    'cpu: 0/1, pods: 1/3',
    'limits.cpu: 500m/2',
  ]);
});
