/** internal.apiserver.k8s.io/v1alpha1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const apiserverinternalV1alpha1 = `\
group internal.apiserver.k8s.io
version v1alpha1
protobuf k8s.io.api.apiserverinternal.v1alpha1
openapi io.k8s.api.apiserverinternal.v1alpha1

message ServerStorageVersion
  apiServerID       1 string   required
  encodingVersion   2 string   required
  decodableVersions 3 []string required list=set
  servedVersions    4 []string list=set

kind StorageVersion
  metadata 1 meta/v1.ObjectMeta   required
  spec     2 StorageVersionSpec   always
  status   3 StorageVersionStatus always

message StorageVersionCondition
  type               1 string required
  status             2 string required
  observedGeneration 3 int64
  lastTransitionTime 4 time
  reason             5 string required
  message            6 string required

kind StorageVersionList
  metadata 1 meta/v1.ListMeta
  items    2 []StorageVersion required

message StorageVersionSpec

message StorageVersionStatus
  storageVersions       1 []ServerStorageVersion    list=map(apiServerID)
  commonEncodingVersion 2 string?
  conditions            3 []StorageVersionCondition list=map(type)
`;
