/** storage.k8s.io/v1beta1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const storageV1beta1 = `\
group storage.k8s.io
version v1beta1
protobuf k8s.io.api.storage.v1beta1
openapi io.k8s.api.storage.v1beta1

message CSIDriver
  metadata 1 meta/v1.ObjectMeta
  spec     2 CSIDriverSpec      always

message CSIDriverList
  metadata 1 meta/v1.ListMeta
  items    2 []CSIDriver      always

message CSIDriverSpec
  attachRequired                      1 bool?
  podInfoOnMount                      2 bool?
  volumeLifecycleModes                3 []string
  storageCapacity                     4 bool?
  fsGroupPolicy                       5 string?
  tokenRequests                       6 []TokenRequest
  requiresRepublish                   7 bool?
  seLinuxMount                        8 bool?
  nodeAllocatableUpdatePeriodSeconds  9 int64?
  serviceAccountTokenInSecrets       10 bool?
  preventPodSchedulingIfMissing      11 bool?

message CSINode
  metadata 1 meta/v1.ObjectMeta
  spec     2 CSINodeSpec        always

message CSINodeDriver
  name         1 string               always
  nodeID       2 string               always
  topologyKeys 3 []string             always
  allocatable  4 VolumeNodeResources?

message CSINodeList
  metadata 1 meta/v1.ListMeta
  items    2 []CSINode        always

message CSINodeSpec
  drivers 1 []CSINodeDriver always

message CSIStorageCapacity
  metadata          1 meta/v1.ObjectMeta
  nodeTopology      2 meta/v1.LabelSelector?
  storageClassName  3 string                 always
  capacity          4 quantity?
  maximumVolumeSize 5 quantity?

message CSIStorageCapacityList
  metadata 1 meta/v1.ListMeta
  items    2 []CSIStorageCapacity always

message StorageClass
  metadata             1 meta/v1.ObjectMeta
  provisioner          2 string                         always
  parameters           3 {}string
  reclaimPolicy        4 string?
  mountOptions         5 []string
  allowVolumeExpansion 6 bool?
  volumeBindingMode    7 string?
  allowedTopologies    8 []core/v1.TopologySelectorTerm

message StorageClassList
  metadata 1 meta/v1.ListMeta
  items    2 []StorageClass   always

message TokenRequest
  audience          1 string always
  expirationSeconds 2 int64?

message VolumeAttachment
  metadata 1 meta/v1.ObjectMeta
  spec     2 VolumeAttachmentSpec   always
  status   3 VolumeAttachmentStatus always

message VolumeAttachmentList
  metadata 1 meta/v1.ListMeta
  items    2 []VolumeAttachment always

message VolumeAttachmentSource
  persistentVolumeName 1 string?
  inlineVolumeSpec     2 core/v1.PersistentVolumeSpec?

message VolumeAttachmentSpec
  attacher 1 string                 always
  source   2 VolumeAttachmentSource always
  nodeName 3 string                 always

message VolumeAttachmentStatus
  attached           1 bool         always
  attachmentMetadata 2 {}string
  attachError        3 VolumeError?
  detachError        4 VolumeError?

kind VolumeAttributesClass
  metadata   1 meta/v1.ObjectMeta
  driverName 2 string             required
  parameters 3 {}string

kind VolumeAttributesClassList
  metadata 1 meta/v1.ListMeta
  items    2 []VolumeAttributesClass required

message VolumeError
  time      1 time
  message   2 string
  errorCode 3 int32?

message VolumeNodeResources
  count 1 int32?
`;
