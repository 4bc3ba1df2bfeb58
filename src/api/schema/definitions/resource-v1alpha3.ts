/** resource.k8s.io/v1alpha3: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const resourceV1alpha3 = `\
group resource.k8s.io
version v1alpha3
protobuf k8s.io.api.resource.v1alpha3
openapi io.k8s.api.resource.v1alpha3

message CELDeviceSelector
  expression 1 string always

message DeviceSelector
  cel 1 CELDeviceSelector?

message DeviceTaint
  key       1 string required
  value     2 string
  effect    3 string required enum=None|NoSchedule|NoExecute
  timeAdded 4 time?

kind DeviceTaintRule
  metadata 1 meta/v1.ObjectMeta
  spec     2 DeviceTaintRuleSpec   required
  status   3 DeviceTaintRuleStatus always

kind DeviceTaintRuleList
  metadata 1 meta/v1.ListMeta
  items    2 []DeviceTaintRule required

message DeviceTaintRuleSpec
  deviceSelector 1 DeviceTaintSelector?
  taint          2 DeviceTaint          required

message DeviceTaintRuleStatus
  conditions 1 []meta/v1.Condition list=map(type) patch=merge(type)

message DeviceTaintSelector
  driver 2 string?
  pool   3 string?
  device 4 string?

message PoolStatus
  driver              1 string  required
  poolName            2 string  required
  generation          9 int64   required
  resourceSliceCount  8 int32?
  totalDevices        4 int32?
  allocatedDevices    5 int32?
  availableDevices    6 int32?
  unavailableDevices  7 int32?
  nodeName            3 string?
  validationError    10 string?

kind ResourcePoolStatusRequest
  metadata 1 meta/v1.ObjectMeta               required
  spec     2 ResourcePoolStatusRequestSpec    required
  status   3 ResourcePoolStatusRequestStatus?

kind ResourcePoolStatusRequestList
  metadata 1 meta/v1.ListMeta
  items    2 []ResourcePoolStatusRequest required

message ResourcePoolStatusRequestSpec
  driver   1 string  required
  poolName 2 string?
  limit    3 int32?  default=100

message ResourcePoolStatusRequestStatus
  poolCount  6 int32?              required
  pools      2 []PoolStatus        list=atomic
  conditions 3 []meta/v1.Condition list=map(type) patch=merge(type)
`;
