/** explain.k8ts.dev/v1alpha1: this server's own answers about other objects. The notation is described in ../notation.ts. */
export const explainV1alpha1 = `\
group explain.k8ts.dev
version v1alpha1
protobuf dev.k8ts.explain.v1alpha1
openapi dev.k8ts.explain.v1alpha1

kind PodScheduling
  metadata       1 meta/v1.ObjectMeta
  schedulerName  2 string               always
  nodeName       3 string
  nodeCount      4 int32                always
  fittingNodes   5 int32                always
  gates          6 []string
  refusals       7 []SchedulingRefusal
  scores         8 []SchedulingScore
  preemption     9 string
  smallestChange 10 string
  extenders      11 []string

message SchedulingRefusal
  nodes    1 []string            always
  verdicts 2 []SchedulingVerdict always

message SchedulingVerdict
  plugin  1 string   required
  reasons 2 []string always

message SchedulingScore
  node     1 string   required
  total    2 double   always
  byPlugin 3 {}double

kind Progress
  metadata 1 meta/v1.ObjectMeta
  summary  2 string            always
  isHeld   3 bool              always
  findings 4 []ProgressFinding

message ProgressFinding
  cause    1 string         required
  rank     2 string         required enum=cause|effect|note
  object   3 ProgressObject always
  others   4 []ProgressObject
  message  5 string         always
  evidence 6 []string
  advice   7 string

message ProgressObject
  kind      1 string required
  namespace 2 string
  name      3 string required
`;
