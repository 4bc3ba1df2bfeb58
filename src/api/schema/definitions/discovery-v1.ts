/** discovery.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const discoveryV1 = `\
group discovery.k8s.io
version v1
protobuf k8s.io.api.discovery.v1
openapi io.k8s.api.discovery.v1

message Endpoint
  addresses          1 []string                 required list=set
  conditions         2 EndpointConditions       always
  hostname           3 string?
  targetRef          4 core/v1.ObjectReference?
  deprecatedTopology 5 {}string
  nodeName           6 string?
  zone               7 string?
  hints              8 EndpointHints?

message EndpointConditions
  ready       1 bool?
  serving     2 bool?
  terminating 3 bool?

message EndpointHints
  forZones 1 []ForZone list=atomic
  forNodes 2 []ForNode list=atomic

message EndpointPort atomic
  name        1 string? default=""
  protocol    2 string? default="TCP"
  port        3 int32?
  appProtocol 4 string?

kind EndpointSlice
  metadata    1 meta/v1.ObjectMeta
  addressType 4 string             required
  endpoints   2 []Endpoint         always list=atomic
  ports       3 []EndpointPort     always list=atomic

kind EndpointSliceList
  metadata 1 meta/v1.ListMeta
  items    2 []EndpointSlice  required

message ForNode
  name 1 string required

message ForZone
  name 1 string required
`;
