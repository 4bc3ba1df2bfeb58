/** events.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const eventsV1 = `\
group events.k8s.io
version v1
protobuf k8s.io.api.events.v1
openapi io.k8s.api.events.v1

kind Event
  metadata                  1 meta/v1.ObjectMeta       always
  eventTime                 2 microTime                required
  series                    3 EventSeries?
  reportingController       4 string
  reportingInstance         5 string
  action                    6 string
  reason                    7 string
  regarding                 8 core/v1.ObjectReference  always
  related                   9 core/v1.ObjectReference?
  note                     10 string
  type                     11 string
  deprecatedSource         12 core/v1.EventSource      always
  deprecatedFirstTimestamp 13 time
  deprecatedLastTimestamp  14 time
  deprecatedCount          15 int32

kind EventList
  metadata 1 meta/v1.ListMeta
  items    2 []Event          required

message EventSeries
  count            1 int32     required
  lastObservedTime 2 microTime required
`;
