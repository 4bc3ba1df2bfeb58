/** apps/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const appsV1 = `\
group apps
version v1
protobuf k8s.io.api.apps.v1
openapi io.k8s.api.apps.v1

kind ControllerRevision
  metadata 1 meta/v1.ObjectMeta
  data     2 rawExtension       always
  revision 3 int64              required

kind ControllerRevisionList
  metadata 1 meta/v1.ListMeta
  items    2 []ControllerRevision required

kind DaemonSet
  metadata 1 meta/v1.ObjectMeta
  spec     2 DaemonSetSpec      always
  status   3 DaemonSetStatus    always

message DaemonSetCondition
  type               1 string required
  status             2 string required
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind DaemonSetList
  metadata 1 meta/v1.ListMeta
  items    2 []DaemonSet      required

message DaemonSetSpec
  selector             1 meta/v1.LabelSelector?  required
  template             2 core/v1.PodTemplateSpec required
  updateStrategy       3 DaemonSetUpdateStrategy always
  minReadySeconds      4 int32
  revisionHistoryLimit 6 int32?                  default=10

message DaemonSetStatus
  currentNumberScheduled  1 int32                required
  numberMisscheduled      2 int32                required
  desiredNumberScheduled  3 int32                required
  numberReady             4 int32                required
  observedGeneration      5 int64
  updatedNumberScheduled  6 int32
  numberAvailable         7 int32
  numberUnavailable       8 int32
  collisionCount          9 int32?
  conditions             10 []DaemonSetCondition list=map(type) patch=merge(type)

message DaemonSetUpdateStrategy
  type          1 string                  enum=RollingUpdate|OnDelete default="RollingUpdate"
  rollingUpdate 2 RollingUpdateDaemonSet?

kind Deployment
  metadata 1 meta/v1.ObjectMeta
  spec     2 DeploymentSpec     always
  status   3 DeploymentStatus   always

message DeploymentCondition
  type               1 string required
  status             2 string required
  lastUpdateTime     6 time
  lastTransitionTime 7 time
  reason             4 string
  message            5 string

kind DeploymentList
  metadata 1 meta/v1.ListMeta
  items    2 []Deployment     required

message DeploymentSpec
  replicas                1 int32?                  default=1
  selector                2 meta/v1.LabelSelector?  required
  template                3 core/v1.PodTemplateSpec required
  strategy                4 DeploymentStrategy      always patch=retainKeys
  minReadySeconds         5 int32
  revisionHistoryLimit    6 int32?                  default=10
  paused                  7 bool
  progressDeadlineSeconds 9 int32?                  default=600

message DeploymentStatus
  observedGeneration  1 int64
  replicas            2 int32
  updatedReplicas     3 int32
  readyReplicas       7 int32
  availableReplicas   4 int32
  unavailableReplicas 5 int32
  terminatingReplicas 9 int32?
  conditions          6 []DeploymentCondition list=map(type) patch=merge(type)
  collisionCount      8 int32?

message DeploymentStrategy
  type          1 string                   enum=Recreate|RollingUpdate default="RollingUpdate"
  rollingUpdate 2 RollingUpdateDeployment?

kind ReplicaSet
  metadata 1 meta/v1.ObjectMeta
  spec     2 ReplicaSetSpec     always
  status   3 ReplicaSetStatus   always

message ReplicaSetCondition
  type               1 string required
  status             2 string required
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind ReplicaSetList
  metadata 1 meta/v1.ListMeta
  items    2 []ReplicaSet     required

message ReplicaSetSpec
  replicas        1 int32?                  default=1
  minReadySeconds 4 int32
  selector        2 meta/v1.LabelSelector?  required
  template        3 core/v1.PodTemplateSpec always

message ReplicaSetStatus
  replicas             1 int32                 required
  fullyLabeledReplicas 2 int32
  readyReplicas        4 int32
  availableReplicas    5 int32
  terminatingReplicas  7 int32?
  observedGeneration   3 int64
  conditions           6 []ReplicaSetCondition list=map(type) patch=merge(type)

message RollingUpdateDaemonSet
  maxUnavailable 1 intOrString?
  maxSurge       2 intOrString?

message RollingUpdateDeployment
  maxUnavailable 1 intOrString?
  maxSurge       2 intOrString?

message RollingUpdateStatefulSetStrategy
  partition      1 int32?
  maxUnavailable 2 intOrString?

kind StatefulSet
  metadata 1 meta/v1.ObjectMeta
  spec     2 StatefulSetSpec    always
  status   3 StatefulSetStatus  always

message StatefulSetCondition
  type               1 string required
  status             2 string required
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind StatefulSetList
  metadata 1 meta/v1.ListMeta
  items    2 []StatefulSet    required

message StatefulSetOrdinals
  start 1 int32 always

message StatefulSetPersistentVolumeClaimRetentionPolicy
  whenDeleted 1 string default="Retain"
  whenScaled  2 string default="Retain"

message StatefulSetSpec
  replicas                              1 int32?                                           default=1
  selector                              2 meta/v1.LabelSelector?                           required
  template                              3 core/v1.PodTemplateSpec                          required
  volumeClaimTemplates                  4 []core/v1.PersistentVolumeClaim                  list=atomic
  serviceName                           5 string                                           always
  podManagementPolicy                   6 string                                           enum=OrderedReady|Parallel default="OrderedReady"
  updateStrategy                        7 StatefulSetUpdateStrategy                        always
  revisionHistoryLimit                  8 int32?                                           default=10
  minReadySeconds                       9 int32
  persistentVolumeClaimRetentionPolicy 10 StatefulSetPersistentVolumeClaimRetentionPolicy? default={}
  ordinals                             11 StatefulSetOrdinals?

message StatefulSetStatus
  observedGeneration  1 int64
  replicas            2 int32                  required
  readyReplicas       3 int32
  currentReplicas     4 int32
  updatedReplicas     5 int32
  currentRevision     6 string
  updateRevision      7 string
  collisionCount      9 int32?
  conditions         10 []StatefulSetCondition list=map(type) patch=merge(type)
  availableReplicas  11 int32                  always

message StatefulSetUpdateStrategy
  type          1 string                            enum=RollingUpdate|OnDelete|Recreate
  rollingUpdate 2 RollingUpdateStatefulSetStrategy?
`;
