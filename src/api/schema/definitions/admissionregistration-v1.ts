/** admissionregistration.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const admissionregistrationV1 = `\
group admissionregistration.k8s.io
version v1
protobuf k8s.io.api.admissionregistration.v1
openapi io.k8s.api.admissionregistration.v1

message ApplyConfiguration
  expression 1 string

message AuditAnnotation
  key             1 string required minLength=0
  valueExpression 2 string required minLength=0

message ExpressionWarning
  fieldRef 2 string required
  warning  3 string required

message JSONPatch
  expression 1 string

message MatchCondition
  name       1 string required
  expression 2 string required

message MatchResources atomic
  namespaceSelector    1 meta/v1.LabelSelector?    default={}
  objectSelector       2 meta/v1.LabelSelector?    default={}
  resourceRules        3 []NamedRuleWithOperations list=atomic
  excludeResourceRules 4 []NamedRuleWithOperations list=atomic
  matchPolicy          7 string?                   enum=Exact|Equivalent default="Equivalent"

kind MutatingAdmissionPolicy
  metadata 1 meta/v1.ObjectMeta
  spec     2 MutatingAdmissionPolicySpec always

kind MutatingAdmissionPolicyBinding
  metadata 1 meta/v1.ObjectMeta
  spec     2 MutatingAdmissionPolicyBindingSpec always

kind MutatingAdmissionPolicyBindingList
  metadata 1 meta/v1.ListMeta
  items    2 []MutatingAdmissionPolicyBinding required

message MutatingAdmissionPolicyBindingSpec
  policyName     1 string
  paramRef       2 ParamRef?
  matchResources 3 MatchResources?

kind MutatingAdmissionPolicyList
  metadata 1 meta/v1.ListMeta
  items    2 []MutatingAdmissionPolicy required

message MutatingAdmissionPolicySpec
  paramKind          1 ParamKind?
  matchConstraints   2 MatchResources?
  variables          3 []Variable       list=atomic
  mutations          4 []Mutation       list=atomic
  failurePolicy      5 string?          enum=Ignore|Fail default="Fail"
  matchConditions    6 []MatchCondition list=map(name) patch=merge(name)
  reinvocationPolicy 7 string           enum=Never|IfNeeded

message MutatingWebhook
  name                     1 string                 required
  clientConfig             2 WebhookClientConfig    required
  rules                    3 []RuleWithOperations   list=atomic
  failurePolicy            4 string?                enum=Ignore|Fail default="Fail"
  matchPolicy              9 string?                enum=Exact|Equivalent default="Equivalent"
  namespaceSelector        5 meta/v1.LabelSelector? default={}
  objectSelector          11 meta/v1.LabelSelector? default={}
  sideEffects              6 string?                required minLength=0 enum=Unknown|None|Some|NoneOnDryRun
  timeoutSeconds           7 int32?                 default=10
  admissionReviewVersions  8 []string               required list=atomic
  reinvocationPolicy      10 string?                enum=Never|IfNeeded default="Never"
  matchConditions         12 []MatchCondition       list=map(name) patch=merge(name)

kind MutatingWebhookConfiguration
  metadata 1 meta/v1.ObjectMeta
  webhooks 2 []MutatingWebhook  list=map(name) patch=merge(name)

kind MutatingWebhookConfigurationList
  metadata 1 meta/v1.ListMeta
  items    2 []MutatingWebhookConfiguration required

message Mutation
  patchType          2 string              required enum=ApplyConfiguration|JSONPatch
  applyConfiguration 3 ApplyConfiguration?
  jsonPatch          4 JSONPatch?

message NamedRuleWithOperations atomic
  resourceNames      1 []string           list=atomic
  ruleWithOperations 2 RuleWithOperations inline

message ParamKind atomic
  apiVersion 1 string
  kind       2 string

message ParamRef atomic
  name                    1 string
  namespace               2 string
  selector                3 meta/v1.LabelSelector?
  parameterNotFoundAction 4 string?

message Rule
  apiGroups   1 []string list=atomic
  apiVersions 2 []string list=atomic
  resources   3 []string list=atomic
  scope       4 string?  default="*"

message RuleWithOperations
  operations 1 []string list=atomic
  rule       2 Rule     inline

message ServiceReference
  namespace 1 string  required minLength=0
  name      2 string  required minLength=0
  path      3 string?
  port      4 int32?  default=443

message TypeChecking
  expressionWarnings 1 []ExpressionWarning list=atomic

kind ValidatingAdmissionPolicy
  metadata 1 meta/v1.ObjectMeta
  spec     2 ValidatingAdmissionPolicySpec   always
  status   3 ValidatingAdmissionPolicyStatus always

kind ValidatingAdmissionPolicyBinding
  metadata 1 meta/v1.ObjectMeta
  spec     2 ValidatingAdmissionPolicyBindingSpec required

kind ValidatingAdmissionPolicyBindingList
  metadata 1 meta/v1.ListMeta
  items    2 []ValidatingAdmissionPolicyBinding required

message ValidatingAdmissionPolicyBindingSpec
  policyName        1 string          required
  paramRef          2 ParamRef?
  matchResources    3 MatchResources?
  validationActions 4 []string        required list=set enum=Deny|Warn|Audit

kind ValidatingAdmissionPolicyList
  metadata 1 meta/v1.ListMeta
  items    2 []ValidatingAdmissionPolicy required

message ValidatingAdmissionPolicySpec
  paramKind        1 ParamKind?
  matchConstraints 2 MatchResources?
  validations      3 []Validation      list=atomic
  failurePolicy    4 string?           enum=Ignore|Fail default="Fail"
  auditAnnotations 5 []AuditAnnotation list=atomic
  matchConditions  6 []MatchCondition  list=map(name) patch=merge(name)
  variables        7 []Variable        list=map(name) patch=merge(name)

message ValidatingAdmissionPolicyStatus
  observedGeneration 1 int64
  typeChecking       2 TypeChecking?
  conditions         3 []meta/v1.Condition list=map(type)

message ValidatingWebhook
  name                     1 string                 required
  clientConfig             2 WebhookClientConfig    required
  rules                    3 []RuleWithOperations   list=atomic
  failurePolicy            4 string?                enum=Ignore|Fail default="Fail"
  matchPolicy              9 string?                enum=Exact|Equivalent default="Equivalent"
  namespaceSelector        5 meta/v1.LabelSelector? default={}
  objectSelector          10 meta/v1.LabelSelector? default={}
  sideEffects              6 string?                required minLength=0 enum=Unknown|None|Some|NoneOnDryRun
  timeoutSeconds           7 int32?                 default=10
  admissionReviewVersions  8 []string               required list=atomic
  matchConditions         11 []MatchCondition       list=map(name) patch=merge(name)

kind ValidatingWebhookConfiguration
  metadata 1 meta/v1.ObjectMeta
  webhooks 2 []ValidatingWebhook list=map(name) patch=merge(name)

kind ValidatingWebhookConfigurationList
  metadata 1 meta/v1.ListMeta
  items    2 []ValidatingWebhookConfiguration required

message Validation
  expression        1 string  required minLength=0
  message           2 string
  reason            3 string?
  messageExpression 4 string

message Variable atomic
  name       1 string required minLength=0
  expression 2 string required minLength=0

message WebhookClientConfig
  url      3 string?
  service  1 ServiceReference?
  caBundle 2 bytes
`;
