/** core/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const coreV1 = `\
group ""
version v1
protobuf k8s.io.api.core.v1
openapi io.k8s.api.core.v1

message AWSElasticBlockStoreVolumeSource
  volumeID  1 string required
  fsType    2 string
  partition 3 int32
  readOnly  4 bool

message Affinity
  nodeAffinity    1 NodeAffinity?
  podAffinity     2 PodAffinity?
  podAntiAffinity 3 PodAntiAffinity?

message AppArmorProfile
  type             1 string  required enum=Unconfined|RuntimeDefault|Localhost
  localhostProfile 2 string?

message AttachedVolume
  name       1 string required
  devicePath 2 string required

message AvoidPods
  preferAvoidPods 1 []PreferAvoidPodsEntry

message AzureDiskVolumeSource
  diskName    1 string  required
  diskURI     2 string  required
  cachingMode 3 string? enum=None|ReadOnly|ReadWrite default="ReadWrite"
  fsType      4 string? default="ext4"
  readOnly    5 bool?   default=false
  kind        6 string? enum=Shared|Dedicated|Managed default="Shared"

message AzureFilePersistentVolumeSource
  secretName      1 string  required
  shareName       2 string  required
  readOnly        3 bool
  secretNamespace 4 string?

message AzureFileVolumeSource
  secretName 1 string required
  shareName  2 string required
  readOnly   3 bool

kind Binding
  metadata 1 meta/v1.ObjectMeta
  target   2 ObjectReference    required

message CSIPersistentVolumeSource
  driver                      1 string           required
  volumeHandle                2 string           required
  readOnly                    3 bool
  fsType                      4 string
  volumeAttributes            5 {}string
  controllerPublishSecretRef  6 SecretReference?
  nodeStageSecretRef          7 SecretReference?
  nodePublishSecretRef        8 SecretReference?
  controllerExpandSecretRef   9 SecretReference?
  nodeExpandSecretRef        10 SecretReference?

message CSIVolumeSource
  driver               1 string                required
  readOnly             2 bool?
  fsType               3 string?
  volumeAttributes     4 {}string
  nodePublishSecretRef 5 LocalObjectReference?

message Capabilities
  add  1 []string list=atomic
  drop 2 []string list=atomic

message CephFSPersistentVolumeSource
  monitors   1 []string         required list=atomic
  path       2 string
  user       3 string
  secretFile 4 string
  secretRef  5 SecretReference?
  readOnly   6 bool

message CephFSVolumeSource
  monitors   1 []string              required list=atomic
  path       2 string
  user       3 string
  secretFile 4 string
  secretRef  5 LocalObjectReference?
  readOnly   6 bool

message CinderPersistentVolumeSource
  volumeID  1 string           required
  fsType    2 string
  readOnly  3 bool
  secretRef 4 SecretReference?

message CinderVolumeSource
  volumeID  1 string                required
  fsType    2 string
  readOnly  3 bool
  secretRef 4 LocalObjectReference?

message ClientIPConfig
  timeoutSeconds 1 int32?

message ClusterTrustBundleProjection
  name          1 string?
  signerName    2 string?
  labelSelector 3 meta/v1.LabelSelector?
  optional      5 bool?
  path          4 string                 required

message ComponentCondition
  type    1 string required
  status  2 string required
  message 3 string
  error   4 string

kind ComponentStatus
  metadata   1 meta/v1.ObjectMeta
  conditions 2 []ComponentCondition list=map(type) patch=merge(type)

kind ComponentStatusList
  metadata 1 meta/v1.ListMeta
  items    2 []ComponentStatus required

kind ConfigMap
  metadata   1 meta/v1.ObjectMeta
  immutable  4 bool?
  data       2 {}string
  binaryData 3 {}bytes

message ConfigMapEnvSource
  localObjectReference 1 LocalObjectReference inline
  optional             2 bool?

message ConfigMapKeySelector atomic
  localObjectReference 1 LocalObjectReference inline
  key                  2 string               required
  optional             3 bool?

kind ConfigMapList
  metadata 1 meta/v1.ListMeta
  items    2 []ConfigMap      required

message ConfigMapNodeConfigSource
  namespace        1 string required
  name             2 string required
  uid              3 string
  resourceVersion  4 string
  kubeletConfigKey 5 string required

message ConfigMapProjection
  localObjectReference 1 LocalObjectReference inline
  items                2 []KeyToPath          list=atomic
  optional             4 bool?

message ConfigMapVolumeSource
  localObjectReference 1 LocalObjectReference inline
  items                2 []KeyToPath          list=atomic
  defaultMode          3 int32?               default=420
  optional             4 bool?

message Container
  name                      1 string                  required
  image                     2 string
  command                   3 []string                list=atomic
  args                      4 []string                list=atomic
  workingDir                5 string
  ports                     6 []ContainerPort         list=map(containerPort,protocol) patch=merge(containerPort)
  envFrom                  19 []EnvFromSource         list=atomic
  env                       7 []EnvVar                list=map(name) patch=merge(name)
  resources                 8 ResourceRequirements    always
  resizePolicy             23 []ContainerResizePolicy list=atomic
  restartPolicy            24 string?
  restartPolicyRules       25 []ContainerRestartRule  list=atomic
  volumeMounts              9 []VolumeMount           list=map(mountPath) patch=merge(mountPath)
  volumeDevices            21 []VolumeDevice          list=map(devicePath) patch=merge(devicePath)
  livenessProbe            10 Probe?
  readinessProbe           11 Probe?
  startupProbe             22 Probe?
  lifecycle                12 Lifecycle?
  terminationMessagePath   13 string                  default="/dev/termination-log"
  terminationMessagePolicy 20 string                  enum=File|FallbackToLogsOnError default="File"
  imagePullPolicy          14 string                  enum=Always|Never|IfNotPresent
  securityContext          15 SecurityContext?
  stdin                    16 bool
  stdinOnce                17 bool
  tty                      18 bool

message ContainerExtendedResourceRequest
  containerName 1 string required
  resourceName  2 string required
  requestName   3 string required

message ContainerImage
  names     1 []string always list=atomic
  sizeBytes 2 int64

message ContainerPort
  name          1 string
  hostPort      2 int32
  containerPort 3 int32  required
  protocol      4 string default="TCP" enum=TCP|UDP|SCTP
  hostIP        5 string

message ContainerResizePolicy
  resourceName  1 string required
  restartPolicy 2 string required

message ContainerRestartRule
  action    1 string                           required
  exitCodes 2 ContainerRestartRuleOnExitCodes?

message ContainerRestartRuleOnExitCodes
  operator 1 string  required
  values   2 []int32 list=set

message ContainerState
  waiting    1 ContainerStateWaiting?
  running    2 ContainerStateRunning?
  terminated 3 ContainerStateTerminated?

message ContainerStateRunning
  startedAt 1 time

message ContainerStateTerminated
  exitCode    1 int32  required
  signal      2 int32
  reason      3 string
  message     4 string
  startedAt   5 time
  finishedAt  6 time
  containerID 7 string

message ContainerStateWaiting
  reason  1 string
  message 2 string

message ContainerStatus
  name                      1 string                required
  state                     2 ContainerState        always
  lastState                 3 ContainerState        always
  ready                     4 bool                  required
  restartCount              5 int32                 required
  image                     6 string                required
  imageID                   7 string                required
  containerID               8 string
  started                   9 bool?
  allocatedResources       10 {}quantity
  resources                11 ResourceRequirements?
  volumeMounts             12 []VolumeMountStatus   list=map(mountPath) patch=merge(mountPath)
  user                     13 ContainerUser?
  allocatedResourcesStatus 14 []ResourceStatus      list=map(name) patch=merge(name)
  stopSignal               15 string?

message ContainerUser
  linux 1 LinuxContainerUser?

message DaemonEndpoint
  Port 1 int32 required

message DownwardAPIProjection
  items 1 []DownwardAPIVolumeFile list=atomic

message DownwardAPIVolumeFile
  path             1 string                 required
  fieldRef         2 ObjectFieldSelector?
  resourceFieldRef 3 ResourceFieldSelector?
  mode             4 int32?

message DownwardAPIVolumeSource
  items       1 []DownwardAPIVolumeFile list=atomic
  defaultMode 2 int32?                  default=420

message EmptyDirVolumeSource
  medium    1 string
  sizeLimit 2 quantity?

message EndpointAddress atomic
  ip        1 string           required
  hostname  3 string
  nodeName  4 string?
  targetRef 2 ObjectReference?

message EndpointPort atomic
  name        1 string
  port        2 int32   required
  protocol    3 string  enum=TCP|UDP|SCTP default="TCP"
  appProtocol 4 string?

message EndpointSubset
  addresses         1 []EndpointAddress list=atomic
  notReadyAddresses 2 []EndpointAddress list=atomic
  ports             3 []EndpointPort    list=atomic

kind Endpoints
  metadata 1 meta/v1.ObjectMeta
  subsets  2 []EndpointSubset   list=atomic

kind EndpointsList
  metadata 1 meta/v1.ListMeta
  items    2 []Endpoints      required

message EnvFromSource
  prefix       1 string
  configMapRef 2 ConfigMapEnvSource?
  secretRef    3 SecretEnvSource?

message EnvVar
  name      1 string        required
  value     2 string
  valueFrom 3 EnvVarSource?

message EnvVarSource
  fieldRef         1 ObjectFieldSelector?
  resourceFieldRef 2 ResourceFieldSelector?
  configMapKeyRef  3 ConfigMapKeySelector?
  secretKeyRef     4 SecretKeySelector?
  fileKeyRef       5 FileKeySelector?

message EphemeralContainer
  ephemeralContainerCommon 1 EphemeralContainerCommon inline
  targetContainerName      2 string

message EphemeralContainerCommon
  name                      1 string                  required
  image                     2 string
  command                   3 []string                list=atomic
  args                      4 []string                list=atomic
  workingDir                5 string
  ports                     6 []ContainerPort         list=map(containerPort,protocol) patch=merge(containerPort)
  envFrom                  19 []EnvFromSource         list=atomic
  env                       7 []EnvVar                list=map(name) patch=merge(name)
  resources                 8 ResourceRequirements    always
  resizePolicy             23 []ContainerResizePolicy list=atomic
  restartPolicy            24 string?
  restartPolicyRules       25 []ContainerRestartRule  list=atomic
  volumeMounts              9 []VolumeMount           list=map(mountPath) patch=merge(mountPath)
  volumeDevices            21 []VolumeDevice          list=map(devicePath) patch=merge(devicePath)
  livenessProbe            10 Probe?
  readinessProbe           11 Probe?
  startupProbe             22 Probe?
  lifecycle                12 Lifecycle?
  terminationMessagePath   13 string                  default="/dev/termination-log"
  terminationMessagePolicy 20 string                  enum=File|FallbackToLogsOnError default="File"
  imagePullPolicy          14 string                  enum=Always|Never|IfNotPresent
  securityContext          15 SecurityContext?
  stdin                    16 bool
  stdinOnce                17 bool
  tty                      18 bool

message EphemeralVolumeSource
  volumeClaimTemplate 1 PersistentVolumeClaimTemplate?

kind Event
  metadata            1 meta/v1.ObjectMeta required
  involvedObject      2 ObjectReference    required
  reason              3 string
  message             4 string
  source              5 EventSource        always
  firstTimestamp      6 time
  lastTimestamp       7 time
  count               8 int32
  type                9 string
  eventTime          10 microTime
  series             11 EventSeries?
  action             12 string
  related            13 ObjectReference?
  reportingComponent 14 string             always
  reportingInstance  15 string             always

kind EventList
  metadata 1 meta/v1.ListMeta
  items    2 []Event          required

message EventSeries
  count            1 int32
  lastObservedTime 2 microTime

message EventSource
  component 1 string
  host      2 string

message ExecAction
  command 1 []string list=atomic

message FCVolumeSource
  targetWWNs 1 []string list=atomic
  lun        2 int32?
  fsType     3 string
  readOnly   4 bool
  wwids      5 []string list=atomic

message FileKeySelector atomic
  volumeName 1 string required
  path       2 string required
  key        3 string required
  optional   4 bool?  default=false

message FlexPersistentVolumeSource
  driver    1 string           required
  fsType    2 string
  secretRef 3 SecretReference?
  readOnly  4 bool
  options   5 {}string

message FlexVolumeSource
  driver    1 string                required
  fsType    2 string
  secretRef 3 LocalObjectReference?
  readOnly  4 bool
  options   5 {}string

message FlockerVolumeSource
  datasetName 1 string
  datasetUUID 2 string

message GCEPersistentDiskVolumeSource
  pdName    1 string required
  fsType    2 string
  partition 3 int32
  readOnly  4 bool

message GRPCAction
  port    1 int32   required
  service 2 string? default=""

message GitRepoVolumeSource
  repository 1 string required
  revision   2 string
  directory  3 string

message GlusterfsPersistentVolumeSource
  endpoints          1 string  required
  path               2 string  required
  readOnly           3 bool
  endpointsNamespace 4 string?

message GlusterfsVolumeSource
  endpoints 1 string required
  path      2 string required
  readOnly  3 bool

message HTTPGetAction
  path        1 string       default="/"
  port        2 intOrString  required
  host        3 string
  scheme      4 string       enum=HTTP|HTTPS default="HTTP"
  httpHeaders 5 []HTTPHeader list=atomic

message HTTPHeader
  name  1 string required
  value 2 string required minLength=0

message HostAlias
  ip        1 string   required
  hostnames 2 []string list=atomic

message HostIP
  ip 1 string required

message HostPathVolumeSource
  path 1 string  required
  type 2 string? enum=|DirectoryOrCreate|Directory|FileOrCreate|File|Socket|CharDevice|BlockDevice default=""

message ISCSIPersistentVolumeSource
  targetPortal       1 string           required
  iqn                2 string           required
  lun                3 int32            required
  iscsiInterface     4 string           default="default"
  fsType             5 string
  readOnly           6 bool
  portals            7 []string         list=atomic
  chapAuthDiscovery  8 bool
  chapAuthSession   11 bool
  secretRef         10 SecretReference?
  initiatorName     12 string?

message ISCSIVolumeSource
  targetPortal       1 string                required
  iqn                2 string                required
  lun                3 int32                 required
  iscsiInterface     4 string                default="default"
  fsType             5 string
  readOnly           6 bool
  portals            7 []string              list=atomic
  chapAuthDiscovery  8 bool
  chapAuthSession   11 bool
  secretRef         10 LocalObjectReference?
  initiatorName     12 string?

message ImageVolumeSource
  reference  1 string
  pullPolicy 2 string enum=Always|Never|IfNotPresent

message ImageVolumeStatus
  imageRef 1 string required

message KeyToPath
  key  1 string required
  path 2 string required
  mode 3 int32?

message Lifecycle
  postStart  1 LifecycleHandler?
  preStop    2 LifecycleHandler?
  stopSignal 3 string?

message LifecycleHandler
  exec      1 ExecAction?
  httpGet   2 HTTPGetAction?
  tcpSocket 3 TCPSocketAction?
  sleep     4 SleepAction?

kind LimitRange
  metadata 1 meta/v1.ObjectMeta
  spec     2 LimitRangeSpec     always

message LimitRangeItem
  type                 1 string     required
  max                  2 {}quantity
  min                  3 {}quantity
  default              4 {}quantity
  defaultRequest       5 {}quantity
  maxLimitRequestRatio 6 {}quantity

kind LimitRangeList
  metadata 1 meta/v1.ListMeta
  items    2 []LimitRange     required

message LimitRangeSpec
  limits 1 []LimitRangeItem required list=atomic

message LinuxContainerUser
  uid                1 int64   required
  gid                2 int64   required
  supplementalGroups 3 []int64 list=atomic

message List
  metadata 1 meta/v1.ListMeta
  items    2 []rawExtension

message LoadBalancerIngress
  ip       1 string
  hostname 2 string
  ipMode   3 string?
  ports    4 []PortStatus list=atomic

message LoadBalancerStatus
  ingress 1 []LoadBalancerIngress list=atomic

message LocalObjectReference atomic
  name 1 string default=""

message LocalVolumeSource
  path   1 string  required
  fsType 2 string?

message ModifyVolumeStatus
  targetVolumeAttributesClassName 1 string
  status                          2 string required enum=Pending|InProgress|Infeasible

message NFSVolumeSource
  server   1 string required
  path     2 string required
  readOnly 3 bool

kind Namespace
  metadata 1 meta/v1.ObjectMeta
  spec     2 NamespaceSpec      always
  status   3 NamespaceStatus    always

message NamespaceCondition
  type               1 string required
  status             2 string required
  lastTransitionTime 4 time
  reason             5 string
  message            6 string

kind NamespaceList
  metadata 1 meta/v1.ListMeta
  items    2 []Namespace      required

message NamespaceSpec
  finalizers 1 []string list=atomic

message NamespaceStatus
  phase      1 string               enum=Active|Terminating default="Active"
  conditions 2 []NamespaceCondition list=map(type) patch=merge(type)

kind Node
  metadata 1 meta/v1.ObjectMeta
  spec     2 NodeSpec           always
  status   3 NodeStatus         always

message NodeAddress
  type    1 string required
  address 2 string required

message NodeAffinity
  requiredDuringSchedulingIgnoredDuringExecution  1 NodeSelector?
  preferredDuringSchedulingIgnoredDuringExecution 2 []PreferredSchedulingTerm list=atomic

message NodeAllocatableResourceClaimStatus
  resourceClaimName 1 string     required
  containers        2 []string   list=set
  resources         3 {}quantity required

message NodeCondition
  type               1 string required
  status             2 string required
  lastHeartbeatTime  3 time
  lastTransitionTime 4 time
  reason             5 string
  message            6 string

message NodeConfigSource
  configMap 2 ConfigMapNodeConfigSource?

message NodeConfigStatus
  assigned      1 NodeConfigSource?
  active        2 NodeConfigSource?
  lastKnownGood 3 NodeConfigSource?
  error         4 string

message NodeDaemonEndpoints
  kubeletEndpoint 1 DaemonEndpoint always

message NodeFeatures
  supplementalGroupsPolicy 1 bool?

kind NodeList
  metadata 1 meta/v1.ListMeta
  items    2 []Node           required

message NodeProxyOptions
  path 1 string

message NodeRuntimeHandler
  name     1 string                      always
  features 2 NodeRuntimeHandlerFeatures?

message NodeRuntimeHandlerFeatures
  recursiveReadOnlyMounts 1 bool?
  userNamespaces          2 bool?

message NodeSelector atomic
  nodeSelectorTerms 1 []NodeSelectorTerm required list=atomic

message NodeSelectorRequirement
  key      1 string   required
  operator 2 string   required enum=In|NotIn|Exists|DoesNotExist|Gt|Lt
  values   3 []string list=atomic

message NodeSelectorTerm atomic
  matchExpressions 1 []NodeSelectorRequirement list=atomic
  matchFields      2 []NodeSelectorRequirement list=atomic

message NodeSpec
  podCIDR       1 string
  podCIDRs      7 []string          list=set patch=merge
  providerID    3 string
  unschedulable 4 bool
  taints        5 []Taint           list=atomic
  configSource  6 NodeConfigSource?
  externalID    2 string

message NodeStatus
  capacity          1 {}quantity
  allocatable       2 {}quantity
  phase             3 string               enum=Pending|Running|Terminated
  conditions        4 []NodeCondition      list=map(type) patch=merge(type)
  addresses         5 []NodeAddress        list=map(type) patch=merge(type)
  daemonEndpoints   6 NodeDaemonEndpoints  always
  nodeInfo          7 NodeSystemInfo       always
  images            8 []ContainerImage     list=atomic
  volumesInUse      9 []string             list=atomic
  volumesAttached  10 []AttachedVolume     list=atomic
  config           11 NodeConfigStatus?
  runtimeHandlers  12 []NodeRuntimeHandler list=atomic
  features         13 NodeFeatures?
  declaredFeatures 14 []string             list=atomic

message NodeSwapStatus
  capacity 1 int64?

message NodeSystemInfo
  machineID                1 string          required
  systemUUID               2 string          required
  bootID                   3 string          required
  kernelVersion            4 string          required
  osImage                  5 string          required
  containerRuntimeVersion  6 string          required
  kubeletVersion           7 string          required
  kubeProxyVersion         8 string          required
  operatingSystem          9 string          required
  architecture            10 string          required
  swap                    11 NodeSwapStatus?

message ObjectFieldSelector atomic
  apiVersion 1 string default="v1"
  fieldPath  2 string required

message ObjectReference atomic
  kind            1 string
  namespace       2 string
  name            3 string
  uid             4 string
  apiVersion      5 string
  resourceVersion 6 string
  fieldPath       7 string

kind PersistentVolume
  metadata 1 meta/v1.ObjectMeta
  spec     2 PersistentVolumeSpec   always
  status   3 PersistentVolumeStatus always

kind PersistentVolumeClaim
  metadata 1 meta/v1.ObjectMeta
  spec     2 PersistentVolumeClaimSpec   always
  status   3 PersistentVolumeClaimStatus always

message PersistentVolumeClaimCondition
  type               1 string required
  status             2 string required
  lastProbeTime      3 time
  lastTransitionTime 4 time
  reason             5 string
  message            6 string

kind PersistentVolumeClaimList
  metadata 1 meta/v1.ListMeta
  items    2 []PersistentVolumeClaim required

message PersistentVolumeClaimSpec
  accessModes               1 []string                   list=atomic enum=ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod
  selector                  4 meta/v1.LabelSelector?
  resources                 2 VolumeResourceRequirements always
  volumeName                3 string
  storageClassName          5 string?
  volumeMode                6 string?                    enum=Block|Filesystem default="Filesystem"
  dataSource                7 TypedLocalObjectReference?
  dataSourceRef             8 TypedObjectReference?
  volumeAttributesClassName 9 string?

message PersistentVolumeClaimStatus
  phase                            1 string                           enum=Pending|Bound|Lost default="Pending"
  accessModes                      2 []string                         list=atomic enum=ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod
  capacity                         3 {}quantity
  conditions                       4 []PersistentVolumeClaimCondition list=map(type) patch=merge(type)
  allocatedResources               5 {}quantity
  allocatedResourceStatuses        7 {}string                         map=granular
  currentVolumeAttributesClassName 8 string?
  modifyVolumeStatus               9 ModifyVolumeStatus?

message PersistentVolumeClaimTemplate
  metadata 1 meta/v1.ObjectMeta
  spec     2 PersistentVolumeClaimSpec required

message PersistentVolumeClaimVolumeSource
  claimName 1 string required
  readOnly  2 bool

kind PersistentVolumeList
  metadata 1 meta/v1.ListMeta
  items    2 []PersistentVolume required

message PersistentVolumeSource
  gcePersistentDisk     1 GCEPersistentDiskVolumeSource?
  awsElasticBlockStore  2 AWSElasticBlockStoreVolumeSource?
  hostPath              3 HostPathVolumeSource?
  glusterfs             4 GlusterfsPersistentVolumeSource?
  nfs                   5 NFSVolumeSource?
  rbd                   6 RBDPersistentVolumeSource?
  iscsi                 7 ISCSIPersistentVolumeSource?
  cinder                8 CinderPersistentVolumeSource?
  cephfs                9 CephFSPersistentVolumeSource?
  fc                   10 FCVolumeSource?
  flocker              11 FlockerVolumeSource?
  flexVolume           12 FlexPersistentVolumeSource?
  azureFile            13 AzureFilePersistentVolumeSource?
  vsphereVolume        14 VsphereVirtualDiskVolumeSource?
  quobyte              15 QuobyteVolumeSource?
  azureDisk            16 AzureDiskVolumeSource?
  photonPersistentDisk 17 PhotonPersistentDiskVolumeSource?
  portworxVolume       18 PortworxVolumeSource?
  scaleIO              19 ScaleIOPersistentVolumeSource?
  local                20 LocalVolumeSource?
  storageos            21 StorageOSPersistentVolumeSource?
  csi                  22 CSIPersistentVolumeSource?

message PersistentVolumeSpec
  capacity                       1 {}quantity
  persistentVolumeSource         2 PersistentVolumeSource inline
  accessModes                    3 []string               list=atomic enum=ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod
  claimRef                       4 ObjectReference?       map=granular
  persistentVolumeReclaimPolicy  5 string                 enum=Recycle|Delete|Retain default="Retain"
  storageClassName               6 string
  mountOptions                   7 []string               list=atomic
  volumeMode                     8 string?                enum=Block|Filesystem default="Filesystem"
  nodeAffinity                   9 VolumeNodeAffinity?
  volumeAttributesClassName     10 string?

message PersistentVolumeStatus
  phase                   1 string enum=Pending|Available|Bound|Released|Failed default="Pending"
  message                 2 string
  reason                  3 string
  lastPhaseTransitionTime 4 time?

message PhotonPersistentDiskVolumeSource
  pdID   1 string required
  fsType 2 string

kind Pod
  metadata 1 meta/v1.ObjectMeta
  spec     2 PodSpec            always
  status   3 PodStatus          always

message PodAffinity
  requiredDuringSchedulingIgnoredDuringExecution  1 []PodAffinityTerm         list=atomic
  preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm list=atomic

message PodAffinityTerm
  labelSelector     1 meta/v1.LabelSelector?
  namespaces        2 []string               list=atomic
  topologyKey       3 string                 required
  namespaceSelector 4 meta/v1.LabelSelector?
  matchLabelKeys    5 []string               list=atomic
  mismatchLabelKeys 6 []string               list=atomic

message PodAntiAffinity
  requiredDuringSchedulingIgnoredDuringExecution  1 []PodAffinityTerm         list=atomic
  preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm list=atomic

message PodAttachOptions
  stdin     1 bool
  stdout    2 bool
  stderr    3 bool
  tty       4 bool
  container 5 string

message PodCertificateProjection
  signerName           1 string   required
  keyType              2 string   required
  maxExpirationSeconds 3 int32?
  credentialBundlePath 4 string
  keyPath              5 string
  certificateChainPath 6 string
  userAnnotations      7 {}string

message PodCondition
  type               1 string required
  observedGeneration 7 int64
  status             2 string required
  lastProbeTime      3 time
  lastTransitionTime 4 time
  reason             5 string
  message            6 string

message PodDNSConfig
  nameservers 1 []string             list=atomic
  searches    2 []string             list=atomic
  options     3 []PodDNSConfigOption list=atomic

message PodDNSConfigOption
  name  1 string
  value 2 string?

message PodExecOptions
  stdin     1 bool
  stdout    2 bool
  stderr    3 bool
  tty       4 bool
  container 5 string
  command   6 []string always

message PodExtendedResourceClaimStatus
  requestMappings   1 []ContainerExtendedResourceRequest required list=atomic
  resourceClaimName 2 string                             required

message PodIP
  ip 1 string required

kind PodList
  metadata 1 meta/v1.ListMeta
  items    2 []Pod            required

message PodLogOptions
  container                     1 string
  follow                        2 bool
  previous                      3 bool
  sinceSeconds                  4 int64?
  sinceTime                     5 time?
  timestamps                    6 bool
  tailLines                     7 int64?
  limitBytes                    8 int64?
  insecureSkipTLSVerifyBackend  9 bool
  stream                       10 string?

message PodOS
  name 1 string required

message PodPortForwardOptions
  ports 1 []int32

message PodProxyOptions
  path 1 string

message PodReadinessGate
  conditionType 1 string required

message PodResourceClaim
  name                      1 string  required
  resourceClaimName         3 string?
  resourceClaimTemplateName 4 string?

message PodResourceClaimStatus
  name              1 string  required
  resourceClaimName 2 string?

message PodSchedulingGate
  name 1 string required

message PodSchedulingGroup
  podGroupName 1 string?

message PodSecurityContext
  seLinuxOptions            1 SELinuxOptions?
  windowsOptions            8 WindowsSecurityContextOptions?
  runAsUser                 2 int64?
  runAsGroup                6 int64?
  runAsNonRoot              3 bool?
  supplementalGroups        4 []int64                        list=atomic
  supplementalGroupsPolicy 12 string?                        enum=Merge|Strict
  fsGroup                   5 int64?
  sysctls                   7 []Sysctl                       list=atomic
  fsGroupChangePolicy       9 string?                        enum=OnRootMismatch|Always
  seccompProfile           10 SeccompProfile?
  appArmorProfile          11 AppArmorProfile?
  seLinuxChangePolicy      13 string?

message PodSignature
  podController 1 meta/v1.OwnerReference?

message PodSpec
  volumes                        1 []Volume                   list=map(name) patch=merge,retainKeys(name)
  initContainers                20 []Container                list=map(name) patch=merge(name)
  containers                     2 []Container                required list=map(name) patch=merge(name)
  ephemeralContainers           34 []EphemeralContainer       list=map(name) patch=merge(name)
  restartPolicy                  3 string                     enum=Always|OnFailure|Never default="Always"
  terminationGracePeriodSeconds  4 int64?                     default=30
  activeDeadlineSeconds          5 int64?
  dnsPolicy                      6 string                     enum=ClusterFirstWithHostNet|ClusterFirst|Default|None default="ClusterFirst"
  nodeSelector                   7 {}string                   map=atomic
  serviceAccountName             8 string
  serviceAccount                 9 string
  automountServiceAccountToken  21 bool?
  nodeName                      10 string
  hostNetwork                   11 bool
  hostPID                       12 bool
  hostIPC                       13 bool
  shareProcessNamespace         27 bool?
  securityContext               14 PodSecurityContext?        default={}
  imagePullSecrets              15 []LocalObjectReference     list=map(name) patch=merge(name)
  hostname                      16 string
  subdomain                     17 string
  affinity                      18 Affinity?
  schedulerName                 19 string                     default="default-scheduler"
  tolerations                   22 []Toleration               list=atomic
  hostAliases                   23 []HostAlias                list=map(ip) patch=merge(ip)
  priorityClassName             24 string
  priority                      25 int32?
  dnsConfig                     26 PodDNSConfig?
  readinessGates                28 []PodReadinessGate         list=atomic
  runtimeClassName              29 string?
  enableServiceLinks            30 bool?
  preemptionPolicy              31 string?                    enum=PreemptLowerPriority|Never
  overhead                      32 {}quantity
  topologySpreadConstraints     33 []TopologySpreadConstraint list=map(topologyKey,whenUnsatisfiable) patch=merge(topologyKey)
  setHostnameAsFQDN             35 bool?
  os                            36 PodOS?
  hostUsers                     37 bool?
  schedulingGates               38 []PodSchedulingGate        list=map(name) patch=merge(name)
  resourceClaims                39 []PodResourceClaim         list=map(name) patch=merge,retainKeys(name)
  resources                     40 ResourceRequirements?
  hostnameOverride              41 string?
  schedulingGroup               43 PodSchedulingGroup?

message PodStatus
  observedGeneration                   17 int64
  phase                                 1 string                               enum=Pending|Running|Succeeded|Failed|Unknown
  conditions                            2 []PodCondition                       list=map(type) patch=merge(type)
  message                               3 string
  reason                                4 string
  nominatedNodeName                    11 string
  hostIP                                5 string
  hostIPs                              16 []HostIP                             list=atomic patch=merge(ip)
  podIP                                 6 string
  podIPs                               12 []PodIP                              list=map(ip) patch=merge(ip)
  startTime                             7 time?
  initContainerStatuses                10 []ContainerStatus                    list=atomic
  containerStatuses                     8 []ContainerStatus                    list=atomic
  qosClass                              9 string                               enum=Guaranteed|Burstable|BestEffort
  ephemeralContainerStatuses           13 []ContainerStatus                    list=atomic
  resize                               14 string
  resourceClaimStatuses                15 []PodResourceClaimStatus             list=map(name) patch=merge,retainKeys(name)
  extendedResourceClaimStatus          18 PodExtendedResourceClaimStatus?
  allocatedResources                   19 {}quantity
  resources                            20 ResourceRequirements?
  nodeAllocatableResourceClaimStatuses 21 []NodeAllocatableResourceClaimStatus list=atomic

message PodStatusResult
  metadata 1 meta/v1.ObjectMeta
  status   2 PodStatus

kind PodTemplate
  metadata 1 meta/v1.ObjectMeta
  template 2 PodTemplateSpec    always

kind PodTemplateList
  metadata 1 meta/v1.ListMeta
  items    2 []PodTemplate    required

message PodTemplateSpec
  metadata 1 meta/v1.ObjectMeta
  spec     2 PodSpec            always

message PortStatus
  port     1 int32   required
  protocol 2 string  required enum=TCP|UDP|SCTP
  error    3 string?

message PortworxVolumeSource
  volumeID 1 string required
  fsType   2 string
  readOnly 3 bool

message Preconditions
  uid 1 string?

message PreferAvoidPodsEntry
  podSignature 1 PodSignature always
  evictionTime 2 time
  reason       3 string
  message      4 string

message PreferredSchedulingTerm
  weight     1 int32            required
  preference 2 NodeSelectorTerm required

message Probe
  handler                       1 ProbeHandler inline
  initialDelaySeconds           2 int32
  timeoutSeconds                3 int32        default=1
  periodSeconds                 4 int32        default=10
  successThreshold              5 int32        default=1
  failureThreshold              6 int32        default=3
  terminationGracePeriodSeconds 7 int64?

message ProbeHandler
  exec      1 ExecAction?
  httpGet   2 HTTPGetAction?
  tcpSocket 3 TCPSocketAction?
  grpc      4 GRPCAction?

message ProjectedVolumeSource
  sources     1 []VolumeProjection always list=atomic
  defaultMode 2 int32?             default=420

message QuobyteVolumeSource
  registry 1 string required
  volume   2 string required
  readOnly 3 bool
  user     4 string
  group    5 string
  tenant   6 string

message RBDPersistentVolumeSource
  monitors  1 []string         required list=atomic
  image     2 string           required
  fsType    3 string
  pool      4 string           default="rbd"
  user      5 string           default="admin"
  keyring   6 string           default="/etc/ceph/keyring"
  secretRef 7 SecretReference?
  readOnly  8 bool

message RBDVolumeSource
  monitors  1 []string              required list=atomic
  image     2 string                required
  fsType    3 string
  pool      4 string                default="rbd"
  user      5 string                default="admin"
  keyring   6 string                default="/etc/ceph/keyring"
  secretRef 7 LocalObjectReference?
  readOnly  8 bool

message RangeAllocation
  metadata 1 meta/v1.ObjectMeta
  range    2 string             always
  data     3 bytes              always

kind ReplicationController
  metadata 1 meta/v1.ObjectMeta
  spec     2 ReplicationControllerSpec   always
  status   3 ReplicationControllerStatus always

message ReplicationControllerCondition
  type               1 string required
  status             2 string required
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind ReplicationControllerList
  metadata 1 meta/v1.ListMeta
  items    2 []ReplicationController required

message ReplicationControllerSpec
  replicas        1 int32?           default=1
  minReadySeconds 4 int32            default=0
  selector        2 {}string         map=atomic
  template        3 PodTemplateSpec?

message ReplicationControllerStatus
  replicas             1 int32                            required
  fullyLabeledReplicas 2 int32
  readyReplicas        4 int32
  availableReplicas    5 int32
  observedGeneration   3 int64
  conditions           6 []ReplicationControllerCondition list=map(type) patch=merge(type)

message ResourceClaim
  name    1 string required
  request 2 string

message ResourceFieldSelector atomic
  containerName 1 string
  resource      2 string   required
  divisor       3 quantity always

message ResourceHealth
  resourceID 1 string  required
  health     2 string
  message    6 string?

kind ResourceQuota
  metadata 1 meta/v1.ObjectMeta
  spec     2 ResourceQuotaSpec   always
  status   3 ResourceQuotaStatus always

kind ResourceQuotaList
  metadata 1 meta/v1.ListMeta
  items    2 []ResourceQuota  required

message ResourceQuotaSpec
  hard          1 {}quantity
  scopes        2 []string       list=atomic enum=Terminating|NotTerminating|BestEffort|NotBestEffort|PriorityClass|CrossNamespacePodAffinity|VolumeAttributesClass
  scopeSelector 3 ScopeSelector?

message ResourceQuotaStatus
  hard 1 {}quantity
  used 2 {}quantity

message ResourceRequirements
  limits   1 {}quantity
  requests 2 {}quantity
  claims   3 []ResourceClaim list=map(name)

message ResourceStatus
  name      1 string           required
  resources 2 []ResourceHealth list=map(resourceID)

message SELinuxOptions
  user  1 string
  role  2 string
  type  3 string
  level 4 string

message ScaleIOPersistentVolumeSource
  gateway           1 string           required
  system            2 string           required
  secretRef         3 SecretReference? required
  sslEnabled        4 bool
  protectionDomain  5 string
  storagePool       6 string
  storageMode       7 string           default="ThinProvisioned"
  volumeName        8 string
  fsType            9 string           default="xfs"
  readOnly         10 bool

message ScaleIOVolumeSource
  gateway           1 string                required
  system            2 string                required
  secretRef         3 LocalObjectReference? required
  sslEnabled        4 bool
  protectionDomain  5 string
  storagePool       6 string
  storageMode       7 string                default="ThinProvisioned"
  volumeName        8 string
  fsType            9 string                default="xfs"
  readOnly         10 bool

message ScopeSelector atomic
  matchExpressions 1 []ScopedResourceSelectorRequirement list=atomic

message ScopedResourceSelectorRequirement
  scopeName 1 string   required enum=Terminating|NotTerminating|BestEffort|NotBestEffort|PriorityClass|CrossNamespacePodAffinity|VolumeAttributesClass
  operator  2 string   required enum=In|NotIn|Exists|DoesNotExist
  values    3 []string list=atomic

message SeccompProfile
  type             1 string  required enum=Unconfined|RuntimeDefault|Localhost
  localhostProfile 2 string?

kind Secret
  metadata   1 meta/v1.ObjectMeta
  immutable  5 bool?
  data       2 {}bytes
  stringData 4 {}string
  type       3 string             default="Opaque"

message SecretEnvSource
  localObjectReference 1 LocalObjectReference inline
  optional             2 bool?

message SecretKeySelector atomic
  localObjectReference 1 LocalObjectReference inline
  key                  2 string               required
  optional             3 bool?

kind SecretList
  metadata 1 meta/v1.ListMeta
  items    2 []Secret         required

message SecretProjection
  localObjectReference 1 LocalObjectReference inline
  items                2 []KeyToPath          list=atomic
  optional             4 bool?

message SecretReference atomic
  name      1 string
  namespace 2 string

message SecretVolumeSource
  secretName  1 string
  items       2 []KeyToPath list=atomic
  defaultMode 3 int32?      default=420
  optional    4 bool?

message SecurityContext
  capabilities              1 Capabilities?
  privileged                2 bool?
  seLinuxOptions            3 SELinuxOptions?
  windowsOptions           10 WindowsSecurityContextOptions?
  runAsUser                 4 int64?
  runAsGroup                8 int64?
  runAsNonRoot              5 bool?
  readOnlyRootFilesystem    6 bool?
  allowPrivilegeEscalation  7 bool?
  procMount                 9 string?                        enum=Default|Unmasked
  seccompProfile           11 SeccompProfile?
  appArmorProfile          12 AppArmorProfile?

message SerializedReference
  reference 1 ObjectReference always

kind Service
  metadata 1 meta/v1.ObjectMeta
  spec     2 ServiceSpec        always
  status   3 ServiceStatus      always

kind ServiceAccount
  metadata                     1 meta/v1.ObjectMeta
  secrets                      2 []ObjectReference      list=map(name) patch=merge(name)
  imagePullSecrets             3 []LocalObjectReference list=atomic
  automountServiceAccountToken 4 bool?

kind ServiceAccountList
  metadata 1 meta/v1.ListMeta
  items    2 []ServiceAccount required

message ServiceAccountTokenProjection
  audience          1 string
  expirationSeconds 2 int64? default=3600
  path              3 string required

kind ServiceList
  metadata 1 meta/v1.ListMeta
  items    2 []Service        required

message ServicePort
  name        1 string
  protocol    2 string      default="TCP" enum=TCP|UDP|SCTP
  appProtocol 6 string?
  port        3 int32       required
  targetPort  4 intOrString
  nodePort    5 int32

message ServiceProxyOptions
  path 1 string

message ServiceSpec
  ports                          1 []ServicePort          list=map(port,protocol) patch=merge(port)
  selector                       2 {}string               map=atomic
  clusterIP                      3 string
  clusterIPs                    18 []string               list=atomic
  type                           4 string                 enum=ClusterIP|NodePort|LoadBalancer|ExternalName default="ClusterIP"
  externalIPs                    5 []string               list=atomic
  sessionAffinity                7 string                 enum=ClientIP|None default="None"
  loadBalancerIP                 8 string
  loadBalancerSourceRanges       9 []string               list=atomic
  externalName                  10 string
  externalTrafficPolicy         11 string                 enum=Cluster|Local
  healthCheckNodePort           12 int32
  publishNotReadyAddresses      13 bool
  sessionAffinityConfig         14 SessionAffinityConfig?
  ipFamilies                    19 []string               list=atomic enum=IPv4|IPv6
  ipFamilyPolicy                17 string?                enum=SingleStack|PreferDualStack|RequireDualStack
  allocateLoadBalancerNodePorts 20 bool?
  loadBalancerClass             21 string?
  internalTrafficPolicy         22 string?                enum=Cluster|Local
  trafficDistribution           23 string?

message ServiceStatus
  loadBalancer 1 LoadBalancerStatus  always
  conditions   2 []meta/v1.Condition list=map(type) patch=merge(type)

message SessionAffinityConfig
  clientIP 1 ClientIPConfig?

message SleepAction
  seconds 1 int64 required

message StorageOSPersistentVolumeSource
  volumeName      1 string
  volumeNamespace 2 string
  fsType          3 string
  readOnly        4 bool
  secretRef       5 ObjectReference?

message StorageOSVolumeSource
  volumeName      1 string
  volumeNamespace 2 string
  fsType          3 string
  readOnly        4 bool
  secretRef       5 LocalObjectReference?

message Sysctl
  name  1 string required
  value 2 string required minLength=0

message TCPSocketAction
  port 1 intOrString required
  host 2 string

message Taint
  key       1 string required
  value     2 string
  effect    3 string required enum=NoSchedule|PreferNoSchedule|NoExecute
  timeAdded 4 time?

message Toleration
  key               1 string
  operator          2 string enum=Exists|Equal|Lt|Gt
  value             3 string
  effect            4 string enum=NoSchedule|PreferNoSchedule|NoExecute
  tolerationSeconds 5 int64?

message TopologySelectorLabelRequirement
  key    1 string   required
  values 2 []string required list=atomic

message TopologySelectorTerm atomic
  matchLabelExpressions 1 []TopologySelectorLabelRequirement list=atomic

message TopologySpreadConstraint
  maxSkew            1 int32                  required
  topologyKey        2 string                 required
  whenUnsatisfiable  3 string                 required enum=DoNotSchedule|ScheduleAnyway
  labelSelector      4 meta/v1.LabelSelector?
  minDomains         5 int32?
  nodeAffinityPolicy 6 string?                enum=Ignore|Honor
  nodeTaintsPolicy   7 string?                enum=Ignore|Honor
  matchLabelKeys     8 []string               list=atomic

message TypedLocalObjectReference atomic
  apiGroup 1 string?
  kind     2 string  required
  name     3 string  required

message TypedObjectReference
  apiGroup  1 string?
  kind      2 string  required
  name      3 string  required
  namespace 4 string?

message Volume
  name         1 string       required
  volumeSource 2 VolumeSource inline

message VolumeDevice
  name       1 string required
  devicePath 2 string required

message VolumeMount
  name              1 string  required
  readOnly          2 bool
  recursiveReadOnly 7 string?
  mountPath         3 string  required
  subPath           4 string
  mountPropagation  5 string? enum=None|HostToContainer|Bidirectional
  subPathExpr       6 string

message VolumeMountStatus
  name              1 string        required
  mountPath         2 string        required
  readOnly          3 bool
  recursiveReadOnly 4 string?
  volumeStatus      5 VolumeStatus?

message VolumeNodeAffinity
  required 1 NodeSelector?

message VolumeProjection
  secret              1 SecretProjection?
  downwardAPI         2 DownwardAPIProjection?
  configMap           3 ConfigMapProjection?
  serviceAccountToken 4 ServiceAccountTokenProjection?
  clusterTrustBundle  5 ClusterTrustBundleProjection?
  podCertificate      6 PodCertificateProjection?

message VolumeResourceRequirements
  limits   1 {}quantity
  requests 2 {}quantity

message VolumeSource
  hostPath               1 HostPathVolumeSource?
  emptyDir               2 EmptyDirVolumeSource?
  gcePersistentDisk      3 GCEPersistentDiskVolumeSource?
  awsElasticBlockStore   4 AWSElasticBlockStoreVolumeSource?
  gitRepo                5 GitRepoVolumeSource?
  secret                 6 SecretVolumeSource?
  nfs                    7 NFSVolumeSource?
  iscsi                  8 ISCSIVolumeSource?
  glusterfs              9 GlusterfsVolumeSource?
  persistentVolumeClaim 10 PersistentVolumeClaimVolumeSource?
  rbd                   11 RBDVolumeSource?
  flexVolume            12 FlexVolumeSource?
  cinder                13 CinderVolumeSource?
  cephfs                14 CephFSVolumeSource?
  flocker               15 FlockerVolumeSource?
  downwardAPI           16 DownwardAPIVolumeSource?
  fc                    17 FCVolumeSource?
  azureFile             18 AzureFileVolumeSource?
  configMap             19 ConfigMapVolumeSource?
  vsphereVolume         20 VsphereVirtualDiskVolumeSource?
  quobyte               21 QuobyteVolumeSource?
  azureDisk             22 AzureDiskVolumeSource?
  photonPersistentDisk  23 PhotonPersistentDiskVolumeSource?
  projected             26 ProjectedVolumeSource?
  portworxVolume        24 PortworxVolumeSource?
  scaleIO               25 ScaleIOVolumeSource?
  storageos             27 StorageOSVolumeSource?
  csi                   28 CSIVolumeSource?
  ephemeral             29 EphemeralVolumeSource?
  image                 30 ImageVolumeSource?

message VolumeStatus
  image 1 ImageVolumeStatus?

message VsphereVirtualDiskVolumeSource
  volumePath        1 string required
  fsType            2 string
  storagePolicyName 3 string
  storagePolicyID   4 string

message WeightedPodAffinityTerm
  weight          1 int32           required
  podAffinityTerm 2 PodAffinityTerm required

message WindowsSecurityContextOptions
  gmsaCredentialSpecName 1 string?
  gmsaCredentialSpec     2 string?
  runAsUserName          3 string?
  hostProcess            4 bool?
`;
