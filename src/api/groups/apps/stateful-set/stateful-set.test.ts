import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { StatefulSet, StatefulSetSpec } from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { statefulSets } from './stateful-set.ts';

const sets = judge(statefulSets);
const CLAIM = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
} as const;
const CONTAINER = { name: 'c', image: 'db:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] };

function set(spec: Draft<StatefulSetSpec> = {}, status?: Draft<StatefulSet['status']>): Draft<StatefulSet> {
  return {
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: { containers: [CONTAINER] } },
      volumeClaimTemplates: [CLAIM],
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

test('defaults', () => {
  const { spec } = sets.complete(set());
  assert.equal(spec.replicas, 1);
  assert.equal(spec.podManagementPolicy, 'OrderedReady');
  assert.equal(spec.revisionHistoryLimit, 10);
  assert.deepEqual(spec.updateStrategy, { type: 'RollingUpdate', rollingUpdate: { partition: 0 } });
  const rolling = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } } as const;
  assert.deepEqual(sets.complete(set({ updateStrategy: rolling })).spec.updateStrategy, {
    type: 'RollingUpdate',
    rollingUpdate: { partition: 0, maxUnavailable: 2 },
  });
  assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  const [claim] = spec.volumeClaimTemplates ?? [];
  assert.equal(claim?.kind, 'PersistentVolumeClaim');
  assert.equal(claim.spec.volumeMode, 'Filesystem');
  assert.deepEqual(claim.status, { phase: 'Pending' });
  const typed = sets.complete(set({ updateStrategy: { type: 'RollingUpdate' } }));
  assert.deepEqual(typed.spec.updateStrategy, { type: 'RollingUpdate' });
  assert.equal(statefulSets.defaults?.(typed), typed, 'nothing to do the second time');
});

const REFUSED: readonly (readonly [Draft<StatefulSetSpec>, ...string[]])[] = [
  [{}],
  [
    { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [CONTAINER] } } },
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [{ selector: {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  [{ volumeClaimTemplates: [] }, 'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
  [
    { volumeClaimTemplates: [{ ...CLAIM, spec: { resources: { requests: { storage: '0' } } } }] },
    'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
    'spec.volumeClaimTemplates[0].spec.resources[storage]: Invalid value: "0": must be greater than zero',
  ],
  [
    { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
    'spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy \'RollingUpdate\'',
  ],
  [
    { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: -1, maxUnavailable: 0 } } },
    'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
  ],
  [
    { updateStrategy: { type: 'Recreate' } },
    'spec.updateStrategy: Invalid value: {"type":"Recreate"}: must be \'RollingUpdate\' or \'OnDelete\'',
  ],
  [
    { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Keep' } },
    'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Delete", "Retain"',
  ],
  [{ ordinals: { start: -1 } }, 'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0'],
];

test('what is refused', () => {
  for (const [spec, ...expected] of REFUSED) assert.deepEqual(sets.refused(set(spec)), expected);
  const never = {
    metadata: { labels: { app: 'db' } },
    spec: { containers: [CONTAINER], restartPolicy: 'Never' },
  };
  assert.deepEqual(sets.refused(set({ template: never as Draft<StatefulSetSpec['template']> })), [
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ]);
  assert.match(
    sets.refused(set({ serviceName: 'Not A Name' }))[0] ?? '',
    /^spec\.serviceName: Invalid value/,
  );
});

test('host names of the template are given to each pod, so they are not judged', () => {
  const template = {
    metadata: { labels: { app: 'db' } },
    spec: { containers: [CONTAINER], hostname: 'Not_A_Label', subdomain: 'Neither_Is_This' },
  };
  assert.deepEqual(sets.refused(set({ template })), []);
});

test('what may change', () => {
  const allowed: Draft<StatefulSetSpec> = {
    replicas: 3,
    minReadySeconds: 5,
    ordinals: { start: 1 },
    revisionHistoryLimit: 2,
    updateStrategy: { type: 'OnDelete' },
  };
  assert.deepEqual(sets.refusedUpdate(set(allowed), set()), []);
  assert.deepEqual(sets.refusedUpdate(set({ serviceName: 'other' }), set()), [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', " +
      "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ]);
});

test('what is reported', () => {
  const old = set({}, { replicas: 1, collisionCount: 2 });
  assert.deepEqual(sets.refusedStatus(set({}, { replicas: 1, collisionCount: 2 }), old), []);
  const next = set({}, { replicas: 1, readyReplicas: 1, availableReplicas: 2, collisionCount: 1 });
  assert.deepEqual(sets.refusedStatus(next, old), [
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ]);
});

test('the row', () => {
  assert.deepEqual(sets.row(set({ replicas: 3 }, { replicas: 2, readyReplicas: 1 })), [
    'db',
    '1/3',
    'c',
    'db:1',
  ]);
});

test('a negative limit of revisions is warned of, and allowed', () => {
  const endless = set({ revisionHistoryLimit: -1 });
  assert.deepEqual(sets.refused(endless), []);
  const warning =
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';
  assert.deepEqual(sets.warned(endless), [warning]);
  assert.deepEqual(sets.warned(endless, set()), [warning]);
  assert.deepEqual(sets.warned(set()), []);
});
