/** storagemigration.k8s.io/v1beta1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const storagemigrationV1beta1 = `\
group storagemigration.k8s.io
version v1beta1
protobuf k8s.io.api.storagemigration.v1beta1
openapi io.k8s.api.storagemigration.v1beta1

kind StorageVersionMigration
  metadata 1 meta/v1.ObjectMeta
  spec     2 StorageVersionMigrationSpec   always
  status   3 StorageVersionMigrationStatus always

kind StorageVersionMigrationList
  metadata 1 meta/v1.ListMeta
  items    2 []StorageVersionMigration required

message StorageVersionMigrationSpec
  resource 1 meta/v1.GroupResource required

message StorageVersionMigrationStatus
  conditions      1 []meta/v1.Condition list=map(type) patch=merge(type)
  resourceVersion 2 string
`;
