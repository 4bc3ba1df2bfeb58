/** scheduling.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const schedulingV1 = `\
group scheduling.k8s.io
version v1
protobuf k8s.io.api.scheduling.v1
openapi io.k8s.api.scheduling.v1

kind PriorityClass
  metadata         1 meta/v1.ObjectMeta
  value            2 int32              always
  globalDefault    3 bool
  description      4 string
  preemptionPolicy 5 string?            default="PreemptLowerPriority" enum=PreemptLowerPriority|Never

kind PriorityClassList
  metadata 1 meta/v1.ListMeta
  items    2 []PriorityClass  required
`;
