/** admissionregistration.k8s.io/v1beta1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const admissionregistrationV1beta1 = `\
group admissionregistration.k8s.io
version v1beta1
protobuf k8s.io.api.admissionregistration.v1beta1
openapi io.k8s.api.admissionregistration.v1beta1

message ApplyConfiguration
  expression 1 string

message AuditAnnotation
  key             1 string always
  valueExpression 2 string always

message ExpressionWarning
  fieldRef 2 string always
  warning  3 string always

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
  matchPolicy          7 string?                   default="Equivalent"

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
  failurePolicy      5 string?          default="Fail"
  matchConditions    6 []MatchCondition list=map(name) patch=merge(name)
  reinvocationPolicy 7 string

message MutatingWebhook
  name                     1 string                                        always
  clientConfig             2 WebhookClientConfig                           always
  rules                    3 []admissionregistration/v1.RuleWithOperations
  failurePolicy            4 string?                                       default="Fail"
  matchPolicy              9 string?                                       default="Equivalent"
  namespaceSelector        5 meta/v1.LabelSelector?                        default={}
  objectSelector          11 meta/v1.LabelSelector?                        default={}
  sideEffects              6 string?
  timeoutSeconds           7 int32?                                        default=10
  admissionReviewVersions  8 []string
  reinvocationPolicy      10 string?                                       default="Never"
  matchConditions         12 []MatchCondition

message MutatingWebhookConfiguration
  metadata 1 meta/v1.ObjectMeta
  webhooks 2 []MutatingWebhook

message MutatingWebhookConfigurationList
  metadata 1 meta/v1.ListMeta
  items    2 []MutatingWebhookConfiguration always

message Mutation
  patchType          2 string              required enum=ApplyConfiguration|JSONPatch
  applyConfiguration 3 ApplyConfiguration?
  jsonPatch          4 JSONPatch?

message NamedRuleWithOperations atomic
  resourceNames      1 []string                                    list=atomic
  ruleWithOperations 2 admissionregistration/v1.RuleWithOperations inline

message ParamKind atomic
  apiVersion 1 string
  kind       2 string

message ParamRef atomic
  name                    1 string
  namespace               2 string
  selector                3 meta/v1.LabelSelector?
  parameterNotFoundAction 4 string?

message ServiceReference
  namespace 1 string  always
  name      2 string  always
  path      3 string?
  port      4 int32?  default=443

message TypeChecking
  expressionWarnings 1 []ExpressionWarning

message ValidatingAdmissionPolicy
  metadata 1 meta/v1.ObjectMeta
  spec     2 ValidatingAdmissionPolicySpec   always
  status   3 ValidatingAdmissionPolicyStatus always

message ValidatingAdmissionPolicyBinding
  metadata 1 meta/v1.ObjectMeta
  spec     2 ValidatingAdmissionPolicyBindingSpec always

message ValidatingAdmissionPolicyBindingList
  metadata 1 meta/v1.ListMeta
  items    2 []ValidatingAdmissionPolicyBinding always

message ValidatingAdmissionPolicyBindingSpec
  policyName        1 string
  paramRef          2 ParamRef?
  matchResources    3 MatchResources?
  validationActions 4 []string        enum=Deny|Warn|Audit

message ValidatingAdmissionPolicyList
  metadata 1 meta/v1.ListMeta
  items    2 []ValidatingAdmissionPolicy always

message ValidatingAdmissionPolicySpec
  paramKind        1 ParamKind?
  matchConstraints 2 MatchResources?
  validations      3 []Validation
  failurePolicy    4 string?           default="Fail"
  auditAnnotations 5 []AuditAnnotation
  matchConditions  6 []MatchCondition
  variables        7 []Variable

message ValidatingAdmissionPolicyStatus
  observedGeneration 1 int64
  typeChecking       2 TypeChecking?
  conditions         3 []meta/v1.Condition

message ValidatingWebhook
  name                     1 string                                        always
  clientConfig             2 WebhookClientConfig                           always
  rules                    3 []admissionregistration/v1.RuleWithOperations
  failurePolicy            4 string?                                       default="Fail"
  matchPolicy              9 string?                                       default="Equivalent"
  namespaceSelector        5 meta/v1.LabelSelector?                        default={}
  objectSelector          10 meta/v1.LabelSelector?                        default={}
  sideEffects              6 string?
  timeoutSeconds           7 int32?                                        default=10
  admissionReviewVersions  8 []string
  matchConditions         11 []MatchCondition

message ValidatingWebhookConfiguration
  metadata 1 meta/v1.ObjectMeta
  webhooks 2 []ValidatingWebhook

message ValidatingWebhookConfigurationList
  metadata 1 meta/v1.ListMeta
  items    2 []ValidatingWebhookConfiguration always

message Validation
  expression        1 string  always
  message           2 string
  reason            3 string?
  messageExpression 4 string

message Variable atomic
  name       1 string required
  expression 2 string required

message WebhookClientConfig
  url      3 string?
  service  1 ServiceReference?
  caBundle 2 bytes
`;
