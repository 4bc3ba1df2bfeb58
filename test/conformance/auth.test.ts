/** Official tests of [sig-auth]. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { createAuthority } from '../../src/pki/pki.ts';
import { supportsOperations } from './api-operations.fixture.ts';
import { each, includes, nameOf, refusal, Refused, startApi, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 1 });
});
after(() => api.cluster.stop());

const core = async (name: string): Promise<string> => `/api/v1/namespaces/${await api.namespace(name)}`;

const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHaMIGBAgEAMB8xHTAbBgNVBAMMFGUyZS10ZXN0LmV4YW1wbGUuY29tMFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAEBnzYBOfeu7anDthgj5gv2TIJ8f2I/Wu9okgL
PCBYSlfSi4dmrJ3fjqk9IPEWO4goOh8Osh+fa87wBOr7vlMEfKAAMAoGCCqGSM49
BAMCA0gAMEUCIQDkgxnmlmP7wE8JQJ9ht/LXH/XfLT05TsGlo+hrsUE48AIgCn3a
4ynQNkG8/37BEKLdd6E2bZPy0/eyrNVyf48skz8=
-----END CERTIFICATE REQUEST-----
`;
const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

test('Certificates API [Privileged:ClusterAdmin] should support CSR API operations', async () => {
  const spec = {
    request: Buffer.from(CSR).toString('base64'),
    signerName: 'example.com/e2e-signer',
    usages: ['digital signature', 'key encipherment', 'server auth'],
    expirationSeconds: 3600,
  };
  await supportsOperations(api, {
    groupVersion: 'certificates.k8s.io/v1',
    plural: 'certificatesigningrequests',
    kind: 'CertificateSigningRequest',
    object: () => ({ spec }),
  });
  const url = `${REQUESTS}/csr`;
  await api.post(REQUESTS, { metadata: { name: 'csr' }, spec });
  const ours = `${REQUESTS}?fieldSelector=${encodeURIComponent('spec.signerName=example.com/e2e-signer')}`;
  assert.deepEqual((await api.list(ours)).map(nameOf), ['csr']);
  includes(await api.get(`${url}/approval`), {
    kind: 'CertificateSigningRequest',
    metadata: { name: 'csr' },
  });
  const approval = await api.patch(`${url}/approval`, {
    metadata: { annotations: { patchedapproval: 'true' } },
    status: { conditions: [{ type: 'ApprovalPatch', status: 'True', reason: 'e2e' }] },
  });
  includes(approval, { metadata: { annotations: { patchedapproval: 'true' } } });
  assert.deepEqual(typesIn(approval), ['ApprovalPatch']);
  const condition = { status: 'True', reason: 'E2E', message: 'Set from an e2e test' };
  const added = (object: Fields, type: string): object => ({
    ...object,
    status: { ...object.status, conditions: [...each(object.status?.conditions), { ...condition, type }] },
  });
  assert.deepEqual(typesIn(await api.put(`${url}/approval`, added(approval, 'Approved'))), [
    'ApprovalPatch',
    'Approved',
  ]);
  const { certificatePem } = createAuthority('e2e.example.com', api.cluster.clock.now(), 1);
  const certificate = Buffer.from(certificatePem).toString('base64');
  const patched = await api.patch(`${url}/status`, {
    metadata: { annotations: { patchedstatus: 'true' } },
    status: { certificate },
  });
  includes(patched, { metadata: { annotations: { patchedstatus: 'true' } }, status: { certificate } });
  const updated = await api.change(`${url}/status`, (object) => added(object, 'StatusUpdate'));
  assert.equal(typesIn(updated).at(-1), 'StatusUpdate');
  await api.delete(ours);
  assert.deepEqual(await api.list(ours), []);
});

const typesIn = ({ status }: Fields): readonly unknown[] => each(status?.conditions).map(({ type }) => type);

const tokenOf = async (url: string, spec: object = {}): Promise<string> =>
  String(
    (await api.post(`${url}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }))
      .status?.token,
  );

test('ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer', async () => {
  const accounts = `${await core('issuer')}/serviceaccounts`;
  const discovery = JSON.parse((await api.ask('GET', '/.well-known/openid-configuration')).text) as Fields;
  const keys = JSON.parse((await api.ask('GET', '/openid/v1/jwks')).text) as JSONWebKeySet;
  const token = await tokenOf(`${accounts}/default`, {
    audiences: ['oidc-discovery-test'],
    expirationSeconds: 600,
  });
  const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
    issuer: String(discovery.issuer),
    audience: 'oidc-discovery-test',
    currentDate: new Date(api.cluster.clock.now()),
  });
  assert.equal(payload.sub, 'system:serviceaccount:issuer:default');
  assert.ok(String(discovery.jwks_uri).endsWith('/openid/v1/jwks'));
});

test('ServiceAccounts should allow opting out of API token automount', async () => {
  const at = await core('automount');
  const accounts: Readonly<Record<string, object>> = {
    default: {},
    mount: { automountServiceAccountToken: true },
    nomount: { automountServiceAccountToken: false },
  };
  for (const [name, fields] of Object.entries(accounts))
    if (name !== 'default') await api.post(`${at}/serviceaccounts`, { metadata: { name }, ...fields });
  const expected: readonly (readonly [string, boolean | undefined, boolean])[] = [
    ['default', undefined, true],
    ['default', true, true],
    ['default', false, false],
    ['mount', undefined, true],
    ['mount', true, true],
    ['mount', false, false],
    ['nomount', undefined, false],
    ['nomount', true, true],
    ['nomount', false, false],
  ];
  for (const [serviceAccountName, automount, isMounted] of expected) {
    const spec = { serviceAccountName, containers: [{ name: 'c', image: 'i' }] };
    const own = automount === undefined ? {} : { automountServiceAccountToken: automount };
    const pod = await api.post(`${at}/pods`, {
      metadata: { generateName: 'pod-' },
      spec: { ...spec, ...own },
    });
    const mounts = each(each(pod.spec?.containers)[0]?.volumeMounts).map(({ mountPath }) =>
      String(mountPath),
    );
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    assert.equal(mounts.includes(folder), isMounted, `${serviceAccountName} ${automount}`);
  }
});

test('ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview', async () => {
  const accounts = `${await core('token-review')}/serviceaccounts`;
  const account = await api.post(accounts, { metadata: { name: 'e2e-sa' } });
  const token = await tokenOf(`${accounts}/e2e-sa`);
  const review = await api.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } });
  includes(review.status, {
    authenticated: true,
    user: { username: 'system:serviceaccount:token-review:e2e-sa', uid: account.metadata?.uid },
  });
  assert.equal(review.status?.error, undefined);
});

test('ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace', async () => {
  const url = `${await core('root-ca')}/configmaps/kube-root-ca.crt`;
  const first = await api.eventually(() => api.get(url));
  assert.match(String(first.data?.['ca.crt']), /BEGIN CERTIFICATE/);
  await api.delete(url);
  const again = await api.eventually(() => api.get(url));
  assert.deepEqual(again.data, first.data);
  await api.change(url, (map) => ({ ...map, data: { 'ca.crt': '' } }));
  await api.eventually(async () => assert.deepEqual((await api.get(url)).data, first.data));
});

test('ServiceAccounts should run through the lifecycle of a ServiceAccount', async () => {
  const accounts = `${await core('accounts')}/serviceaccounts`;
  const labels = { 'test-serviceaccount-static': 'true' };
  const selector = 'labelSelector=test-serviceaccount-static%3Dtrue';
  const watch = api.watch(`${accounts}?${selector}`);
  await api.post(accounts, { metadata: { name: 'testserviceaccount', labels } });
  await api.patch(`${accounts}/testserviceaccount`, { automountServiceAccountToken: false }, 'strategic');
  const [listed] = await api.list(`/api/v1/serviceaccounts?${selector}`);
  includes(listed, { metadata: { name: 'testserviceaccount' }, automountServiceAccountToken: false });
  await api.delete(`${accounts}?${selector}`);
  await api.eventually(() =>
    assert.deepEqual(watch.seen(), [
      'ADDED testserviceaccount',
      'MODIFIED testserviceaccount',
      'DELETED testserviceaccount',
    ]),
  );
  watch.stop();
});

test('ServiceAccounts should update a ServiceAccount', async () => {
  const accounts = `${await core('account-update')}/serviceaccounts`;
  await api.post(accounts, { metadata: { name: 'e2e-sa' } });
  assert.equal((await api.get(`${accounts}/e2e-sa`)).automountServiceAccountToken, undefined);
  const updated = await api.change(`${accounts}/e2e-sa`, (account) => ({
    ...account,
    automountServiceAccountToken: true,
  }));
  assert.equal(updated.automountServiceAccountToken, true);
});

test('SubjectReview should support SubjectReview API operations', async () => {
  const accounts = `${await core('subjects')}/serviceaccounts`;
  const account = await api.post(accounts, { metadata: { name: 'e2e' } });
  const user = `system:serviceaccount:subjects:${nameOf(account)}`;
  const resourceAttributes = { verb: 'list', resource: 'configmaps', version: 'v1', namespace: 'subjects' };
  const spec = { resourceAttributes, user };
  const authorization = '/apis/authorization.k8s.io/v1';
  const review = await api.post(`${authorization}/subjectaccessreviews`, { spec });
  assert.equal(review.status?.allowed, false);
  // As the official test does, whoever is asked about tries it.
  const denied = await refusal(asUser(user).get('/api/v1/namespaces/subjects/configmaps'));
  assert.equal(denied.code, 403);
  const local = await api.post(`${authorization}/namespaces/subjects/localsubjectaccessreviews`, {
    metadata: { namespace: 'subjects' },
    spec,
  });
  assert.equal(local.status?.allowed, false);
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/subjects';
  await api.post(`${rbac}/roles`, { metadata: { name: 'reader' }, rules });
  await api.post(`${rbac}/rolebindings`, {
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace: 'subjects' }],
  });
  await api.eventually(async () => {
    assert.equal((await api.post(`${authorization}/subjectaccessreviews`, { spec })).status?.allowed, true);
    await asUser(user).get('/api/v1/namespaces/subjects/configmaps');
  });
});

/** By impersonation. */
function asUser(user: string): { readonly get: (url: string) => Promise<Fields> } {
  return {
    get: async (url) => {
      const { status, text } = await api.ask('GET', url, { headers: { 'impersonate-user': user } });
      return status < 300 ? (JSON.parse(text) as Fields) : Promise.reject(new Refused(url, status, text));
    },
  };
}
