/** resource.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const resourceV1 = `\
group resource.k8s.io
version v1
protobuf k8s.io.api.resource.v1
openapi io.k8s.api.resource.v1

message AllocatedDeviceStatus
  driver      1 string              required
  pool        2 string              required
  device      3 string              required
  shareID     7 string?
  conditions  4 []meta/v1.Condition always list=map(type)
  data        5 rawExtension?
  networkData 6 NetworkDeviceData?

message AllocationResult
  devices             1 DeviceAllocationResult always
  nodeSelector        3 core/v1.NodeSelector?
  allocationTimestamp 5 time?

message CELDeviceSelector
  expression 1 string required

message CapacityRequestPolicy
  default     1 quantity?
  validValues 3 []quantity                  list=atomic
  validRange  4 CapacityRequestPolicyRange?

message CapacityRequestPolicyRange
  min  1 quantity? required
  max  2 quantity?
  step 3 quantity?

message CapacityRequirements
  requests 1 {}quantity

message Counter
  value 1 quantity required

message CounterSet
  name     1 string    required
  counters 2 {}Counter required

message Device
  name                             1 string                           required
  attributes                       2 {}DeviceAttribute
  capacity                         3 {}DeviceCapacity
  consumesCounters                 4 []DeviceCounterConsumption       list=atomic
  nodeName                         5 string?
  nodeSelector                     6 core/v1.NodeSelector?
  allNodes                         7 bool?
  taints                           8 []DeviceTaint                    list=atomic
  bindsToNode                      9 bool?
  bindingConditions               10 []string                         list=atomic
  bindingFailureConditions        11 []string                         list=atomic
  allowMultipleAllocations        12 bool?
  nodeAllocatableResourceMappings 13 {}NodeAllocatableResourceMapping

message DeviceAllocationConfiguration
  source              1 string              required enum=FromClass|FromClaim
  requests            2 []string            list=atomic
  deviceConfiguration 3 DeviceConfiguration inline

message DeviceAllocationResult
  results 1 []DeviceRequestAllocationResult list=atomic
  config  2 []DeviceAllocationConfiguration list=atomic

message DeviceAttribute
  int      2 int64?
  bool     3 bool?
  string   4 string?
  version  5 string?
  ints     6 []int64  list=atomic
  bools    7 []bool   list=atomic
  strings  8 []string list=atomic
  versions 9 []string list=atomic

message DeviceCapacity
  value         1 quantity               required
  requestPolicy 2 CapacityRequestPolicy?

message DeviceClaim
  requests    1 []DeviceRequest            always list=atomic
  constraints 2 []DeviceConstraint         list=atomic
  config      3 []DeviceClaimConfiguration list=atomic

message DeviceClaimConfiguration
  requests            1 []string            list=atomic
  deviceConfiguration 2 DeviceConfiguration inline

kind DeviceClass
  metadata 1 meta/v1.ObjectMeta
  spec     2 DeviceClassSpec    required

message DeviceClassConfiguration
  deviceConfiguration 1 DeviceConfiguration inline

kind DeviceClassList
  metadata 1 meta/v1.ListMeta
  items    2 []DeviceClass    required

message DeviceClassSpec
  selectors            1 []DeviceSelector           list=atomic
  config               2 []DeviceClassConfiguration list=atomic
  extendedResourceName 4 string?

message DeviceConfiguration
  opaque 1 OpaqueDeviceConfiguration?

message DeviceConstraint
  requests          1 []string list=atomic
  matchAttribute    2 string?
  distinctAttribute 3 string?

message DeviceCounterConsumption
  counterSet 1 string    required
  counters   2 {}Counter required

message DeviceRequest
  name           1 string              required
  exactly        2 ExactDeviceRequest?
  firstAvailable 3 []DeviceSubRequest  list=atomic

message DeviceRequestAllocationResult
  request                   1 string             required
  driver                    2 string             required
  pool                      3 string             required
  device                    4 string             required
  adminAccess               5 bool?
  tolerations               6 []DeviceToleration list=atomic
  bindingConditions         7 []string           list=atomic
  bindingFailureConditions  8 []string           list=atomic
  shareID                   9 string?
  consumedCapacity         10 {}quantity

message DeviceSelector
  cel 1 CELDeviceSelector?

message DeviceSubRequest
  name            1 string                required
  deviceClassName 2 string                required
  selectors       3 []DeviceSelector      list=atomic
  allocationMode  4 string
  count           5 int64
  tolerations     6 []DeviceToleration    list=atomic
  capacity        7 CapacityRequirements?

message DeviceTaint
  key       1 string required
  value     2 string
  effect    3 string required enum=None|NoSchedule|NoExecute
  timeAdded 4 time?

message DeviceToleration
  key               1 string
  operator          2 string default="Equal" enum=Exists|Equal
  value             3 string
  effect            4 string enum=None|NoSchedule|NoExecute
  tolerationSeconds 5 int64?

message ExactDeviceRequest
  deviceClassName 1 string                required
  selectors       2 []DeviceSelector      list=atomic
  allocationMode  3 string
  count           4 int64
  adminAccess     5 bool?
  tolerations     6 []DeviceToleration    list=atomic
  capacity        7 CapacityRequirements?

message NetworkDeviceData
  interfaceName   1 string
  ips             2 []string list=atomic
  hardwareAddress 3 string

message NodeAllocatableResourceMapping
  capacityKey          1 string
  allocationMultiplier 2 quantity

message OpaqueDeviceConfiguration
  driver     1 string       required
  parameters 2 rawExtension required

kind ResourceClaim
  metadata 1 meta/v1.ObjectMeta
  spec     2 ResourceClaimSpec   required
  status   3 ResourceClaimStatus always

message ResourceClaimConsumerReference
  apiGroup 1 string
  resource 3 string required
  name     4 string required
  uid      5 string required

kind ResourceClaimList
  metadata 1 meta/v1.ListMeta
  items    2 []ResourceClaim  required

message ResourceClaimSpec
  devices 1 DeviceClaim always

message ResourceClaimStatus
  allocation  1 AllocationResult?
  reservedFor 2 []ResourceClaimConsumerReference list=map(uid) patch=merge(uid)
  devices     4 []AllocatedDeviceStatus          list=map(driver,device,pool,shareID)

kind ResourceClaimTemplate
  metadata 1 meta/v1.ObjectMeta
  spec     2 ResourceClaimTemplateSpec required

kind ResourceClaimTemplateList
  metadata 1 meta/v1.ListMeta
  items    2 []ResourceClaimTemplate required

message ResourceClaimTemplateSpec
  metadata 1 meta/v1.ObjectMeta
  spec     2 ResourceClaimSpec  required

message ResourcePool
  name               1 string required
  generation         2 int64  required
  resourceSliceCount 3 int64  required

kind ResourceSlice
  metadata 1 meta/v1.ObjectMeta
  spec     2 ResourceSliceSpec  required

kind ResourceSliceList
  metadata 1 meta/v1.ListMeta
  items    2 []ResourceSlice  required

message ResourceSliceSpec
  driver                 1 string                required
  pool                   2 ResourcePool          required
  nodeName               3 string?
  nodeSelector           4 core/v1.NodeSelector?
  allNodes               5 bool?
  devices                6 []Device              list=atomic
  perDeviceNodeSelection 7 bool?
  sharedCounters         8 []CounterSet          list=atomic
`;
