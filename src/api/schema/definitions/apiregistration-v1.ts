/** apiregistration.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const apiregistrationV1 = `\
group apiregistration.k8s.io
version v1
protobuf k8s.io.kube_aggregator.pkg.apis.apiregistration.v1
openapi io.k8s.kube-aggregator.pkg.apis.apiregistration.v1

kind APIService
  metadata 1 meta/v1.ObjectMeta
  spec     2 APIServiceSpec     always
  status   3 APIServiceStatus   always

message APIServiceCondition
  type               1 string required
  status             2 string required
  lastTransitionTime 3 time
  reason             4 string
  message            5 string

kind APIServiceList
  metadata 1 meta/v1.ListMeta
  items    2 []APIService     required

message APIServiceSpec
  service               1 ServiceReference?
  group                 2 string
  version               3 string
  insecureSkipTLSVerify 4 bool
  caBundle              5 bytes             list=atomic
  groupPriorityMinimum  7 int32             required
  versionPriority       8 int32             required

message APIServiceStatus
  conditions 1 []APIServiceCondition list=map(type) patch=merge(type)

message ServiceReference
  namespace 1 string
  name      2 string
  port      3 int32? default=443
`;
