/** networking.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const networkingV1 = `\
group networking.k8s.io
version v1
protobuf k8s.io.api.networking.v1
openapi io.k8s.api.networking.v1

message HTTPIngressPath
  path     1 string
  pathType 3 string?        required minLength=0
  backend  2 IngressBackend required

message HTTPIngressRuleValue
  paths 1 []HTTPIngressPath required list=atomic

kind IPAddress
  metadata 1 meta/v1.ObjectMeta
  spec     2 IPAddressSpec      required

kind IPAddressList
  metadata 1 meta/v1.ListMeta
  items    2 []IPAddress      required

message IPAddressSpec
  parentRef 1 ParentReference? required

message IPBlock
  cidr   1 string   required
  except 2 []string list=atomic

kind Ingress
  metadata 1 meta/v1.ObjectMeta
  spec     2 IngressSpec        always
  status   3 IngressStatus      always

message IngressBackend
  service  4 IngressServiceBackend?
  resource 3 core/v1.TypedLocalObjectReference?

kind IngressClass
  metadata 1 meta/v1.ObjectMeta
  spec     2 IngressClassSpec   always

kind IngressClassList
  metadata 1 meta/v1.ListMeta
  items    2 []IngressClass   required

message IngressClassParametersReference
  apiGroup  1 string?
  kind      2 string  required
  name      3 string  required
  scope     4 string? default="Cluster"
  namespace 5 string?

message IngressClassSpec
  controller 1 string
  parameters 2 IngressClassParametersReference?

kind IngressList
  metadata 1 meta/v1.ListMeta
  items    2 []Ingress        required

message IngressLoadBalancerIngress
  ip       1 string
  hostname 2 string
  ports    4 []IngressPortStatus list=atomic

message IngressLoadBalancerStatus
  ingress 1 []IngressLoadBalancerIngress list=atomic

message IngressPortStatus
  port     1 int32   required
  protocol 2 string  required
  error    3 string?

message IngressRule
  host             1 string
  ingressRuleValue 2 IngressRuleValue inline

message IngressRuleValue
  http 1 HTTPIngressRuleValue?

message IngressServiceBackend
  name 1 string             required
  port 2 ServiceBackendPort always

message IngressSpec
  ingressClassName 4 string?
  defaultBackend   1 IngressBackend?
  tls              2 []IngressTLS    list=atomic
  rules            3 []IngressRule   list=atomic

message IngressStatus
  loadBalancer 1 IngressLoadBalancerStatus always

message IngressTLS
  hosts      1 []string list=atomic
  secretName 2 string

kind NetworkPolicy
  metadata 1 meta/v1.ObjectMeta
  spec     2 NetworkPolicySpec  always

message NetworkPolicyEgressRule
  ports 1 []NetworkPolicyPort list=atomic
  to    2 []NetworkPolicyPeer list=atomic

message NetworkPolicyIngressRule
  ports 1 []NetworkPolicyPort list=atomic
  from  2 []NetworkPolicyPeer list=atomic

kind NetworkPolicyList
  metadata 1 meta/v1.ListMeta
  items    2 []NetworkPolicy  required

message NetworkPolicyPeer
  podSelector       1 meta/v1.LabelSelector?
  namespaceSelector 2 meta/v1.LabelSelector?
  ipBlock           3 IPBlock?

message NetworkPolicyPort
  protocol 1 string?      default="TCP" enum=TCP|UDP|SCTP
  port     2 intOrString?
  endPort  3 int32?

message NetworkPolicySpec
  podSelector 1 meta/v1.LabelSelector      always
  ingress     2 []NetworkPolicyIngressRule list=atomic
  egress      3 []NetworkPolicyEgressRule  list=atomic
  policyTypes 4 []string                   list=atomic enum=Ingress|Egress

message ParentReference
  group     1 string
  resource  2 string required
  namespace 3 string
  name      4 string required

message ServiceBackendPort atomic
  name   1 string
  number 2 int32

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
