/**
 * The official test of [sig-api-machinery] Aggregator: another API server runs in the cluster, as a
 * Deployment behind a Service, with an etcd of its own, and is used through ours. The official image is not
 * there; `sample-api-server.ts` does what the test asks of it.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findBinary } from '../../../src/cmd/kubectl.ts';
import { createAuthority, issueCertificate } from '../../../src/pki/pki.ts';
import { run } from '../../cluster.fixture.ts';
import { each, type Fields } from '../api.fixture.ts';
import {
  BUSYBOX,
  eventually,
  NODE_MOUNTS,
  NODE_VOLUMES,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

const GROUP = 'wardle.example.com';
const API_SERVICE = `v1alpha1.${GROUP}`;
const SERVICE_PORT = 7443;
const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

let cluster: RealCluster;
before(async () => {
  cluster = await startContainers();
});
after(() => cluster.stop());

const flundersOf = (namespace: string): string => `/apis/${GROUP}/v1alpha1/namespaces/${namespace}/flunders`;
const flunder = (name: string): object => ({
  apiVersion: `${GROUP}/v1alpha1`,
  kind: 'Flunder',
  metadata: { name, labels: { 'sample-label': 'true' } },
});
const named = (object: Fields): string => `${object.metadata?.name}`;

async function kubectl(words: readonly string[], input?: object): Promise<string> {
  const environment = {
    KUBECONFIG: join(cluster.folder, 'admin.kubeconfig'),
    KUBECACHEDIR: join(cluster.folder, 'cache'),
  };
  const { exitCode, stdout, stderr } = await run([await findBinary('kubectl'), ...words], {
    environment,
    ...(input === undefined ? {} : { input: JSON.stringify(input) }),
  });
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

/** The server and its etcd, from this machine's programs. */
function deployment(): object {
  const labels = { app: 'sample-apiserver', apiserver: 'true' };
  const server = {
    name: 'sample-apiserver',
    image: BUSYBOX,
    command: ['/node', '/program/sample-api-server.ts'],
    volumeMounts: [
      ...NODE_MOUNTS,
      { name: 'program', mountPath: '/program' },
      { name: 'apiserver-certs', mountPath: '/apiserver.local.config/certificates', readOnly: true },
    ],
    readinessProbe: {
      httpGet: { scheme: 'HTTPS', port: 443, path: '/readyz' },
      periodSeconds: 1,
      failureThreshold: 3,
    },
  };
  const url = 'http://127.0.0.1:2379';
  const etcd = {
    name: 'etcd',
    image: BUSYBOX,
    command: [
      '/etcd',
      '--data-dir',
      '/tmp/etcd',
      '--listen-client-urls',
      url,
      '--advertise-client-urls',
      url,
    ],
    volumeMounts: [...NODE_MOUNTS, { name: 'etcd', mountPath: '/etcd', readOnly: true }],
  };
  const volumes = [
    ...NODE_VOLUMES,
    { name: 'program', configMap: { name: 'program' } },
    { name: 'apiserver-certs', secret: { secretName: 'sample-apiserver-secret' } },
    { name: 'etcd', hostPath: { path: '/usr/bin/etcd', type: 'File' } },
  ];
  return {
    metadata: { name: 'sample-apiserver-deployment', labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [server, etcd], volumes },
      },
    },
  };
}

/** What the server may: look whom to trust, and ask what others may. */
async function grant(namespace: string): Promise<void> {
  const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace }];
  const apiGroup = 'rbac.authorization.k8s.io';
  await cluster.post(`${RBAC}/clusterrolebindings`, {
    metadata: { name: `wardler:${namespace}:auth-delegator` },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects,
  });
  await cluster.post(`${RBAC}/namespaces/kube-system/rolebindings`, {
    metadata: { name: `wardler-auth-reader-${namespace}` },
    roleRef: { apiGroup, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
    subjects,
  });
}

