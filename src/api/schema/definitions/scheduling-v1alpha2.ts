/** scheduling.k8s.io/v1alpha2: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const schedulingV1alpha2 = `\
group scheduling.k8s.io
version v1alpha2
protobuf k8s.io.api.scheduling.v1alpha2
openapi io.k8s.api.scheduling.v1alpha2

message BasicSchedulingPolicy

message GangSchedulingPolicy
  minCount 1 int32 required

kind PodGroup
  metadata 1 meta/v1.ObjectMeta
  spec     2 PodGroupSpec       required
  status   3 PodGroupStatus     always

kind PodGroupList
  metadata 1 meta/v1.ListMeta
  items    2 []PodGroup       required

message PodGroupResourceClaim
  name                      1 string  required
  resourceClaimName         2 string?
  resourceClaimTemplateName 3 string?

message PodGroupResourceClaimStatus
  name              1 string  required
  resourceClaimName 2 string?

message PodGroupSchedulingConstraints
  topology 1 []TopologyConstraint list=atomic

message PodGroupSchedulingPolicy
  basic 1 BasicSchedulingPolicy?
  gang  2 GangSchedulingPolicy?

message PodGroupSpec
  podGroupTemplateRef   1 PodGroupTemplateReference?
  schedulingPolicy      2 PodGroupSchedulingPolicy       required
  schedulingConstraints 3 PodGroupSchedulingConstraints?
  resourceClaims        4 []PodGroupResourceClaim        list=map(name) patch=merge,retainKeys(name)
  disruptionMode        5 string?
  priorityClassName     6 string
  priority              7 int32?

message PodGroupStatus
  conditions            1 []meta/v1.Condition           list=map(type) patch=merge(type)
  resourceClaimStatuses 2 []PodGroupResourceClaimStatus list=map(name) patch=merge,retainKeys(name)

message PodGroupTemplate
  name                  1 string                         required
  schedulingPolicy      2 PodGroupSchedulingPolicy       required
  schedulingConstraints 3 PodGroupSchedulingConstraints?
  resourceClaims        4 []PodGroupResourceClaim        list=map(name) patch=merge,retainKeys(name)
  disruptionMode        5 string?
  priorityClassName     6 string
  priority              7 int32?

message PodGroupTemplateReference
  workload 1 WorkloadPodGroupTemplateReference?

message TopologyConstraint
  key 1 string required

message TypedLocalObjectReference
  apiGroup 1 string
  kind     2 string required
  name     3 string required

kind Workload
  metadata 1 meta/v1.ObjectMeta
  spec     2 WorkloadSpec       required

kind WorkloadList
  metadata 1 meta/v1.ListMeta
  items    2 []Workload       required

message WorkloadPodGroupTemplateReference
  workloadName         1 string required
  podGroupTemplateName 2 string required

message WorkloadSpec
  controllerRef     1 TypedLocalObjectReference?
  podGroupTemplates 2 []PodGroupTemplate         required list=map(name)
`;
