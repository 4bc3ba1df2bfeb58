/** autoscaling/v2: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const autoscalingV2 = `\
group autoscaling
version v2
protobuf k8s.io.api.autoscaling.v2
openapi io.k8s.api.autoscaling.v2

message ContainerResourceMetricSource
  name      1 string       required
  target    2 MetricTarget required
  container 3 string       required

message ContainerResourceMetricStatus
  name      1 string            required
  current   2 MetricValueStatus required
  container 3 string            required

message CrossVersionObjectReference
  kind       1 string required
  name       2 string required
  apiVersion 3 string

message ExternalMetricSource
  metric 1 MetricIdentifier required
  target 2 MetricTarget     required

message ExternalMetricStatus
  metric  1 MetricIdentifier  required
  current 2 MetricValueStatus required

message HPAScalingPolicy
  type          1 string required
  value         2 int32  required
  periodSeconds 3 int32  required

message HPAScalingRules
  stabilizationWindowSeconds 3 int32?
  selectPolicy               1 string?
  policies                   2 []HPAScalingPolicy list=atomic
  tolerance                  4 quantity?

kind HorizontalPodAutoscaler
  metadata 1 meta/v1.ObjectMeta
  spec     2 HorizontalPodAutoscalerSpec   required
  status   3 HorizontalPodAutoscalerStatus always

message HorizontalPodAutoscalerBehavior
  scaleUp   1 HPAScalingRules?
  scaleDown 2 HPAScalingRules?

message HorizontalPodAutoscalerCondition
  type               1 string required
  status             2 string required
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind HorizontalPodAutoscalerList
  metadata 1 meta/v1.ListMeta
  items    2 []HorizontalPodAutoscaler required

message HorizontalPodAutoscalerSpec
  scaleTargetRef 1 CrossVersionObjectReference      required
  minReplicas    2 int32?                           default=1
  maxReplicas    3 int32                            required
  metrics        4 []MetricSpec                     list=atomic default=[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]
  behavior       5 HorizontalPodAutoscalerBehavior?

message HorizontalPodAutoscalerStatus
  observedGeneration 1 int64?
  lastScaleTime      2 time?
  currentReplicas    3 int32
  desiredReplicas    4 int32                              required
  currentMetrics     5 []MetricStatus                     always list=atomic
  conditions         6 []HorizontalPodAutoscalerCondition list=map(type) patch=merge(type)

message MetricIdentifier
  name     1 string                 required
  selector 2 meta/v1.LabelSelector?

message MetricSpec
  type              1 string                         required
  object            2 ObjectMetricSource?
  pods              3 PodsMetricSource?
  resource          4 ResourceMetricSource?
  containerResource 7 ContainerResourceMetricSource?
  external          5 ExternalMetricSource?

message MetricStatus
  type              1 string                         required
  object            2 ObjectMetricStatus?
  pods              3 PodsMetricStatus?
  resource          4 ResourceMetricStatus?
  containerResource 7 ContainerResourceMetricStatus?
  external          5 ExternalMetricStatus?

message MetricTarget
  type               1 string    required
  value              2 quantity?
  averageValue       3 quantity?
  averageUtilization 4 int32?

message MetricValueStatus
  value              1 quantity?
  averageValue       2 quantity?
  averageUtilization 3 int32?

message ObjectMetricSource
  describedObject 1 CrossVersionObjectReference required
  target          2 MetricTarget                required
  metric          3 MetricIdentifier            required

message ObjectMetricStatus
  metric          1 MetricIdentifier            required
  current         2 MetricValueStatus           required
  describedObject 3 CrossVersionObjectReference required

message PodsMetricSource
  metric 1 MetricIdentifier required
  target 2 MetricTarget     required

message PodsMetricStatus
  metric  1 MetricIdentifier  required
  current 2 MetricValueStatus required

message ResourceMetricSource
  name   1 string       required
  target 2 MetricTarget required

message ResourceMetricStatus
  name    1 string            required
  current 2 MetricValueStatus required
`;