/** Everything up to the APIService; the authority of the server's certificate. */
async function setUp(namespace: string): Promise<string> {
  const name = namespace.slice(namespace.lastIndexOf('/') + 1);
  const nowMs = Date.now();
  const authority = createAuthority('e2e-server-cert-ca', nowMs, 1);
  const host = `sample-api.${name}.svc`;
  const certificate = issueCertificate(authority, {
    commonName: host,
    hosts: [host],
    usage: 'server',
    nowMs,
    validDays: 1,
  });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const data = { 'tls.crt': base64(certificate.certificatePem), 'tls.key': base64(certificate.keyPem) };
  await cluster.post(`${namespace}/secrets`, { metadata: { name: 'sample-apiserver-secret' }, data });
  const source = readFileSync(join(import.meta.dirname, 'sample-api-server.ts'), 'utf8');
  await cluster.post(`${namespace}/configmaps`, {
    metadata: { name: 'program' },
    data: { 'sample-api-server.ts': source },
  });
  await grant(name);
  const deployments = namespace.replace('/api/v1/', '/apis/apps/v1/');
  await cluster.post(`${deployments}/deployments`, deployment());
  await cluster.post(`${namespace}/services`, {
    metadata: { name: 'sample-api', labels: { test: 'aggregator' } },
    spec: {
      selector: { apiserver: 'true' },
      ports: [{ protocol: 'TCP', port: SERVICE_PORT, targetPort: 443 }],
    },
  });
  await eventually(async () => {
    const { status } = await cluster.get(`${deployments}/deployments/sample-apiserver-deployment`);
    const { availableReplicas, updatedReplicas, replicas } = status ?? {};
    assert.deepEqual([availableReplicas, updatedReplicas, replicas].map(Number), [1, 1, 1]);
  });
  await cluster.post(API_SERVICES, {
    metadata: { name: API_SERVICE },
    spec: {
      service: { namespace: name, name: 'sample-api', port: SERVICE_PORT },
      group: GROUP,
      version: 'v1alpha1',
      caBundle: base64(authority.certificatePem),
      groupPriorityMinimum: 2000,
      versionPriority: 200,
    },
  });
  await eventually(() => cluster.get(flundersOf('default')));
  return name;
}

/** By hand: create, list, delete, list. */
async function usedByHand(): Promise<void> {
  const path = flundersOf('default');
  const made = await cluster.post(path, flunder('rest-flunder'));
  assert.deepEqual([made['apiVersion'], made['kind'], named(made)].map(String), [
    `${GROUP}/v1alpha1`,
    'Flunder',
    'rest-flunder',
  ]);
  assert.deepEqual(each((await cluster.get(path)).items).map(named), ['rest-flunder']);
  await cluster.delete(`${path}/rest-flunder`);
  assert.deepEqual(each((await cluster.get(path)).items), []);
}

/** By clients that find out first what there is. */
async function usedByDiscovery(name: string): Promise<void> {
  await eventually(async () => {
    assert.match(await kubectl(['api-resources', '-o', 'name']), /^flunders\.wardle\.example\.com$/m);
  });
  await kubectl(['create', '-n', name, '-f', '-', '--validate=false'], flunder('dynamic-flunder'));
  const shown = `flunder.${GROUP}/dynamic-flunder\n`;
  assert.equal(await kubectl(['get', 'flunders', '-n', name, '-o', 'name']), shown);
}

interface Condition {
  readonly type: string;
  readonly message: string;
}
const statusPath = `${API_SERVICES}/${API_SERVICE}/status`;
const conditionsOf = ({ status }: Fields): readonly Condition[] =>
  each(status?.conditions) as unknown as readonly Condition[];
const has = async (type: string, message: string): Promise<boolean> =>
  conditionsOf(await cluster.get(statusPath)).some((own) => own.type === type && own.message === message);

/** Writes what it makes of the object as it is, once more when somebody was faster. */
async function update(path: string, change: (now: Fields) => object): Promise<Fields> {
  return eventually(async () => cluster.put(path, change(await cluster.get(path))));
}

