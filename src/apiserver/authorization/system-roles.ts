/** The roles of the system's own parts and of everybody who asks (upstream's `bootstrappolicy`). Data. */

import { NODE_RULES } from './node-rules.ts';
import { account, group, paths, READ, rule, user, type BindingSpec, type RoleSpec } from './role-spec.ts';

/** Where a joining machine asks for its certificates; see `authentication/node-bootstrap.ts`. */
export const NODE_BOOTSTRAP_PATH = '/k8ts/v1/node-bootstrap';

/** kubeadm's: a machine that is about to join is nobody yet. */
const CLUSTER_INFO_ROLE = 'kubeadm:bootstrap-signer-clusterinfo';

const HEALTH = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...HEALTH];
const EVENT_RULES = [
  rule('', ['create', 'patch', 'update'], ['events']),
  rule('events.k8s.io', ['create', 'patch', 'update'], ['events']),
];

export const SYSTEM_ROLES: readonly RoleSpec[] = [
  { name: 'cluster-admin', rules: [rule('*', ['*'], ['*']), paths(['*'], ['*'])] },
  { name: 'system:discovery', rules: [paths(['get'], DISCOVERY)] },
  { name: 'system:public-info-viewer', rules: [paths(['get'], HEALTH)] },
  {
    name: 'system:basic-user',
    rules: [
      rule('authorization.k8s.io', ['create'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']),
      rule('authentication.k8s.io', ['create'], ['selfsubjectreviews']),
    ],
  },
  {
    name: 'system:monitoring',
    rules: [
      paths(
        ['get'],
        ['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz', '/readyz/*'],
      ),
    ],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      paths(
        ['get'],
        [
          '/.well-known/openid-configuration',
          '/.well-known/openid-configuration/',
          '/openid/v1/jwks',
          '/openid/v1/jwks/',
        ],
      ),
    ],
  },
  { name: 'system:node', rules: NODE_RULES },
  {
    name: 'system:node-bootstrapper',
    rules: [
      rule('certificates.k8s.io', ['create', ...READ], ['certificatesigningrequests']),
      paths(['post'], [NODE_BOOTSTRAP_PATH]),
    ],
  },
  {
    name: 'system:node-proxier',
    rules: [
      rule('', ['list', 'watch'], ['endpoints', 'services']),
      rule('', READ, ['nodes']),
      rule('discovery.k8s.io', ['list', 'watch'], ['endpointslices']),
      rule('networking.k8s.io', ['list', 'watch'], ['servicecidrs']),
      ...EVENT_RULES,
    ],
  },
  {
    name: 'system:node-problem-detector',
    rules: [rule('', ['get'], ['nodes']), rule('', ['patch'], ['nodes/status']), ...EVENT_RULES],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      rule('', READ, ['nodes']),
      rule('', ['proxy'], ['nodes']),
      rule('', ['*'], ['nodes/log', 'nodes/metrics', 'nodes/proxy', 'nodes/stats']),
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      rule('authentication.k8s.io', ['create'], ['tokenreviews']),
      rule('authorization.k8s.io', ['create'], ['subjectaccessreviews']),
    ],
  },
  {
    name: 'system:kube-dns',
    rules: [rule('', ['list', 'watch'], ['endpoints', 'services'])],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      rule('', ['create', 'delete', ...READ], ['persistentvolumes']),
      rule('', [...READ, 'update'], ['persistentvolumeclaims']),
      rule('storage.k8s.io', READ, ['storageclasses']),
      rule('', ['watch'], ['events']),
      ...EVENT_RULES,
    ],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      ...EVENT_RULES,
      rule('coordination.k8s.io', ['create', 'list', 'watch'], ['leases']),
      rule('coordination.k8s.io', ['get', 'update'], ['leases'], ['kube-scheduler']),
      rule('', READ, ['nodes']),
      rule('', ['delete', ...READ], ['pods']),
      rule('', ['create'], ['bindings', 'pods/binding']),
      rule('', ['patch', 'update'], ['pods/status']),
      rule('', READ, [
        'namespaces',
        'persistentvolumeclaims',
        'persistentvolumes',
        'replicationcontrollers',
        'services',
      ]),
      rule('apps', READ, ['replicasets', 'statefulsets']),
      rule('policy', READ, ['poddisruptionbudgets']),
      rule('scheduling.k8s.io', READ, ['priorityclasses', 'podgroups']),
      rule('scheduling.k8s.io', ['patch', 'update'], ['podgroups/status']),
      rule('storage.k8s.io', READ, [
        'csidrivers',
        'csinodes',
        'csistoragecapacities',
        'storageclasses',
        'volumeattachments',
      ]),
      rule('resource.k8s.io', READ, ['deviceclasses', 'resourceslices']),
      rule('resource.k8s.io', [...READ, 'patch', 'update'], ['resourceclaims', 'resourceclaims/status']),
      // For the extended resources of pods.
      rule('resource.k8s.io', ['create', 'delete'], ['resourceclaims']),
      rule('authentication.k8s.io', ['create'], ['tokenreviews']),
      rule('authorization.k8s.io', ['create'], ['subjectaccessreviews']),
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      rule('', [...READ, 'patch', 'update'], ['persistentvolumes']),
      rule('', [...READ, 'patch', 'update'], ['persistentvolumeclaims']),
      rule('storage.k8s.io', READ, ['storageclasses']),
    ],
  },
  {
    name: 'system:kube-controller-manager',
    rules: [
      ...EVENT_RULES,
      rule('coordination.k8s.io', ['create', 'get', 'list', 'update', 'watch'], ['leases']),
      rule('', ['create'], ['secrets', 'serviceaccounts']),
      rule('', ['delete'], ['secrets']),
      rule('', ['get'], ['configmaps', 'namespaces', 'secrets', 'serviceaccounts']),
      rule('', ['update'], ['secrets', 'serviceaccounts']),
      rule('', ['create'], ['serviceaccounts/token']),
      rule('authentication.k8s.io', ['create'], ['tokenreviews']),
      rule('authorization.k8s.io', ['create'], ['subjectaccessreviews']),
      rule('*', ['list', 'watch'], ['*']),
    ],
  },
  {
    name: 'extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    rules: [rule('', READ, ['configmaps'], ['extension-apiserver-authentication'])],
  },
  {
    name: 'system::leader-locking-kube-scheduler',
    namespace: 'kube-system',
    rules: [
      rule('', ['watch'], ['configmaps']),
      rule('', ['get', 'update'], ['configmaps'], ['kube-scheduler']),
    ],
  },
  {
    name: 'system::leader-locking-kube-controller-manager',
    namespace: 'kube-system',
    rules: [
      rule('', ['watch'], ['configmaps']),
      rule('', ['get', 'update'], ['configmaps'], ['kube-controller-manager']),
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: [rule('certificates.k8s.io', ['create'], ['certificatesigningrequests/nodeclient'])],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: [rule('certificates.k8s.io', ['create'], ['certificatesigningrequests/selfnodeclient'])],
  },
  ...['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'].map(
    (signer) => ({
      name: `system:certificates.k8s.io:${signer}-approver`,
      rules: [rule('certificates.k8s.io', ['approve'], ['signers'], [`kubernetes.io/${signer}`])],
    }),
  ),
  { name: 'system:kube-aggregator', rules: [rule('', READ, ['endpoints', 'services'])] },
  {
    name: 'system:heapster',
    rules: [rule('', READ, ['events', 'namespaces', 'nodes', 'pods']), rule('apps', READ, ['deployments'])],
  },
  {
    name: 'system:cluster-trust-bundle-discovery',
    rules: [rule('certificates.k8s.io', READ, ['clustertrustbundles'])],
  },
  {
    name: CLUSTER_INFO_ROLE,
    namespace: 'kube-public',
    rules: [rule('', ['get'], ['configmaps'], ['cluster-info'])],
  },
];

