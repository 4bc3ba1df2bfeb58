/** autoscaling/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const autoscalingV1 = `\
group autoscaling
version v1
protobuf k8s.io.api.autoscaling.v1
openapi io.k8s.api.autoscaling.v1

message ContainerResourceMetricSource
  name                     1 string    always
  targetAverageUtilization 2 int32?
  targetAverageValue       3 quantity?
  container                5 string    always

message ContainerResourceMetricStatus
  name                      1 string   always
  currentAverageUtilization 2 int32?
  currentAverageValue       3 quantity always
  container                 4 string   always

message CrossVersionObjectReference atomic
  kind       1 string required
  name       2 string required
  apiVersion 3 string

message ExternalMetricSource
  metricName         1 string                 always
  metricSelector     2 meta/v1.LabelSelector?
  targetValue        3 quantity?
  targetAverageValue 4 quantity?

message ExternalMetricStatus
  metricName          1 string                 always
  metricSelector      2 meta/v1.LabelSelector?
  currentValue        3 quantity               always
  currentAverageValue 4 quantity?

kind HorizontalPodAutoscaler
  metadata 1 meta/v1.ObjectMeta
  spec     2 HorizontalPodAutoscalerSpec   required
  status   3 HorizontalPodAutoscalerStatus always

message HorizontalPodAutoscalerCondition
  type               1 string always
  status             2 string always
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind HorizontalPodAutoscalerList
  metadata 1 meta/v1.ListMeta
  items    2 []HorizontalPodAutoscaler required

message HorizontalPodAutoscalerSpec
  scaleTargetRef                 1 CrossVersionObjectReference required
  minReplicas                    2 int32?                      default=1
  maxReplicas                    3 int32                       required
  targetCPUUtilizationPercentage 4 int32?

message HorizontalPodAutoscalerStatus
  observedGeneration              1 int64?
  lastScaleTime                   2 time?
  currentReplicas                 3 int32  required
  desiredReplicas                 4 int32  required
  currentCPUUtilizationPercentage 5 int32?

message MetricSpec
  type              1 string                         always enum=Object|Pods|Resource|ContainerResource|External
  object            2 ObjectMetricSource?
  pods              3 PodsMetricSource?
  resource          4 ResourceMetricSource?
  containerResource 7 ContainerResourceMetricSource?
  external          5 ExternalMetricSource?

message MetricStatus
  type              1 string                         always enum=Object|Pods|Resource|ContainerResource|External
  object            2 ObjectMetricStatus?
  pods              3 PodsMetricStatus?
  resource          4 ResourceMetricStatus?
  containerResource 7 ContainerResourceMetricStatus?
  external          5 ExternalMetricStatus?

message ObjectMetricSource
  target       1 CrossVersionObjectReference always
  metricName   2 string                      always
  targetValue  3 quantity                    always
  selector     4 meta/v1.LabelSelector?
  averageValue 5 quantity?

message ObjectMetricStatus
  target       1 CrossVersionObjectReference always
  metricName   2 string                      always
  currentValue 3 quantity                    always
  selector     4 meta/v1.LabelSelector?
  averageValue 5 quantity?

message PodsMetricSource
  metricName         1 string                 always
  targetAverageValue 2 quantity               always
  selector           3 meta/v1.LabelSelector?

message PodsMetricStatus
  metricName          1 string                 always
  currentAverageValue 2 quantity               always
  selector            3 meta/v1.LabelSelector?

message ResourceMetricSource
  name                     1 string    always
  targetAverageUtilization 2 int32?
  targetAverageValue       3 quantity?

message ResourceMetricStatus
  name                      1 string   always
  currentAverageUtilization 2 int32?
  currentAverageValue       3 quantity always

kind Scale
  metadata 1 meta/v1.ObjectMeta
  spec     2 ScaleSpec          always
  status   3 ScaleStatus        always

message ScaleSpec
  replicas 1 int32 default=0

message ScaleStatus
  replicas 1 int32  required
  selector 2 string
`;