async function apiServiceIsAnObject(): Promise<void> {
  const before = await cluster.get(statusPath);
  assert.equal(conditionsOf(before)[0]?.message, 'all checks passed');
  const patched = await cluster.patch(`${API_SERVICES}/${API_SERVICE}`, { spec: { versionPriority: 400 } });
  assert.equal(Number((patched.spec as unknown as { versionPriority: number }).versionPriority), 400);
  const version = ({ metadata }: Fields): number => Number(metadata?.resourceVersion);
  assert.ok(version(patched) > version(before));
  assert.ok(
    each((await cluster.get(API_SERVICES)).items)
      .map(named)
      .includes(API_SERVICE),
  );
  const labels = { 'e2e-apiservice': 'patched' };
  await cluster.patch(`${API_SERVICES}/${API_SERVICE}`, { metadata: { labels } }, 'strategic');
  const set = { type: 'StatusUpdated', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  await update(statusPath, (now) => ({ ...now, status: { conditions: [...conditionsOf(now), set] } }));
  assert.ok(await has('StatusUpdated', 'Set from e2e test'));
  const replaced = await update(`${API_SERVICES}/${API_SERVICE}`, (now) => ({
    ...now,
    metadata: { ...now.metadata, labels: { [API_SERVICE]: 'updated' } },
  }));
  assert.deepEqual(replaced.metadata?.labels, { [API_SERVICE]: 'updated' });
}

async function deletedAndMadeAgain(name: string): Promise<void> {
  await kubectl(['delete', 'flunder', 'dynamic-flunder', '-n', name]);
  assert.deepEqual(each((await cluster.get(flundersOf(name))).items), []);
  await kubectl(['create', '-n', name, '-f', '-', '--validate=false'], flunder('dynamic-flunder'));
  assert.deepEqual(each((await cluster.get(flundersOf(name))).items).map(named), ['dynamic-flunder']);
}

/** Who may not does not get through, nobody else is believed, and a namespace takes its flunders along. */
async function beyondTheOfficialTest(name: string): Promise<void> {
  const stranger = ['get', 'flunders', '-n', name, '--as', 'stranger'];
  await assert.rejects(kubectl(stranger), /User "stranger" cannot list resource "flunders"/);
  const proxy = `/api/v1/namespaces/${name}/services/https:sample-api:${SERVICE_PORT}/proxy`;
  await assert.rejects(cluster.get(`${proxy}/apis/${GROUP}/v1alpha1`), /401 .*Unauthorized/s);
  await cluster.namespace('flunders-only');
  await cluster.post(flundersOf('flunders-only'), flunder('forgotten'));
  await cluster.delete('/api/v1/namespaces/flunders-only');
  await eventually(() => assert.rejects(cluster.get('/api/v1/namespaces/flunders-only'), /not found/));
  assert.deepEqual(each((await cluster.get(flundersOf('flunders-only'))).items), []);
}

test('Aggregator Should be able to support the 1.17 Sample API Server using the current Aggregator', async () => {
  const namespace = await cluster.namespace('aggregator');
  const name = await setUp(namespace);
  await usedByHand();
  await usedByDiscovery(name);
  await apiServiceIsAnObject();
  await deletedAndMadeAgain(name);
  const patched = { type: 'StatusPatched', status: 'True', reason: 'E2E', message: 'Set by e2e test' };
  const conditions = [...conditionsOf(await cluster.get(statusPath)), patched];
  await cluster.patch(statusPath, { status: { conditions } });
  assert.ok(await has('StatusPatched', 'Set by e2e test'));

  await beyondTheOfficialTest(name);

  const selected = `${API_SERVICES}?labelSelector=${API_SERVICE}%3Dupdated`;
  assert.deepEqual(each((await cluster.get(selected)).items).map(named), [API_SERVICE]);
  await cluster.delete(selected);
  await cluster.list(selected, (items) => items.length === 0);
  await eventually(() =>
    assert.rejects(cluster.get(flundersOf(name)), /could not find the requested resource/),
  );
});
