import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, ReplicaSet } from '../api/types.gen.ts';
import { createFindings } from './create-findings.ts';
import { Graph } from './graph.ts';

const SET = { metadata: { name: 's', namespace: 'd', uid: 'u' } } as unknown as ReplicaSet;

function told(message: string): string {
  const event = {
    type: 'Warning',
    reason: 'FailedCreate',
    message,
    metadata: {},
    involvedObject: { uid: 'u' },
  };
  const nothing = { pods: [], replicaSets: [], jobs: [], claims: [], budgets: [], storageClasses: [] };
  const events = [event as unknown as Event];
  const graph = new Graph({ ...nothing, nowMs: 0, events, cordoned: new Set(), unready: new Map() });
  const [found] = createFindings('ReplicaSet', SET, graph);
  return `${found?.cause ?? ''}: ${found?.message ?? ''}`;
}

test('who refuses what a controller creates', () => {
  const pod = 'Error creating: pods "s-x" is forbidden: ';
  const cases: readonly (readonly [string, string])[] = [
    [
      `${pod}exceeded quota: q, requested: cpu=2,pods=1, used: cpu=3,pods=4, limited: cpu=4,pods=4`,
      'quota: the quota q does not allow more: cpu=2,pods=1 requested, cpu=3,pods=4 used, limited to cpu=4,pods=4',
    ],
    [
      `${pod}failed quota: q: must specify limits.cpu for: c; requests.cpu for: c`,
      'quota: the quota q wants every pod to say limits.cpu for: c; requests.cpu for: c',
    ],
    [
      'Error creating: admission webhook "guard.example.com" denied the request: no root',
      'admission-refused: the admission webhook guard.example.com refuses its pods: no root',
    ],
    [
      'Error creating: Internal error occurred: failed calling webhook "guard.example.com": failed to call ' +
        'webhook: Post "https://guard.d.svc:443/?timeout=10s": dial tcp 10.0.0.1:443: connect: connection refused',
      'admission-refused: the admission webhook guard.example.com must be asked, and does not answer: failed to call ' +
        'webhook: Post "https://guard.d.svc:443/?timeout=10s": dial tcp 10.0.0.1:443: connect: connection refused',
    ],
    [
      `${pod}ValidatingAdmissionPolicy 'small' with binding 'all' denied request: too large`,
      'admission-refused: the admission policy small refuses its pods: too large',
    ],
    ['Error creating: something else', 'create-failed: what it needs cannot be created: something else'],
  ];
  for (const [message, expected] of cases) assert.equal(told(message), expected);
});
