/** meta/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const metaV1 = `\
group meta
version v1
protobuf k8s.io.apimachinery.pkg.apis.meta.v1
openapi io.k8s.apimachinery.pkg.apis.meta.v1

kind APIGroup
  name                       1 string                      required
  versions                   2 []GroupVersionForDiscovery  required list=atomic
  preferredVersion           3 GroupVersionForDiscovery    always
  serverAddressByClientCIDRs 4 []ServerAddressByClientCIDR list=atomic

kind APIGroupList
  groups 1 []APIGroup required list=atomic

message APIResource
  name                1 string   required
  singularName        6 string   required
  namespaced          2 bool     required
  group               8 string
  version             9 string
  kind                3 string   required
  verbs               4 Verbs    required
  shortNames          5 []string list=atomic
  categories          7 []string list=atomic
  storageVersionHash 10 string

kind APIResourceList
  groupVersion 1 string        required
  resources    2 []APIResource required list=atomic

kind APIVersions
  versions                   1 []string                    required list=atomic
  serverAddressByClientCIDRs 2 []ServerAddressByClientCIDR required list=atomic

message ApplyOptions
  dryRun       1 []string
  force        2 bool     always
  fieldManager 3 string   always

message Condition
  type               1 string required
  status             2 string required
  observedGeneration 3 int64
  lastTransitionTime 4 time   required
  reason             5 string required
  message            6 string required

message CreateOptions
  dryRun          1 []string
  fieldManager    3 string
  fieldValidation 4 string

message DeleteOptions
  gracePeriodSeconds                               1 int64?
  preconditions                                    2 Preconditions?
  orphanDependents                                 3 bool?
  propagationPolicy                                4 string?
  dryRun                                           5 []string       list=atomic
  ignoreStoreReadErrorWithClusterBreakingPotential 6 bool?

message FieldSelectorRequirement
  key      1 string   required
  operator 2 string   required
  values   3 []string list=atomic

message GetOptions
  resourceVersion 1 string

message GroupKind
  group 1 string
  kind  2 string

message GroupResource
  group    1 string required minLength=0
  resource 2 string required minLength=0

message GroupVersion
  group   1 string
  version 2 string

message GroupVersionForDiscovery
  groupVersion 1 string required
  version      2 string required

message GroupVersionKind
  group   1 string
  version 2 string
  kind    3 string

message GroupVersionResource
  group    1 string
  version  2 string
  resource 3 string

message LabelSelector atomic
  matchLabels      1 {}string
  matchExpressions 2 []LabelSelectorRequirement list=atomic

message LabelSelectorRequirement
  key      1 string   required
  operator 2 string   required
  values   3 []string list=atomic

message List
  metadata 1 ListMeta
  items    2 []rawExtension always

message ListMeta
  selfLink           1 string
  resourceVersion    2 string
  continue           3 string
  remainingItemCount 4 int64?
  shardInfo          5 ShardInfo?

message ListOptions
  labelSelector         1 string
  fieldSelector         2 string
  watch                 3 bool
  allowWatchBookmarks   9 bool
  resourceVersion       4 string
  resourceVersionMatch 10 string
  timeoutSeconds        5 int64?
  limit                 7 int64
  continue              8 string
  sendInitialEvents    11 bool?
  shardSelector        15 string

message ManagedFieldsEntry
  manager     1 string
  operation   2 string
  apiVersion  3 string
  time        4 time?
  fieldsType  6 string
  fieldsV1    7 fieldsV1?
  subresource 8 string

message ObjectMeta
  name                        1 string
  generateName                2 string
  namespace                   3 string
  selfLink                    4 string
  uid                         5 string
  resourceVersion             6 string
  generation                  7 int64
  creationTimestamp           8 time
  deletionTimestamp           9 time?
  deletionGracePeriodSeconds 10 int64?
  labels                     11 {}string
  annotations                12 {}string
  ownerReferences            13 []OwnerReference     list=map(uid) patch=merge(uid)
  finalizers                 14 []string             list=set patch=merge
  managedFields              17 []ManagedFieldsEntry list=atomic

message OwnerReference atomic
  apiVersion         5 string required
  kind               1 string required
  name               3 string required
  uid                4 string required
  controller         6 bool?
  blockOwnerDeletion 7 bool?

message PartialObjectMetadata
  metadata 1 ObjectMeta

message PartialObjectMetadataList
  metadata 1 ListMeta
  items    2 []PartialObjectMetadata always

message PatchOptions
  dryRun          1 []string
  force           2 bool?
  fieldManager    3 string
  fieldValidation 4 string

message Preconditions
  uid             1 string?
  resourceVersion 2 string?

message RootPaths
  paths 1 []string always

message ServerAddressByClientCIDR
  clientCIDR    1 string required
  serverAddress 2 string required

message ShardInfo
  selector 1 string required

kind Status
  metadata 1 ListMeta
  status   2 string
  message  3 string
  reason   4 string
  details  5 StatusDetails?
  code     6 int32

message StatusCause
  reason  1 string
  message 2 string
  field   3 string

message StatusDetails
  name              1 string
  group             2 string
  kind              3 string
  uid               6 string
  causes            4 []StatusCause list=atomic
  retryAfterSeconds 5 int32

message TableOptions
  includeObject 1 string

message TypeMeta
  kind       1 string
  apiVersion 2 string

message UpdateOptions
  dryRun          1 []string
  fieldManager    2 string
  fieldValidation 3 string

message Verbs wraps []string

message WatchEvent
  type   1 string       required
  object 2 rawExtension required
`;
