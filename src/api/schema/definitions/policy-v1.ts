/** policy/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const policyV1 = `\
group policy
version v1
protobuf k8s.io.api.policy.v1
openapi io.k8s.api.policy.v1

kind Eviction
  metadata      1 meta/v1.ObjectMeta
  deleteOptions 2 meta/v1.DeleteOptions?

kind PodDisruptionBudget
  metadata 1 meta/v1.ObjectMeta
  spec     2 PodDisruptionBudgetSpec   always
  status   3 PodDisruptionBudgetStatus always

kind PodDisruptionBudgetList
  metadata 1 meta/v1.ListMeta
  items    2 []PodDisruptionBudget required

message PodDisruptionBudgetSpec
  minAvailable               1 intOrString?
  selector                   2 meta/v1.LabelSelector? patch=replace
  maxUnavailable             3 intOrString?
  unhealthyPodEvictionPolicy 4 string?                enum=IfHealthyBudget|AlwaysAllow

message PodDisruptionBudgetStatus
  observedGeneration 1 int64
  disruptedPods      2 {}time
  disruptionsAllowed 3 int32               always
  currentHealthy     4 int32               always
  desiredHealthy     5 int32               always
  expectedPods       6 int32               always
  conditions         7 []meta/v1.Condition list=map(type) patch=merge(type)
`;
