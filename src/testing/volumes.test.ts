/** Volumes from the claim to the running pod: classes, binder, provisioner, scheduler and nodes together. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { statefulSets } from '../api/groups/apps/stateful-set/stateful-set.ts';
import { persistentVolumeClaims } from '../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../api/groups/core/persistent-volume/persistent-volume.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { storageClasses } from '../api/groups/storage/storage-class/storage-class.ts';
import type { Draft } from '../api/meta/object.ts';
import type { PersistentVolumeClaimSpec, PodTemplateSpec } from '../api/types.gen.ts';
import { startCluster } from './start-cluster.ts';

type Cluster = Awaited<ReturnType<typeof startCluster>>;

const place = (name: string) => ({ name, namespace: 'default' });
const WISH: Draft<PersistentVolumeClaimSpec> = {
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
};

/** Its one container has the volume `data`; what that is stands in `volumes`. */
function template(app: string, volumes: Draft<PodTemplateSpec>['spec'] = {}): Draft<PodTemplateSpec> {
  const container = { name: 'main', image: `${app}:1`, volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  return { metadata: { labels: { app } }, spec: { containers: [container], ...volumes } };
}

async function running({ client }: Cluster, app: string): Promise<readonly (string | undefined)[]> {
  const { items } = await client.list(pods, { labelSelector: `app=${app}` });
  return items.filter(({ status }) => status.phase === 'Running').map(({ metadata }) => metadata.name);
}

/** `claim phase` of all claims. */
async function claims({ client }: Cluster): Promise<readonly string[]> {
  const { items } = await client.list(persistentVolumeClaims);
  return items.map(({ metadata, status }) => `${metadata.name ?? ''} ${status.phase ?? ''}`).toSorted();
}

test('a StatefulSet gets its storage from the default class, keeps it, and lets it go', async () => {
  const cluster = await startCluster({ nodes: 2 });
  await cluster.settle();
  const { client, clock } = cluster;
  const selector = { matchLabels: { app: 'db' } };
  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: WISH }];
  await client.create(statefulSets, {
    metadata: place('db'),
    spec: { replicas: 2, serviceName: 'db', selector, template: template('db'), volumeClaimTemplates },
  });
  await clock.advance('2m');
  assert.deepEqual(await claims(cluster), ['data-db-0 Bound', 'data-db-1 Bound']);
  assert.deepEqual(await running(cluster, 'db'), ['db-0', 'db-1']);
  const before = await client.get(persistentVolumeClaims, place('data-db-0'));
  assert.equal(before.spec.storageClassName, 'standard');
  const volume = await client.get(persistentVolumes, { name: before.spec.volumeName ?? '' });
  const home = (await client.get(pods, place('db-0'))).spec.nodeName;

  await client.delete(pods, place('db-0'));
  await clock.advance('2m');
  assert.deepEqual(await running(cluster, 'db'), ['db-0', 'db-1']);
  assert.equal((await client.get(pods, place('db-0'))).spec.nodeName, home, 'the pod goes where its data is');

  await client.delete(persistentVolumeClaims, place('data-db-0'));
  await clock.advance('1m');
  assert.deepEqual(await claims(cluster), ['data-db-0 Bound', 'data-db-1 Bound'], 'in use');
  await client.delete(statefulSets, place('db'));
  await clock.advance('2m');
  assert.deepEqual(await claims(cluster), ['data-db-1 Bound']);
  const { items } = await client.list(persistentVolumes);
  assert.deepEqual(
    items.filter(({ metadata }) => metadata.name === volume.metadata.name),
    [],
  );
  await cluster.stop();
});

test('a Deployment with a claim, an ephemeral volume, and a class that binds at once', async () => {
  const cluster = await startCluster({ nodes: 2 });
  await cluster.settle();
  const { client, clock } = cluster;
  await client.create(storageClasses, {
    metadata: { name: 'by-hand' },
    provisioner: 'kubernetes.io/no-provisioner',
  });
  await client.create(persistentVolumes, {
    metadata: { name: 'nfs-like' },
    spec: {
      capacity: { storage: '5Gi' },
      accessModes: ['ReadWriteMany'],
      storageClassName: 'by-hand',
      hostPath: { path: '/shared', type: 'DirectoryOrCreate' },
    },
  });
  await client.create(persistentVolumeClaims, {
    metadata: place('shared'),
    spec: { ...WISH, accessModes: ['ReadWriteMany'], storageClassName: 'by-hand' },
  });
  await cluster.settle();
  assert.deepEqual(await claims(cluster), ['shared Bound']);
  const apps = {
    web: { persistentVolumeClaim: { claimName: 'shared' } },
    worker: { ephemeral: { volumeClaimTemplate: { spec: WISH } } },
  };
  for (const [app, source] of Object.entries(apps))
    await client.create(deployments, {
      metadata: place(app),
      spec: {
        replicas: 2,
        selector: { matchLabels: { app } },
        template: template(app, { volumes: [{ name: 'data', ...source }] }),
      },
    });
  await clock.advance('2m');
  assert.equal((await running(cluster, 'web')).length, 2);
  assert.equal((await running(cluster, 'worker')).length, 2);
  assert.equal((await claims(cluster)).length, 3);
  await client.delete(deployments, place('worker'));
  await clock.advance('2m');
  assert.deepEqual(await claims(cluster), ['shared Bound'], 'ephemeral volumes go with their pods');
  const { items } = await client.list(persistentVolumes);
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['nfs-like'],
  );
  await cluster.stop();
});
