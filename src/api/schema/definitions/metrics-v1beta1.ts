/** metrics.k8s.io/v1beta1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const metricsV1beta1 = `\
group metrics.k8s.io
version v1beta1
protobuf k8s.io.metrics.pkg.apis.metrics.v1beta1
openapi io.k8s.metrics.pkg.apis.metrics.v1beta1

message ContainerMetrics
  name  1 string     required
  usage 2 {}quantity required

kind NodeMetrics
  metadata  1 meta/v1.ObjectMeta
  timestamp 2 time       required
  window    3 duration   required
  usage     4 {}quantity required

kind NodeMetricsList
  metadata 1 meta/v1.ListMeta
  items    2 []NodeMetrics required

kind PodMetrics
  metadata   1 meta/v1.ObjectMeta
  timestamp  2 time               required
  window     3 duration           required
  containers 4 []ContainerMetrics required

kind PodMetricsList
  metadata 1 meta/v1.ListMeta
  items    2 []PodMetrics required
`;
