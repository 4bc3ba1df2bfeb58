/** coordination.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const coordinationV1 = `\
group coordination.k8s.io
version v1
protobuf k8s.io.api.coordination.v1
openapi io.k8s.api.coordination.v1

kind Lease
  metadata 1 meta/v1.ObjectMeta
  spec     2 LeaseSpec          always

kind LeaseList
  metadata 1 meta/v1.ListMeta
  items    2 []Lease          required

message LeaseSpec
  holderIdentity       1 string?
  leaseDurationSeconds 2 int32?
  acquireTime          3 microTime?
  renewTime            4 microTime?
  leaseTransitions     5 int32?
  strategy             6 string?
  preferredHolder      7 string?
`;
