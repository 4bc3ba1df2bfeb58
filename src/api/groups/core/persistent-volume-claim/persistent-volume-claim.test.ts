import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
} from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { persistentVolumeClaims } from './persistent-volume-claim.ts';

const judged = judge(persistentVolumeClaims);
const CLASS = 'volume.beta.kubernetes.io/storage-class';
const storage = (size: string) => ({ requests: { storage: size } });

function claim(
  spec: Draft<PersistentVolumeClaimSpec> = {},
  status?: Draft<PersistentVolumeClaimStatus>,
  annotations?: { readonly [key: string]: string },
): Draft<PersistentVolumeClaim> {
  return {
    metadata: { name: 'data', namespace: 'default', ...(annotations === undefined ? {} : { annotations }) },
    spec: { accessModes: ['ReadWriteOnce'], resources: storage('1Gi'), ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

test('new claims', () => {
  const made = judged.created(claim());
  assert.equal(made.spec.volumeMode, 'Filesystem');
  assert.deepEqual(made.status, { phase: 'Pending' });
  const other = { kind: 'PersistentVolumeClaim', name: 'other' };
  assert.deepEqual(judged.created(claim({ dataSource: other })).spec.dataSourceRef, other);
  assert.deepEqual(judged.created(claim({ dataSourceRef: other })).spec.dataSource, other);
  const foreign = judged.created(claim({ dataSourceRef: { ...other, namespace: 'far' } }));
  assert.equal(foreign.spec.dataSource, undefined);
  const unknown = judged.created(
    claim({ dataSource: { apiGroup: 'example.com', kind: 'Tape', name: 'one' } }),
  );
  assert.equal(unknown.spec.dataSource, undefined);
});

const REFUSED: readonly (readonly [Draft<PersistentVolumeClaimSpec>, ...string[]])[] = [
  [{ accessModes: [] }, 'spec.accessModes: Required value: at least 1 access mode is required'],
  [
    { accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] },
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
  ],
  [{ resources: {} }, 'spec.resources[storage]: Required value'],
  [{ resources: storage('-1') }, 'spec.resources[storage]: Invalid value: "-1": must be greater than zero'],
  [
    { dataSourceRef: { kind: 'Tape', name: 'one' } },
    'spec.dataSource: Invalid value: "Tape": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    'spec.dataSourceRef: Invalid value: "Tape": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
  ],
  [
    {
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
    },
    'spec: Invalid value: "spec.dataSource": must match dataSourceRef',
  ],
];

test('what is refused', () => {
  assert.deepEqual(judged.refused(claim()), []);
  for (const [spec, ...expected] of REFUSED) assert.deepEqual(judged.refused(claim(spec)), expected);
  assert.match(
    judged.refused(claim({ storageClassName: 'Fast!' }))[0] ?? '',
    /^spec\.storageClassName: Invalid/,
  );
});

const FIXED =
  /^spec: Forbidden: spec is immutable after creation except resources\.requests and volumeAttributesClassName for bound claims\n/;

test('what may change', () => {
  const bound = { phase: 'Bound', capacity: { storage: '1Gi' } } as const;
  const change = (
    next: Draft<PersistentVolumeClaimSpec>,
    old: Draft<PersistentVolumeClaimSpec>,
    status?: Draft<PersistentVolumeClaimStatus>,
  ) => judged.refusedUpdate(claim(next, status), claim(old, status));
  assert.deepEqual(change({ volumeName: 'v' }, {}), []);
  assert.match(change({ volumeName: 'w' }, { volumeName: 'v' })[0] ?? '', FIXED);
  assert.match(change({ resources: storage('2Gi') }, {})[0] ?? '', FIXED);
  assert.deepEqual(change({ resources: storage('2Gi') }, {}, bound), []);
  assert.deepEqual(change({ resources: storage('2Gi') }, { resources: storage('3Gi') }, bound), []);
  assert.deepEqual(change({ resources: storage('1Gi') }, { resources: storage('3Gi') }, bound), [
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ]);
  assert.deepEqual(change({ storageClassName: 'fast' }, {}), []);
  assert.match(change({ storageClassName: 'slow' }, { storageClassName: 'fast' })[0] ?? '', FIXED);
  assert.deepEqual(change({ volumeAttributesClassName: 'gold' }, {}, bound), []);
  const gold = { ...bound, currentVolumeAttributesClassName: 'gold' };
  assert.deepEqual(change({}, { volumeAttributesClassName: 'gold' }, gold), [
    'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil',
  ]);
  const block = change({ volumeMode: 'Block' }, {});
  assert.match(block[0] ?? '', FIXED);
  assert.equal(block[1], 'volumeMode: Invalid value: "Block": field is immutable');
});

test('the class in the annotation of old', () => {
  const old = claim({}, undefined, { [CLASS]: 'fast' });
  assert.deepEqual(judged.refusedUpdate(claim({ storageClassName: 'fast' }), old), []);
  assert.deepEqual(judged.refusedUpdate(claim({}, undefined, { [CLASS]: 'slow' }), old), [
    `metadata.annotations[${CLASS}]: Invalid value: "slow": field is immutable`,
  ]);
  assert.deepEqual(judged.warned(old), [
    `metadata.annotations[${CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
  ]);
  assert.deepEqual(judged.warned(claim({ resources: storage('1500m') })), [
    'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ]);
});

test('what is reported', () => {
  const status = {
    capacity: { storage: '-1' },
    allocatedResourceStatuses: { storage: 'Growing', cpu: 'NodeResizePending' },
  };
  assert.deepEqual(judged.refusedStatus(claim({}, status), claim()), [
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
    'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "storage"',
    'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", ' +
      '"ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
  ]);
});

test('the row', () => {
  assert.deepEqual(judged.row(claim()), ['data', 'Pending', '', '', '', '', '<unset>', 'Filesystem']);
  const bound = claim(
    { volumeName: 'v', storageClassName: 'fast', volumeAttributesClassName: 'gold', volumeMode: 'Block' },
    { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] },
  );
  assert.deepEqual(judged.row(bound), ['data', 'Bound', 'v', '2Gi', 'RWO,RWX', 'fast', 'gold', 'Block']);
});
