import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { volumeAttachments } from './volume-attachment.ts';

const kind = judge(volumeAttachments);
const SPEC: JsonObject = { attacher: 'csi.acme.io', source: { persistentVolumeName: 'pv' }, nodeName: 'n' };
const ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [SPEC, []],
  [{ ...SPEC, attacher: '' }, ['spec.attacher: Required value']],
  [{ ...SPEC, nodeName: '' }, ['spec.nodeName: Required value']],
  [{ ...SPEC, source: {} }, [`spec.source: Required value: ${ONE}`]],
  [
    { ...SPEC, source: { persistentVolumeName: 'pv', inlineVolumeSpec: {} } },
    [`spec.source: Forbidden: ${ONE}`],
  ],
  [
    { ...SPEC, source: { persistentVolumeName: '' } },
    ['spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName'],
  ],
  [{ ...SPEC, attacher: 'a'.repeat(64) }, ['spec.attacher: Too long: may not be more than 63 bytes']],
];

test('what is refused', () => {
  for (const [spec, errors] of REFUSED)
    assert.deepEqual(kind.refused({ spec }), errors, JSON.stringify(spec));
});

test('a volume that stands inline is of CSI, and no more than a source', () => {
  const inline = (inlineVolumeSpec: JsonObject): readonly string[] =>
    kind.refused({ spec: { ...SPEC, source: { inlineVolumeSpec } } });
  const csi = { driver: 'csi.acme.io', volumeHandle: 'v' };
  assert.deepEqual(inline({ csi, accessModes: ['ReadWriteOnce'] }), []);
  const at = 'spec.source.inlineVolumeSpec';
  assert.deepEqual(inline({ hostPath: { path: '/v' } }), [
    `${at}.csi: Required value: has to be specified in the context of inline volumes`,
    `${at}.accessModes: Required value`,
  ]);
  const more = {
    ...{ csi, accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, storageClassName: 'gold' },
    ...{ claimRef: { name: 'c' }, persistentVolumeReclaimPolicy: 'Delete', volumeMode: 'Block' },
  };
  assert.deepEqual(inline(more), [
    `${at}.claimRef: Forbidden: may not be specified in the context of inline volumes`,
    `${at}.capacity: Forbidden: may not be specified in the context of inline volumes`,
    `${at}.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes`,
    `${at}.storageClassName: Forbidden: may not be specified in the context of inline volumes`,
    `${at}.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes`,
  ]);
});

test('the spec stays', () => {
  const next = { ...SPEC, nodeName: 'm' };
  assert.deepEqual(kind.refusedUpdate({ spec: next }, { spec: SPEC }), [
    'spec: Invalid value: {"attacher":"csi.acme.io","source":{"persistentVolumeName":"pv"},"nodeName":"m"}: field is immutable',
  ]);
});

test('its status and row', () => {
  const status = {
    attached: true,
    attachmentMetadata: { a: 'x'.repeat(256 * 1024) },
    attachError: { errorCode: -1 },
    detachError: { message: 'x'.repeat(1025) },
  };
  assert.deepEqual(kind.refusedStatus({ spec: SPEC, status }, { spec: SPEC }), [
    'status.attachmentMetadata: Too long: may not be more than 262144 bytes',
    'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    'status.detachError.message: Too long: may not be more than 262144 bytes',
  ]);
  const { Age: _age, ...cells } = kind.cells({ spec: SPEC, status: { attached: true } });
  assert.deepEqual(cells, { Name: 'one', Attacher: 'csi.acme.io', PV: 'pv', Node: 'n', Attached: true });
});
