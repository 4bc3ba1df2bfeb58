/** rbac.authorization.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const rbacV1 = `\
group rbac.authorization.k8s.io
version v1
protobuf k8s.io.api.rbac.v1
openapi io.k8s.api.rbac.v1

message AggregationRule
  clusterRoleSelectors 1 []meta/v1.LabelSelector list=atomic

kind ClusterRole
  metadata        1 meta/v1.ObjectMeta
  rules           2 []PolicyRule       always list=atomic
  aggregationRule 3 AggregationRule?

kind ClusterRoleBinding
  metadata 1 meta/v1.ObjectMeta
  subjects 2 []Subject          list=atomic
  roleRef  3 RoleRef            required

kind ClusterRoleBindingList
  metadata 1 meta/v1.ListMeta
  items    2 []ClusterRoleBinding required

kind ClusterRoleList
  metadata 1 meta/v1.ListMeta
  items    2 []ClusterRole    required

message PolicyRule
  verbs           1 []string required list=atomic
  apiGroups       2 []string list=atomic
  resources       3 []string list=atomic
  resourceNames   4 []string list=atomic
  nonResourceURLs 5 []string list=atomic

kind Role
  metadata 1 meta/v1.ObjectMeta
  rules    2 []PolicyRule       always list=atomic

kind RoleBinding
  metadata 1 meta/v1.ObjectMeta
  subjects 2 []Subject          list=atomic
  roleRef  3 RoleRef            required

kind RoleBindingList
  metadata 1 meta/v1.ListMeta
  items    2 []RoleBinding    required

kind RoleList
  metadata 1 meta/v1.ListMeta
  items    2 []Role           required

message RoleRef atomic
  apiGroup 1 string always default="rbac.authorization.k8s.io"
  kind     2 string required
  name     3 string required

message Subject atomic
  kind      1 string required
  apiGroup  2 string
  name      3 string required
  namespace 4 string
`;
