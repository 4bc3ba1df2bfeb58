import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { PersistentVolume, PersistentVolumeSpec, PersistentVolumeStatus } from '../../../types.gen.ts';
import { judge, NOW } from '../../judge.fixture.ts';
import { persistentVolumes } from './persistent-volume.ts';

const judged = judge(persistentVolumes);
const TERM = {
  matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['one'] }],
} as const;
const NEAR: Draft<PersistentVolumeSpec>['nodeAffinity'] = { required: { nodeSelectorTerms: [TERM] } };

function volume(
  spec: Draft<PersistentVolumeSpec> = {},
  status?: Draft<PersistentVolumeStatus>,
): Draft<PersistentVolume> {
  return {
    metadata: { name: 'v' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      ...('nfs' in spec || 'local' in spec || 'csi' in spec ? {} : { hostPath: { path: '/data' } }),
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

test('new volumes', () => {
  const made = judged.created(volume());
  assert.equal(made.spec.persistentVolumeReclaimPolicy, 'Retain');
  assert.equal(made.spec.volumeMode, 'Filesystem');
  assert.deepEqual(made.status, { phase: 'Pending', lastPhaseTransitionTime: '2026-01-02T03:04:05Z' });
});

test('the time of a change of the phase', () => {
  const time = '2025-01-01T00:00:00Z';
  const old = judged.created(volume({}, { phase: 'Available', lastPhaseTransitionTime: time }));
  const stamped = (status: PersistentVolumeStatus) =>
    persistentVolumes.prepareForStatusUpdate?.({ ...old, status }, old, {
      nowMs: NOW,
      user: { name: 'jane', groups: [] },
    }).status;
  assert.equal(stamped({ phase: 'Available' })?.lastPhaseTransitionTime, time);
  assert.equal(
    stamped({ phase: 'Bound', lastPhaseTransitionTime: time })?.lastPhaseTransitionTime,
    '2026-01-02T03:04:05Z',
  );
  const own = '2026-01-01T00:00:00Z';
  assert.equal(stamped({ phase: 'Bound', lastPhaseTransitionTime: own })?.lastPhaseTransitionTime, own);
});

const REFUSED: readonly (readonly [Draft<PersistentVolumeSpec>, ...string[]])[] = [
  [{ accessModes: [] }, 'spec.accessModes: Required value'],
  [
    { capacity: { storage: '0', cpu: '1' } },
    'spec.capacity: Unsupported value: {"cpu":"1","storage":"0"}: supported values: "storage"',
    'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
  ],
  [{ hostPath: undefined }, 'spec: Required value: must specify a volume type'],
  [
    { hostPath: { path: '/a' }, nfs: { server: 's', path: '/b' } },
    'spec.nfs: Forbidden: may not specify more than 1 volume type',
  ],
  [
    { hostPath: { path: '/./' }, persistentVolumeReclaimPolicy: 'Recycle' },
    "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
  ],
  [
    { hostPath: { path: '/a/../b' } },
    'spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
  ],
  [{ local: { path: '/d' } }, 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
  [
    { nodeAffinity: {} },
    'spec.nodeAffinity.required: Required value: must specify required node constraints',
  ],
  [
    {
      csi: {
        driver: 'x.example.com',
        volumeHandle: 'h',
        nodeStageSecretRef: { name: 'a' },
        nodePublishSecretRef: { name: 'a' },
      },
    },
    'spec.csi.nodePublishSecretRef.namespace: Required value',
  ],
  [
    { volumeAttributesClassName: '' },
    'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
    'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
  ],
];

test('what is refused', () => {
  assert.deepEqual(judged.refused(volume()), []);
  assert.deepEqual(judged.refused(volume({ local: { path: '/d' }, nodeAffinity: NEAR })), []);
  for (const [spec, ...expected] of REFUSED) assert.deepEqual(judged.refused(volume(spec)), expected);
});

test('what may change', () => {
  const csi = { driver: 'x.example.com', volumeHandle: 'h' };
  const secret = { name: 'key', namespace: 'default' };
  assert.deepEqual(judged.refusedUpdate(volume({ capacity: { storage: '2Gi' } }), volume()), []);
  assert.deepEqual(
    judged.refusedUpdate(volume({ csi: { ...csi, controllerExpandSecretRef: secret } }), volume({ csi })),
    [],
  );
  assert.deepEqual(judged.refusedUpdate(volume({ nodeAffinity: NEAR }), volume()), []);
  assert.match(
    judged.refusedUpdate(volume({ hostPath: { path: '/other' } }), volume())[0] ?? '',
    /^spec\.persistentvolumesource: Forbidden: spec\.persistentvolumesource is immutable after creation\n/,
  );
  assert.match(
    judged.refusedUpdate(volume(), volume({ nodeAffinity: NEAR }))[0] ?? '',
    /^nodeAffinity: .*immutable$/,
  );
  assert.deepEqual(judged.refusedUpdate(volume({ volumeMode: 'Block' }), volume()), [
    'volumeMode: Invalid value: "Block": field is immutable',
  ]);
});

test('warnings and the row', () => {
  const old = {
    matchExpressions: [{ ...TERM.matchExpressions[0], key: 'failure-domain.beta.kubernetes.io/zone' }],
  };
  assert.deepEqual(judged.warned(volume({ nodeAffinity: { required: { nodeSelectorTerms: [old] } } })), [
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: ' +
      'failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ]);
  const claimRef = { namespace: 'default', name: 'data' };
  assert.deepEqual(judged.row(volume({ claimRef, storageClassName: 'fast' }, { phase: 'Bound' })), [
    ...['v', '1Gi', 'RWO', 'Retain', 'Bound', 'default/data', 'fast', '<unset>', '', 'Filesystem'],
  ]);
});
