/**
 * What every node may do, whatever runs on it (upstream's `NodeRules`, the rules of ClusterRole
 * `system:node`). What depends on the pods of the node stands in `node-authorizer.ts`; which objects it may
 * change, in admission.
 */

import type { PolicyRule } from '../../api/types.gen.ts';

const read = ['get', 'list', 'watch'] as const;

function rule(group: string, resources: readonly string[], verbs: readonly string[]): PolicyRule {
  return { apiGroups: [group], resources, verbs };
}

export const NODE_RULES: readonly PolicyRule[] = [
  rule('authentication.k8s.io', ['tokenreviews'], ['create']),
  rule('authorization.k8s.io', ['subjectaccessreviews', 'localsubjectaccessreviews'], ['create']),
  rule('', ['services'], read),
  rule('', ['nodes'], ['create', ...read]),
  rule('', ['nodes/status'], ['patch', 'update']),
  rule('', ['nodes'], ['patch', 'update']),
  rule('', ['events'], ['create', 'patch', 'update']),
  rule('', ['pods'], read),
  rule('', ['pods'], ['create', 'delete']),
  rule('', ['pods/status'], ['patch', 'update']),
  rule('', ['pods/eviction'], ['create']),
  rule('', ['persistentvolumeclaims', 'persistentvolumes'], ['get']),
  rule('', ['persistentvolumeclaims/status'], ['get', 'patch', 'update']),
  rule('', ['endpoints'], ['get']),
  rule('certificates.k8s.io', ['certificatesigningrequests'], ['create', ...read]),
  rule('storage.k8s.io', ['volumeattachments'], ['get']),
  rule('storage.k8s.io', ['csidrivers'], read),
  rule('node.k8s.io', ['runtimeclasses'], read),
  rule('resource.k8s.io', ['resourceclaims'], ['get']),
  rule(
    'resource.k8s.io',
    ['resourceslices'],
    ['create', 'delete', 'deletecollection', 'patch', 'update', ...read],
  ),
  // The node's agent also serves its Services, network policy and names.
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule('networking.k8s.io', ['networkpolicies'], read),
  rule('', ['namespaces'], read),
  rule('events.k8s.io', ['events'], ['create', 'patch', 'update']),
];