const EVERYBODY = group('system:authenticated');

export const SYSTEM_BINDINGS: readonly BindingSpec[] = [
  { name: 'cluster-admin', role: 'cluster-admin', subjects: [group('system:masters')] },
  { name: 'system:monitoring', role: 'system:monitoring', subjects: [group('system:monitoring')] },
  { name: 'system:discovery', role: 'system:discovery', subjects: [EVERYBODY] },
  { name: 'system:basic-user', role: 'system:basic-user', subjects: [EVERYBODY] },
  {
    name: 'system:public-info-viewer',
    role: 'system:public-info-viewer',
    subjects: [EVERYBODY, group('system:unauthenticated')],
  },
  // Nodes are judged by the node authorizer; nobody is bound to the role, which shows what they may.
  { name: 'system:node', role: 'system:node', subjects: [] },
  {
    name: 'system:node-bootstrapper',
    role: 'system:node-bootstrapper',
    subjects: [group('system:bootstrappers')],
  },
  { name: 'system:node-proxier', role: 'system:node-proxier', subjects: [user('system:kube-proxy')] },
  {
    name: 'system:kube-controller-manager',
    role: 'system:kube-controller-manager',
    subjects: [user('system:kube-controller-manager')],
  },
  { name: 'system:kube-scheduler', role: 'system:kube-scheduler', subjects: [user('system:kube-scheduler')] },
  {
    name: 'system:volume-scheduler',
    role: 'system:volume-scheduler',
    subjects: [user('system:kube-scheduler')],
  },
  { name: 'system:kube-dns', role: 'system:kube-dns', subjects: [account('kube-system', 'kube-dns')] },
  {
    name: 'system:service-account-issuer-discovery',
    role: 'system:service-account-issuer-discovery',
    subjects: [group('system:serviceaccounts')],
  },
  {
    name: 'system::extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    role: 'extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  {
    name: 'system::leader-locking-kube-scheduler',
    namespace: 'kube-system',
    role: 'system::leader-locking-kube-scheduler',
    subjects: [user('system:kube-scheduler')],
  },
  {
    name: 'system::leader-locking-kube-controller-manager',
    namespace: 'kube-system',
    role: 'system::leader-locking-kube-controller-manager',
    subjects: [user('system:kube-controller-manager')],
  },
  {
    name: CLUSTER_INFO_ROLE,
    namespace: 'kube-public',
    role: CLUSTER_INFO_ROLE,
    subjects: [user('system:anonymous')],
  },
];
