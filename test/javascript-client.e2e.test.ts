/** The official JavaScript client: typed calls, an informer, server-side apply and exec. */

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import {
  AppsV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Status,
} from '@kubernetes/client-node';

import { startTestCluster, until } from './cluster.fixture.ts';

const cluster = await startTestCluster();
after(() => cluster.remove());
const config = new KubeConfig();
config.loadFromFile(cluster.kubeconfig);
const core = config.makeApiClient(CoreV1Api);

test('typed calls: create, read, list with a selector, replace, patch, delete', async () => {
  const namespace = 'default';
  const created = await core.createNamespacedConfigMap({
    namespace,
    body: { metadata: { name: 'one', labels: { a: 'b' } }, data: { k: 'v' } },
  });
  assert.equal(created.metadata?.namespace, namespace);
  const listed = await core.listNamespacedConfigMap({ namespace, labelSelector: 'a=b' });
  assert.deepEqual(
    listed.items.map((item) => item.metadata?.name),
    ['one'],
  );
  const replaced = await core.replaceNamespacedConfigMap({
    namespace,
    name: 'one',
    body: Object.assign(created, { data: { k: 'w' } }),
  });
  assert.deepEqual(replaced.data, { k: 'w' });
  const patched = await core.patchNamespacedConfigMap(
    { namespace, name: 'one', body: { data: { more: 'x' } } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  );
  assert.deepEqual(patched.data, { k: 'w', more: 'x' });
  await core.deleteNamespacedConfigMap({ namespace, name: 'one' });
  await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'one' }), { code: 404 });
});

test('an informer lists, then follows', async () => {
  const seen: string[] = [];
  const list = () => core.listNamespacedConfigMap({ namespace: 'default' });
  const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/default/configmaps', list);
  const note = (what: string) => (object: V1ConfigMap) => void seen.push(`${what} ${object.metadata?.name}`);
  informer.on('add', note('add'));
  informer.on('update', note('update'));
  informer.on('delete', note('delete'));
  await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'before' } } });
  await informer.start();
  await until(async () => seen.includes('add before'));
  await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'after' } } });
  const map = await core.readNamespacedConfigMap({ namespace: 'default', name: 'after' });
  await core.replaceNamespacedConfigMap({
    namespace: 'default',
    name: 'after',
    body: Object.assign(map, { data: { a: 'b' } }),
  });
  await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'after' });
  await until(async () => seen.includes('delete after'));
  await informer.stop();
  assert.deepEqual(
    seen.filter((event) => event.endsWith(' after')),
    ['add after', 'update after', 'delete after'],
  );
});

test('server-side apply through the object API', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const deployment = (image: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } },
    },
  });
  const apply = (image: string, manager: string, force: boolean) =>
    objects.patch(deployment(image), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
  await apply('web:1', 'one', false);
  await assert.rejects(apply('web:2', 'two', false), { code: 409 });
  await apply('web:2', 'two', true);
  const read = await config
    .makeApiClient(AppsV1Api)
    .readNamespacedDeployment({ namespace: 'default', name: 'web' });
  assert.equal(read.spec?.template.spec?.containers[0]?.image, 'web:2');
});

test('exec: output and exit code', async () => {
  const namespace = 'default';
  const pod = await until(async () => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
    // Pods of the image before are on their way out.
    return items.find(
      ({ status, spec }) => status?.phase === 'Running' && spec?.containers[0]?.image === 'web:2',
    );
  });
  const output = new PassThrough();
  let text = '';
  output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = await new Promise<V1Status>((resolve, reject) => {
    const command = ['sh', '-c', 'echo hello; exit 3'];
    new Exec(config)
      .exec(namespace, pod.metadata?.name ?? '', 'main', command, output, null, null, false, resolve)
      .catch(reject);
  });
  assert.equal(text, 'hello\n');
  assert.equal(status.status, 'Failure');
  assert.deepEqual(
    status.details?.causes?.map(({ reason, message }) => [reason, message]),
    [['ExitCode', '3']],
  );
});
