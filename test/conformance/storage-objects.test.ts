/** Official tests of [sig-storage] that need no volumes: the life of the kinds behind them. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, includes, nameOf, refusal, startApi, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 1 });
});
after(() => api.cluster.stop());

const STORAGE = '/apis/storage.k8s.io/v1';

interface Life {
  readonly url: string;
  readonly name: string;
  readonly object: object;
  readonly isSpecFixed?: boolean;
}

/** Created, read, patched, updated, listed, deleted, and deleted as a collection. */
async function livesThrough({ url, name, object }: Life): Promise<void> {
  const create = (called: string, labels: object): Promise<Fields> =>
    api.post(url, {
      ...object,
      metadata: { ...(object as { metadata?: object }).metadata, name: called, labels },
    });
  await create(name, { e2e: name });
  includes(await api.get(`${url}/${name}`), { metadata: { name } });
  includes(await api.patch(`${url}/${name}`, { metadata: { labels: { [name]: 'patched' } } }), {
    metadata: { labels: { [name]: 'patched' } },
  });
  const updated = await api.change(`${url}/${name}`, (one) => ({
    ...one,
    metadata: { ...one.metadata, labels: { ...one.metadata?.labels, [name]: 'updated' } },
  }));
  includes(updated, { metadata: { labels: { [name]: 'updated' } } });
  assert.deepEqual((await api.list(`${url}?labelSelector=${name}%3Dupdated`)).map(nameOf), [name]);
  await api.delete(`${url}/${name}`);
  await api.gone(`${url}/${name}`);
  await create(`${name}-2`, { again: name });
  await api.delete(`${url}?labelSelector=again%3D${name}`);
  await api.eventually(async () =>
    assert.deepEqual(await api.list(`${url}?labelSelector=again%3D${name}`), []),
  );
}

test('CSIInlineVolumes should run through the lifecycle of a CSIDriver', async () => {
  await livesThrough({
    url: `${STORAGE}/csidrivers`,
    name: 'inline-driver',
    object: { spec: { volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true, attachRequired: false } },
  });
});

test('CSIInlineVolumes should support CSIVolumeSource in Pod API', async () => {
  const pods = `/api/v1/namespaces/${await api.namespace('inline')}/pods`;
  const volumes = [
    {
      name: 'pod-csi-inline-volume',
      csi: { driver: 'e2e.example.com', readOnly: true, volumeAttributes: { attr: 'v' } },
    },
  ];
  const containers = [
    { name: 'c', image: 'i', volumeMounts: [{ name: 'pod-csi-inline-volume', mountPath: '/vol' }] },
  ];
  await api.post(pods, { metadata: { name: 'inline' }, spec: { volumes, containers } });
  includes(await api.get(`${pods}/inline`), { spec: { volumes: [{ csi: volumes[0]?.csi }] } });
  assert.ok((await api.list(pods)).map(nameOf).includes('inline'));
  const patch = { metadata: { labels: { 'e2e-pod': 'patched' } } };
  includes(await api.patch(`${pods}/inline`, patch, 'strategic'), patch);
  await api.delete(`${pods}/inline`, { gracePeriodSeconds: 0 });
  await api.gone(`${pods}/inline`);
});

test('CSINodes CSI Conformance should run through the lifecycle of a csinode', async () => {
  await livesThrough({ url: `${STORAGE}/csinodes`, name: 'e2e-csinode', object: { spec: { drivers: [] } } });
});

test('StorageClasses CSI Conformance should run through the lifecycle of a StorageClass', async () => {
  await livesThrough({
    url: `${STORAGE}/storageclasses`,
    name: 'e2e-class',
    object: {
      provisioner: 'e2e.example.com/none',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: false,
    },
  });
});

const ATTACHMENT = {
  spec: { attacher: 'e2e.example.com', nodeName: 'node-9', source: { persistentVolumeName: 'pv-e2e' } },
};

test('VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment', async () => {
  await livesThrough({ url: `${STORAGE}/volumeattachments`, name: 'e2e-attachment', object: ATTACHMENT });
});

test('VolumeAttachment Conformance should apply changes to a volumeattachment status', async () => {
  const url = `${STORAGE}/volumeattachments/va-status`;
  await api.post(`${STORAGE}/volumeattachments`, { metadata: { name: 'va-status' }, ...ATTACHMENT });
  const patched = await api.patch(`${url}/status`, {
    metadata: { annotations: { 'va-patched-status': 'true' } },
    status: { attached: true },
  });
  includes(patched, {
    metadata: { annotations: { 'va-patched-status': 'true' } },
    status: { attached: true },
  });
  const updated = await api.change(`${url}/status`, (object) => ({
    ...object,
    status: { ...object.status, attached: false },
  }));
  includes(updated, { status: { attached: false } });
  includes(await api.get(`${url}/status`), { status: { attached: false } });
  await api.delete(url);
  await api.gone(url);
});

