/**
 * Stock Helm: a chart with a kind of its own, hooks, a lookup and `--wait`, from its installation over an upgrade
 * and a rollback to its removal.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { findBinary } from '../src/cmd/kubectl.ts';
import { run, startTestCluster } from './cluster.fixture.ts';

const cluster = await startTestCluster(['--nodes', '2']);
after(() => cluster.remove());
const { ok, fails } = cluster;
const binary = await findBinary('helm');
const CHART = join(import.meta.dirname, 'charts/shop');

async function helm(...args: string[]): Promise<string> {
  const home = {
    HELM_CACHE_HOME: join(cluster.folder, 'helm'),
    HELM_CONFIG_HOME: join(cluster.folder, 'helm'),
    HELM_DATA_HOME: join(cluster.folder, 'helm'),
  };
  const outcome = await run([binary, ...args], { environment: { KUBECONFIG: cluster.kubeconfig, ...home } });
  if (outcome.exitCode === 0) return outcome.stdout;
  throw new Error(`helm ${args.join(' ')} (${outcome.exitCode}): ${outcome.stderr}${outcome.stdout}`);
}

const config = (): Promise<string> =>
  ok(['get', 'configmap', 'tea-config', '-o', 'jsonpath={.data.GREETING}/{.data.TOKEN_WAS_THERE}']);
const replicas = (): Promise<string> =>
  ok(['get', 'deploy', 'tea-web', '-o', 'jsonpath={.status.availableReplicas}']);

test('it is Helm 4', async () => assert.match(await helm('version', '--short'), /^v4\./));

test('install --wait: the kind of the chart, its object, hooks first, everything available', async () => {
  const said = await helm('install', 'tea', CHART, '--wait', '--timeout', '60s');
  assert.match(said, /STATUS: deployed/);
  assert.equal(await replicas(), '2');
  assert.equal(await ok(['get', 'order', 'tea-first', '-o', 'jsonpath={.spec.item}/{.spec.count}']), 'tea/1');
  assert.equal(await ok(['get', 'configmap', 'tea-before', '-o', 'jsonpath={.data.revision}']), '1');
  assert.equal(await config(), 'hello/no');
  assert.match(await helm('list'), /^tea\s+default\s+1\s+.*deployed\s+shop-1\.0\.0/m);
});

test('upgrade: changed values roll out, a lookup sees the cluster', async () => {
  await ok(['create', 'secret', 'generic', 'shop-token', '--from-literal=a=b']);
  await helm('upgrade', 'tea', CHART, '--set', 'replicas=3,greeting=good day', '--wait', '--timeout', '60s');
  assert.equal(await replicas(), '3');
  assert.equal(await config(), 'good day/yes');
  assert.equal(await ok(['get', 'configmap', 'tea-before', '-o', 'jsonpath={.data.revision}']), '2');
  assert.match(await helm('history', 'tea'), /1\s+.*superseded[^]*2\s+.*deployed/);
});

test('a change by hand is a conflict until it is taken by force; rollback goes back', async () => {
  await ok(['scale', 'deploy/tea-web', '--replicas=5']);
  await helm('rollback', 'tea', '1', '--wait', '--timeout', '60s', '--force-conflicts');
  assert.equal(await config(), 'hello/no');
  assert.equal(await ok(['get', 'deploy', 'tea-web', '-o', 'jsonpath={.spec.replicas}']), '2');
  assert.match(await helm('get', 'values', 'tea'), /null/);
});

test('upgrade --install on the server in dry-run changes nothing', async () => {
  const before = await ok(['get', 'deploy', 'tea-web', '-o', 'jsonpath={.metadata.resourceVersion}']);
  assert.match(
    await helm('upgrade', '--install', 'tea', CHART, '--set', 'replicas=9', '--dry-run=server'),
    /replicas: 9/,
  );
  assert.equal(await ok(['get', 'deploy', 'tea-web', '-o', 'jsonpath={.metadata.resourceVersion}']), before);
});

test('uninstall --wait removes everything but the kind', async () => {
  assert.match(await helm('uninstall', 'tea', '--wait', '--timeout', '60s'), /release "tea" uninstalled/);
  assert.match(await fails(['get', 'deploy', 'tea-web']), /NotFound/);
  assert.equal(await ok(['get', 'orders', '-o', 'name']), '');
  assert.equal(await ok(['get', 'configmap', 'tea-gone', '-o', 'name']), 'configmap/tea-gone\n');
  assert.equal(
    await ok(['get', 'crd', 'orders.shop.example.com', '-o', 'name']),
    'customresourcedefinition.apiextensions.k8s.io/orders.shop.example.com\n',
  );
  assert.doesNotMatch(await helm('list', '--all-namespaces'), /tea/);
});
