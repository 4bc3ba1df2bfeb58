/** node.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const nodeV1 = `\
group node.k8s.io
version v1
protobuf k8s.io.api.node.v1
openapi io.k8s.api.node.v1

message Overhead
  podFixed 1 {}quantity

kind RuntimeClass
  metadata   1 meta/v1.ObjectMeta
  handler    2 string             required
  overhead   3 Overhead?
  scheduling 4 Scheduling?

kind RuntimeClassList
  metadata 1 meta/v1.ListMeta
  items    2 []RuntimeClass   required

message Scheduling
  nodeSelector 1 {}string             map=atomic
  tolerations  2 []core/v1.Toleration list=atomic
`;
