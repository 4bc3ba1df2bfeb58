/** networking.k8s.io/v1beta1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const networkingV1beta1 = `\
group networking.k8s.io
version v1beta1
protobuf k8s.io.api.networking.v1beta1
openapi io.k8s.api.networking.v1beta1

message HTTPIngressPath
  path     1 string
  pathType 3 string?
  backend  2 IngressBackend always

message HTTPIngressRuleValue
  paths 1 []HTTPIngressPath always

kind IPAddress
  metadata 1 meta/v1.ObjectMeta
  spec     2 IPAddressSpec      required

kind IPAddressList
  metadata 1 meta/v1.ListMeta
  items    2 []IPAddress      required

message IPAddressSpec
  parentRef 1 ParentReference? required

message Ingress
  metadata 1 meta/v1.ObjectMeta
  spec     2 IngressSpec        always
  status   3 IngressStatus      always

message IngressBackend
  serviceName 1 string
  servicePort 2 intOrString
  resource    3 core/v1.TypedLocalObjectReference?

message IngressClass
  metadata 1 meta/v1.ObjectMeta
  spec     2 IngressClassSpec   always

message IngressClassList
  metadata 1 meta/v1.ListMeta
  items    2 []IngressClass   always

message IngressClassParametersReference
  apiGroup  1 string?
  kind      2 string  always
  name      3 string  always
  scope     4 string?
  namespace 5 string?

message IngressClassSpec
  controller 1 string
  parameters 2 IngressClassParametersReference?

message IngressList
  metadata 1 meta/v1.ListMeta
  items    2 []Ingress        always

message IngressLoadBalancerIngress
  ip       1 string
  hostname 2 string
  ports    4 []IngressPortStatus

message IngressLoadBalancerStatus
  ingress 1 []IngressLoadBalancerIngress

message IngressPortStatus
  port     1 int32   always
  protocol 2 string  always
  error    3 string?

message IngressRule
  host             1 string
  ingressRuleValue 2 IngressRuleValue inline

message IngressRuleValue
  http 1 HTTPIngressRuleValue?

message IngressSpec
  ingressClassName 4 string?
  backend          1 IngressBackend?
  tls              2 []IngressTLS
  rules            3 []IngressRule

message IngressStatus
  loadBalancer 1 IngressLoadBalancerStatus always

message IngressTLS
  hosts      1 []string
  secretName 2 string

message ParentReference
  group     1 string
  resource  2 string required
  namespace 3 string
  name      4 string required

kind ServiceCIDR
  metadata 1 meta/v1.ObjectMeta
  spec     2 ServiceCIDRSpec    always
  status   3 ServiceCIDRStatus  always

kind ServiceCIDRList
  metadata 1 meta/v1.ListMeta
  items    2 []ServiceCIDR    required

message ServiceCIDRSpec
  cidrs 1 []string list=atomic

message ServiceCIDRStatus
  conditions 1 []meta/v1.Condition list=map(type) patch=merge(type)
`;