test('VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass', async () => {
  await livesThrough({
    url: `${STORAGE}/volumeattributesclasses`,
    name: 'e2e-attributes',
    object: { driverName: 'e2e.example.com', parameters: { iops: '10' } },
  });
});

const claimOf = (name: string, volumeName: string, labels: object): object => ({
  metadata: { name, labels },
  spec: {
    storageClassName: 'e2e-none',
    volumeName,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
  },
});
const volumeOf = (name: string, labels: object): object => ({
  metadata: { name, labels },
  spec: {
    storageClassName: 'e2e-none',
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    csi: { driver: 'e2e.example.com', volumeHandle: name },
  },
});

test('PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC', async () => {
  const claims = `/api/v1/namespaces/${await api.namespace('claims')}/persistentvolumeclaims`;
  const volumes = '/api/v1/persistentvolumes';
  const labels = { 'e2e-pv-pool': 'life' };
  const selector = 'labelSelector=e2e-pv-pool%3Dlife';
  await api.post(volumes, volumeOf('pv-life', labels));
  await api.post(claims, claimOf('pvc-life', 'pv-life', labels));
  await api.eventually(async () => {
    includes(await api.get(`${claims}/pvc-life`), { status: { phase: 'Bound' } });
    includes(await api.get(`${volumes}/pv-life`), {
      status: { phase: 'Bound' },
      spec: { claimRef: { name: 'pvc-life' } },
    });
  });
  assert.equal((await api.list(`/api/v1/persistentvolumeclaims?${selector}`)).length, 1);
  assert.equal((await api.list(`${volumes}?${selector}`)).length, 1);
  for (const url of [`${volumes}/pv-life`, `${claims}/pvc-life`]) {
    const patch = { metadata: { labels: { patched: 'yes' } } };
    includes(await api.patch(url, patch, 'strategic'), patch);
    const updated = await api.change(url, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata?.labels, updated: 'yes' } },
    }));
    includes(updated, { metadata: { labels: { updated: 'yes' } } });
  }
  await api.delete(`${claims}/pvc-life`);
  await api.gone(`${claims}/pvc-life`);
  await api.eventually(async () =>
    includes(await api.get(`${volumes}/pv-life`), { status: { phase: 'Released' } }),
  );
  await api.delete(`${volumes}/pv-life`);
  await api.gone(`${volumes}/pv-life`);
  await api.post(volumes, volumeOf('pv-life-2', labels));
  await api.post(claims, claimOf('pvc-life-2', 'pv-life-2', labels));
  await api.delete(`${claims}?${selector}`);
  await api.eventually(async () => assert.deepEqual(await api.list(claims), []));
  await api.delete(`${volumes}?${selector}`);
  await api.eventually(async () => assert.deepEqual(await api.list(`${volumes}?${selector}`), []));
});

test('PersistentVolumes CSI Conformance should apply changes to a pv/pvc status', async () => {
  const claims = `/api/v1/namespaces/${await api.namespace('claim-status')}/persistentvolumeclaims`;
  const volumes = '/api/v1/persistentvolumes';
  await api.post(volumes, volumeOf('pv-status', {}));
  await api.post(claims, claimOf('pvc-status', 'pv-status', {}));
  await api.eventually(async () =>
    includes(await api.get(`${claims}/pvc-status`), { status: { phase: 'Bound' } }),
  );
  const condition = {
    type: 'StatusPatched',
    status: 'True',
    reason: 'E2E patchStatus',
    message: 'Set by e2e test',
  };
  const patched = await api.patch(`${claims}/pvc-status/status`, { status: { conditions: [condition] } });
  includes(each(patched.status?.conditions)[0], condition);
  const updated = await api.change(`${claims}/pvc-status/status`, (object) => ({
    ...object,
    status: { ...object.status, conditions: [{ ...condition, type: 'StatusUpdate' }] },
  }));
  includes(each(updated.status?.conditions)[0], { type: 'StatusUpdate' });
  const status = { message: 'StatusPatched', reason: 'E2E patchStatus' };
  includes(await api.patch(`${volumes}/pv-status/status`, { status }), { status });
  const later = await api.change(`${volumes}/pv-status/status`, (object) => ({
    ...object,
    status: { ...object.status, message: 'StatusUpdated', reason: 'E2E updateStatus' },
  }));
  includes(later, { status: { message: 'StatusUpdated', reason: 'E2E updateStatus' } });
  assert.equal(
    (await refusal(api.patch(`${claims}/pvc-status`, { spec: { storageClassName: 'other' } }))).code,
    422,
  );
});
