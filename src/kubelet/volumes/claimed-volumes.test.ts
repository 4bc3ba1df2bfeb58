import assert from 'node:assert/strict';
import { test } from 'node:test';

import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { ObjectMeta, PersistentVolumeSpec, Pod } from '../../api/types.gen.ts';
import { PROVISIONED_BY } from '../../api/volume-binding/annotations.ts';
import { LOCAL_PATH_PROVISIONER } from '../../api/volume-binding/local-path.ts';
import { startTestNode, type TestNode } from '../kubelet.fixture.ts';
import { removeLocalPath } from './local-path.ts';

const NAME = 'pvc-0a1b2c3d-0000-4000-8000-0123456789ab_default_data';
const RETRY_MS = 200_000;

interface Bound {
  readonly volume: Draft<PersistentVolumeSpec>;
  readonly annotations?: { readonly [name: string]: string };
  readonly claim?: Draft<ObjectMeta>;
}

/** A claim as the binder leaves it. */
async function bind({ client }: TestNode, { volume, annotations = {}, claim = {} }: Bound): Promise<void> {
  const name = claim.name ?? 'data';
  const accessModes = ['ReadWriteOnce'] as const;
  const { metadata } = await client.create(persistentVolumeClaims, {
    metadata: { namespace: 'default', name, ...claim },
    spec: { accessModes, resources: { requests: { storage: '1Gi' } }, volumeName: 'v' },
  });
  await client.create(persistentVolumes, {
    metadata: { name: 'v', annotations },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes,
      claimRef: { namespace: 'default', name, uid: metadata.uid },
      ...volume,
    },
  });
  const body = { status: { phase: 'Bound' } };
  const ref = { namespace: 'default', name };
  await client.patch(persistentVolumeClaims, ref, { type: 'merge', body }, { subresource: 'status' });
}

const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }];
const containers = [{ name: 'app', image: 'web:1', volumeMounts: [{ name: 'd', mountPath: '/d' }] }];

async function runs(node: TestNode, spec: Draft<Pod['spec']> = {}): Promise<boolean> {
  await node.createPod('web', { containers, volumes, ...spec });
  await node.host.clock.advance(RETRY_MS);
  return (await node.pod('web')).status.phase === 'Running';
}

/** What was mounted at `/d`. */
async function mounted({
  runtime,
}: TestNode): Promise<{ readonly hostPath: string; readonly readonly?: boolean } | undefined> {
  const [container] = await runtime.listContainers();
  const { mounts } = await runtime.containerStatus(container?.id ?? '');
  return mounts.find(({ containerPath }) => containerPath === '/d');
}

test('a hostPath and a local volume behind a claim', async () => {
  for (const volume of [
    { hostPath: { path: '/data' } },
    { local: { path: '/data' }, nodeAffinity: at('n1') },
  ]) {
    const node = await startTestNode();
    await node.system.files.makeFolder('/data', 0o755);
    await bind(node, { volume });
    assert.equal(await runs(node), true);
    assert.equal((await mounted(node))?.hostPath, '/data');
    assert.equal((await mounted(node))?.readonly, false);
    await node.stop();
  }
});

test('a claim for reading only', async () => {
  const node = await startTestNode();
  await bind(node, { volume: { hostPath: { path: '/data' } } });
  const readOnly = { claimName: 'data', readOnly: true };
  assert.equal(await runs(node, { volumes: [{ name: 'd', persistentVolumeClaim: readOnly }] }), true);
  assert.equal((await mounted(node))?.readonly, true);
  await node.stop();
});

function at(hostname: string) {
  const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] } as const;
  return { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } };
}

test('what keeps a pod from its volume', async () => {
  const other = { ...at('elsewhere') };
  const cases: readonly (readonly [Bound, RegExp, Draft<Pod['spec']>?])[] = [
    [{ volume: { local: { path: '/nowhere' }, nodeAffinity: at('n1') } }, /path "\/nowhere" does not exist/],
    [
      { volume: { hostPath: { path: '/data' }, nodeAffinity: other } },
      /MountVolume.NodeAffinity check failed: no matching NodeSelectorTerms/,
    ],
    [
      { volume: { hostPath: { path: '/data' } }, claim: { name: 'web-d' } },
      /PVC default\/web-d was not created for pod default\/web \(pod is not owner\)/,
      { volumes: [{ name: 'd', ephemeral: { volumeClaimTemplate: template() } }] },
    ],
  ];
  for (const [bound, message, spec] of cases) {
    const node = await startTestNode();
    await bind(node, bound);
    assert.equal(await runs(node, spec), false);
    assert.match(node.events.join('\n'), message);
    await node.stop();
  }
});

function template() {
  return { spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } } };
}

test('a volume of another claim, and a claim on its way out', async () => {
  const node = await startTestNode();
  await bind(node, { volume: { hostPath: { path: '/data' } }, claim: { finalizers: ['example.com/keep'] } });
  const ref = { namespace: 'default', name: 'data' };
  const body = { spec: { claimRef: { uid: 'another' } } };
  await node.client.patch(persistentVolumes, { name: 'v' }, { type: 'merge', body });
  assert.equal(await runs(node), false);
  assert.match(node.events.join('\n'), /persistentvolume "v" is bound to another claim than "data"/);
  await node.client.delete(persistentVolumeClaims, ref);
  await node.host.clock.advance(RETRY_MS);
  assert.match(node.events.join('\n'), /can't start pod because PVC default\/data is being deleted/);
  await node.stop();
});

test('a folder of the built-in provisioner: made for every user, removed on request, and nothing else is', async () => {
  const node = await startTestNode();
  const path = `/volumes/${NAME}`;
  await bind(node, {
    volume: { hostPath: { path, type: 'DirectoryOrCreate' } },
    annotations: { [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER },
  });
  assert.equal(await runs(node), true);
  const { files } = node.system;
  assert.equal((await files.stat(path))?.mode, 0o777);
  assert.equal((await files.stat('/volumes'))?.mode, 0o700);
  await files.write(`${path}/kept`, 'data');
  for (const wrong of ['/volumes', '/', `${path}/..`, NAME, `/volumes/../${NAME}`])
    await assert.rejects(removeLocalPath(files, wrong), /is no folder of a volume/, wrong);
  assert.notEqual(await files.read(`${path}/kept`), undefined);
  await node.kubelet.operations.removeLocalPath(path, AbortSignal.timeout(1_000));
  assert.equal(await files.stat(path), undefined);
  await node.kubelet.operations.removeLocalPath(path, AbortSignal.timeout(1_000));
  await node.stop();
});
