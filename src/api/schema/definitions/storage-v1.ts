/** storage.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const storageV1 = `\
group storage.k8s.io
version v1
protobuf k8s.io.api.storage.v1
openapi io.k8s.api.storage.v1

kind CSIDriver
  metadata 1 meta/v1.ObjectMeta
  spec     2 CSIDriverSpec      required

kind CSIDriverList
  metadata 1 meta/v1.ListMeta
  items    2 []CSIDriver      required

message CSIDriverSpec
  attachRequired                      1 bool?          default=true
  podInfoOnMount                      2 bool?          default=false
  volumeLifecycleModes                3 []string       list=set default=["Persistent"] enum=Persistent|Ephemeral
  storageCapacity                     4 bool?          default=false
  fsGroupPolicy                       5 string?        default="ReadWriteOnceWithFSType" enum=ReadWriteOnceWithFSType|File|None
  tokenRequests                       6 []TokenRequest list=atomic
  requiresRepublish                   7 bool?          default=false
  seLinuxMount                        8 bool?          default=false
  nodeAllocatableUpdatePeriodSeconds  9 int64?
  serviceAccountTokenInSecrets       10 bool?
  preventPodSchedulingIfMissing      11 bool?

kind CSINode
  metadata 1 meta/v1.ObjectMeta
  spec     2 CSINodeSpec        required

message CSINodeDriver
  name         1 string               required
  nodeID       2 string               required
  topologyKeys 3 []string             always list=atomic
  allocatable  4 VolumeNodeResources?

kind CSINodeList
  metadata 1 meta/v1.ListMeta
  items    2 []CSINode        required

message CSINodeSpec
  drivers 1 []CSINodeDriver required list=map(name) patch=merge(name)

kind CSIStorageCapacity
  metadata          1 meta/v1.ObjectMeta
  nodeTopology      2 meta/v1.LabelSelector?
  storageClassName  3 string                 required
  capacity          4 quantity?
  maximumVolumeSize 5 quantity?

kind CSIStorageCapacityList
  metadata 1 meta/v1.ListMeta
  items    2 []CSIStorageCapacity required

kind StorageClass
  metadata             1 meta/v1.ObjectMeta
  provisioner          2 string                         required
  parameters           3 {}string
  reclaimPolicy        4 string?                        default="Delete" enum=Delete|Retain
  mountOptions         5 []string                       list=atomic
  allowVolumeExpansion 6 bool?
  volumeBindingMode    7 string?                        enum=Immediate|WaitForFirstConsumer default="Immediate"
  allowedTopologies    8 []core/v1.TopologySelectorTerm list=atomic

kind StorageClassList
  metadata 1 meta/v1.ListMeta
  items    2 []StorageClass   required

message TokenRequest
  audience          1 string required minLength=0
  expirationSeconds 2 int64?

kind VolumeAttachment
  metadata 1 meta/v1.ObjectMeta
  spec     2 VolumeAttachmentSpec   required
  status   3 VolumeAttachmentStatus always

kind VolumeAttachmentList
  metadata 1 meta/v1.ListMeta
  items    2 []VolumeAttachment required

message VolumeAttachmentSource
  persistentVolumeName 1 string?
  inlineVolumeSpec     2 core/v1.PersistentVolumeSpec?

message VolumeAttachmentSpec
  attacher 1 string                 required
  source   2 VolumeAttachmentSource required
  nodeName 3 string                 required

message VolumeAttachmentStatus
  attached           1 bool         required
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
