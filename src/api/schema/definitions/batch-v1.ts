/** batch/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const batchV1 = `\
group batch
version v1
protobuf k8s.io.api.batch.v1
openapi io.k8s.api.batch.v1

kind CronJob
  metadata 1 meta/v1.ObjectMeta
  spec     2 CronJobSpec        required
  status   3 CronJobStatus      always

kind CronJobList
  metadata 1 meta/v1.ListMeta
  items    2 []CronJob        required

message CronJobSpec
  schedule                   1 string          required
  timeZone                   8 string?
  startingDeadlineSeconds    2 int64?
  concurrencyPolicy          3 string          enum=Allow|Forbid|Replace default="Allow"
  suspend                    4 bool?           default=false
  jobTemplate                5 JobTemplateSpec required
  successfulJobsHistoryLimit 6 int32?          default=3
  failedJobsHistoryLimit     7 int32?          default=1

message CronJobStatus
  active             1 []core/v1.ObjectReference list=atomic
  lastScheduleTime   4 time?
  lastSuccessfulTime 5 time?

kind Job
  metadata 1 meta/v1.ObjectMeta
  spec     2 JobSpec            always
  status   3 JobStatus          always

message JobCondition
  type               1 string required
  status             2 string required
  lastProbeTime      3 time
  lastTransitionTime 4 time
  reason             5 string
  message            6 string

kind JobList
  metadata 1 meta/v1.ListMeta
  items    2 []Job            required

message JobSpec
  parallelism              1 int32?
  completions              2 int32?
  activeDeadlineSeconds    3 int64?
  podFailurePolicy        11 PodFailurePolicy?
  successPolicy           16 SuccessPolicy?
  backoffLimit             7 int32?
  backoffLimitPerIndex    12 int32?
  maxFailedIndexes        13 int32?
  selector                 4 meta/v1.LabelSelector?
  manualSelector           5 bool?
  template                 6 core/v1.PodTemplateSpec required
  ttlSecondsAfterFinished  8 int32?
  completionMode           9 string?                 enum=NonIndexed|Indexed
  suspend                 10 bool?
  podReplacementPolicy    14 string?                 enum=TerminatingOrFailed|Failed
  managedBy               15 string?

message JobStatus
  conditions               1 []JobCondition           list=atomic patch=merge(type)
  startTime                2 time?
  completionTime           3 time?
  active                   4 int32
  succeeded                5 int32
  failed                   6 int32
  terminating             11 int32?
  completedIndexes         7 string
  failedIndexes           10 string?
  uncountedTerminatedPods  8 UncountedTerminatedPods?
  ready                    9 int32?

message JobTemplateSpec
  metadata 1 meta/v1.ObjectMeta
  spec     2 JobSpec            always

message PodFailurePolicy
  rules 1 []PodFailurePolicyRule required list=atomic

message PodFailurePolicyOnExitCodesRequirement
  containerName 1 string?
  operator      2 string  required enum=In|NotIn
  values        3 []int32 required list=set

message PodFailurePolicyOnPodConditionsPattern
  type   1 string required
  status 2 string always   default="True"

message PodFailurePolicyRule
  action          1 string                                   required enum=FailJob|FailIndex|Ignore|Count
  onExitCodes     2 PodFailurePolicyOnExitCodesRequirement?
  onPodConditions 3 []PodFailurePolicyOnPodConditionsPattern list=atomic

message SuccessPolicy
  rules 1 []SuccessPolicyRule required list=atomic

message SuccessPolicyRule
  succeededIndexes 1 string?
  succeededCount   2 int32?

message UncountedTerminatedPods
  succeeded 1 []string list=set
  failed    2 []string list=set
`;
