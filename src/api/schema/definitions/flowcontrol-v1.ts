/** flowcontrol.apiserver.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const flowcontrolV1 = `\
group flowcontrol.apiserver.k8s.io
version v1
protobuf k8s.io.api.flowcontrol.v1
openapi io.k8s.api.flowcontrol.v1

message ExemptPriorityLevelConfiguration
  nominalConcurrencyShares 1 int32? default=0
  lendablePercent          2 int32? default=0

message FlowDistinguisherMethod
  type 1 string required minLength=0

kind FlowSchema
  metadata 1 meta/v1.ObjectMeta
  spec     2 FlowSchemaSpec     always
  status   3 FlowSchemaStatus   always

message FlowSchemaCondition
  type               1 string
  status             2 string
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind FlowSchemaList
  metadata 1 meta/v1.ListMeta
  items    2 []FlowSchema     required

message FlowSchemaSpec
  priorityLevelConfiguration 1 PriorityLevelConfigurationReference required
  matchingPrecedence         2 int32                               always default=1000
  distinguisherMethod        3 FlowDistinguisherMethod?
  rules                      4 []PolicyRulesWithSubjects           list=atomic

message FlowSchemaStatus
  conditions 1 []FlowSchemaCondition list=map(type) patch=merge(type)

message GroupSubject
  name 1 string required

message LimitResponse
  type    1 string                required minLength=0
  queuing 2 QueuingConfiguration?

message LimitedPriorityLevelConfiguration
  nominalConcurrencyShares 1 int32?        default=30
  limitResponse            2 LimitResponse always
  lendablePercent          3 int32?        default=0
  borrowingLimitPercent    4 int32?

message NonResourcePolicyRule
  verbs           1 []string required list=set
  nonResourceURLs 6 []string required list=set

message PolicyRulesWithSubjects
  subjects         1 []Subject               required list=atomic
  resourceRules    2 []ResourcePolicyRule    list=atomic
  nonResourceRules 3 []NonResourcePolicyRule list=atomic

kind PriorityLevelConfiguration
  metadata 1 meta/v1.ObjectMeta
  spec     2 PriorityLevelConfigurationSpec   always
  status   3 PriorityLevelConfigurationStatus always

message PriorityLevelConfigurationCondition
  type               1 string
  status             2 string
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind PriorityLevelConfigurationList
  metadata 1 meta/v1.ListMeta
  items    2 []PriorityLevelConfiguration required

message PriorityLevelConfigurationReference
  name 1 string required minLength=0

message PriorityLevelConfigurationSpec
  type    1 string                             required minLength=0
  limited 2 LimitedPriorityLevelConfiguration?
  exempt  3 ExemptPriorityLevelConfiguration?

message PriorityLevelConfigurationStatus
  conditions 1 []PriorityLevelConfigurationCondition list=map(type) patch=merge(type)

message QueuingConfiguration
  queues           1 int32 always default=64
  handSize         2 int32 always default=8
  queueLengthLimit 3 int32 always default=50

message ResourcePolicyRule
  verbs        1 []string required list=set
  apiGroups    2 []string required list=set
  resources    3 []string required list=set
  clusterScope 4 bool
  namespaces   5 []string always list=set

message ServiceAccountSubject
  namespace 1 string required minLength=0
  name      2 string required

message Subject
  kind           1 string                 required minLength=0
  user           2 UserSubject?
  group          3 GroupSubject?
  serviceAccount 4 ServiceAccountSubject?

message UserSubject
  name 1 string required
`;
