/** Official tests of every area that go through the API operations of one kind. */

import { after, before, test } from 'node:test';
import { supportsOperations, type Operations } from './api-operations.fixture.ts';
import { startApi, type Api } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 0 });
});
after(() => api.cluster.stop());

const condition = (type: string): object => ({
  type,
  status: 'True',
  reason: 'E2E',
  message: 'Set from an e2e test',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const conditions = {
  patch: { conditions: [condition('StatusPatch')] },
  update: { conditions: [condition('StatusUpdate')] },
};
const BACKEND = { service: { name: 'default-backend', port: { number: 80 } } };
const MATCH = {
  resourceRules: [
    { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] },
  ],
};

const KINDS: readonly (readonly [string, Operations & { readonly inNamespace?: true }])[] = [
  [
    'Ingress API should support creating Ingress API operations',
    {
      groupVersion: 'networking.k8s.io/v1',
      plural: 'ingresses',
      kind: 'Ingress',
      inNamespace: true,
      object: () => ({ spec: { defaultBackend: BACKEND, rules: [] } }),
      status: {
        patch: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
        update: { loadBalancer: { ingress: [{ ip: '169.1.1.2' }, { hostname: 'a.example.com' }] } },
      },
    },
  ],
  [
    'IngressClass API should support creating IngressClass API operations',
    {
      groupVersion: 'networking.k8s.io/v1',
      plural: 'ingressclasses',
      kind: 'IngressClass',
      object: () => ({ spec: { controller: 'example.com/controller' } }),
    },
  ],
  [
    'EndpointSlice should support creating EndpointSlice API operations',
    {
      groupVersion: 'discovery.k8s.io/v1',
      plural: 'endpointslices',
      kind: 'EndpointSlice',
      inNamespace: true,
      object: () => ({
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.0.0.1'] }],
        ports: [{ port: 80 }],
      }),
    },
  ],
  [
    'ServiceCIDR and IPAddress API should support ServiceCIDR API operations',
    {
      groupVersion: 'networking.k8s.io/v1',
      plural: 'servicecidrs',
      kind: 'ServiceCIDR',
      object: (i) => ({ spec: { cidrs: [`10.${190 + i}.0.0/24`] } }),
      status: conditions,
    },
  ],
  [
    'API priority and fairness should support FlowSchema API operations',
    {
      groupVersion: 'flowcontrol.apiserver.k8s.io/v1',
      plural: 'flowschemas',
      kind: 'FlowSchema',
      object: () => ({
        spec: {
          matchingPrecedence: 10000,
          priorityLevelConfiguration: { name: 'global-default' },
          distinguisherMethod: { type: 'ByUser' },
          rules: [
            {
              subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }],
              nonResourceRules: [{ nonResourceURLs: ['*'], verbs: ['*'] }],
            },
          ],
        },
      }),
      status: conditions,
    },
  ],
  [
    'API priority and fairness should support PriorityLevelConfiguration API operations',
    {
      groupVersion: 'flowcontrol.apiserver.k8s.io/v1',
      plural: 'prioritylevelconfigurations',
      kind: 'PriorityLevelConfiguration',
      object: () => ({
        spec: {
          type: 'Limited',
          limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } },
        },
      }),
      status: conditions,
    },
  ],
  [
    'RuntimeClass should support RuntimeClasses API operations',
    {
      groupVersion: 'node.k8s.io/v1',
      plural: 'runtimeclasses',
      kind: 'RuntimeClass',
      object: () => ({ handler: 'handler', overhead: { podFixed: { cpu: '10m' } } }),
    },
  ],
  [
    'CSIStorageCapacity should support CSIStorageCapacities API operations',
    {
      groupVersion: 'storage.k8s.io/v1',
      plural: 'csistoragecapacities',
      kind: 'CSIStorageCapacity',
      inNamespace: true,
      object: () => ({ storageClassName: 'class' }),
    },
  ],
  [
    'ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicy API operations',
    {
      groupVersion: 'admissionregistration.k8s.io/v1',
      plural: 'validatingadmissionpolicies',
      kind: 'ValidatingAdmissionPolicy',
      object: () => ({
        spec: { matchConstraints: MATCH, validations: [{ expression: 'object.spec.replicas <= 100' }] },
      }),
      status: conditions,
    },
  ],
  [
    'ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicyBinding API operations',
    {
      groupVersion: 'admissionregistration.k8s.io/v1',
      plural: 'validatingadmissionpolicybindings',
      kind: 'ValidatingAdmissionPolicyBinding',
      object: () => ({ spec: { policyName: 'nothing.example.com', validationActions: ['Deny'] } }),
    },
  ],
  [
    'MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicy API operations',
    {
      groupVersion: 'admissionregistration.k8s.io/v1',
      plural: 'mutatingadmissionpolicies',
      kind: 'MutatingAdmissionPolicy',
      object: () => ({
        spec: {
          matchConstraints: MATCH,
          reinvocationPolicy: 'Never',
          mutations: [
            {
              patchType: 'ApplyConfiguration',
              applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"a": "b"}}}' },
            },
          ],
        },
      }),
    },
  ],
  [
    'MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations',
    {
      groupVersion: 'admissionregistration.k8s.io/v1',
      plural: 'mutatingadmissionpolicybindings',
      kind: 'MutatingAdmissionPolicyBinding',
      object: () => ({ spec: { policyName: 'nothing.example.com' } }),
    },
  ],
  [
    '[DRA] CRUD Tests resource.k8s.io/v1 DeviceClass',
    {
      groupVersion: 'resource.k8s.io/v1',
      plural: 'deviceclasses',
      kind: 'DeviceClass',
      object: () => ({ spec: { selectors: [{ cel: { expression: 'device.driver == "x.example.com"' } }] } }),
    },
  ],
  [
    '[DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim',
    {
      groupVersion: 'resource.k8s.io/v1',
      plural: 'resourceclaims',
      kind: 'ResourceClaim',
      inNamespace: true,
      object: () => ({
        spec: { devices: { requests: [{ name: 'req', exactly: { deviceClassName: 'class' } }] } },
      }),
    },
  ],
  [
    '[DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate',
    {
      groupVersion: 'resource.k8s.io/v1',
      plural: 'resourceclaimtemplates',
      kind: 'ResourceClaimTemplate',
      inNamespace: true,
      object: () => ({
        spec: { spec: { devices: { requests: [{ name: 'req', exactly: { deviceClassName: 'class' } }] } } },
      }),
    },
  ],
  [
    '[DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice',
    {
      groupVersion: 'resource.k8s.io/v1',
      plural: 'resourceslices',
      kind: 'ResourceSlice',
      object: (i) => ({
        spec: {
          driver: 'x.example.com',
          pool: { name: `pool-${i}`, generation: 1, resourceSliceCount: 1 },
          allNodes: true,
          devices: [{ name: 'dev' }],
        },
      }),
    },
  ],
];

for (const [name, { inNamespace, ...operations }] of KINDS) {
  test(name, async () => {
    const namespace = inNamespace === true ? await api.namespace(`ops-${operations.plural}`) : undefined;
    await supportsOperations(api, { ...operations, ...(namespace === undefined ? {} : { namespace }) });
  });
}
