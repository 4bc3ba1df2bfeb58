/**
 * The form of `kubescheduler.config.k8s.io/v1`, in the notation of the API's own kinds, so that files are
 * decoded by the same strict rules. The numbers mean nothing: there is no protobuf of it.
 */

import { present } from '../../base/assert.ts';
import { coreV1 } from '../../api/schema/definitions/core-v1.ts';
import { metaV1 } from '../../api/schema/definitions/meta-v1.ts';
import { parseNotation } from '../../api/schema/notation.ts';
import type { MessageSchema } from '../../api/schema/schema.ts';

export const API_VERSION = 'kubescheduler.config.k8s.io/v1';
export const KIND = 'KubeSchedulerConfiguration';

const KUBESCHEDULER_V1 = `\
group kubescheduler.config.k8s.io
version v1
protobuf k8s.io.kubescheduler.v1
openapi io.k8s.kubescheduler.config.v1

kind KubeSchedulerConfiguration
  parallelism               1 int32?
  leaderElection            2 LeaderElectionConfiguration?
  clientConnection          3 ClientConnectionConfiguration?
  enableProfiling           4 bool?
  enableContentionProfiling 5 bool?
  percentageOfNodesToScore  6 int32?
  podInitialBackoffSeconds  7 int64?
  podMaxBackoffSeconds      8 int64?
  profiles                  9 []KubeSchedulerProfile
  extenders                10 []Extender
  delayCacheUntilActive    11 bool

message LeaderElectionConfiguration
  leaderElect       1 bool?
  leaseDuration     2 duration
  renewDeadline     3 duration
  retryPeriod       4 duration
  resourceLock      5 string
  resourceName      6 string
  resourceNamespace 7 string

message ClientConnectionConfiguration
  kubeconfig         1 string
  acceptContentTypes 2 string
  contentType        3 string
  qps                4 double
  burst              5 int32

message KubeSchedulerProfile
  schedulerName            1 string?
  percentageOfNodesToScore 2 int32?
  plugins                  3 Plugins?
  pluginConfig             4 []PluginConfig

message Plugins
  preEnqueue 1 PluginSet?
  queueSort  2 PluginSet?
  preFilter  3 PluginSet?
  filter     4 PluginSet?
  postFilter 5 PluginSet?
  preScore   6 PluginSet?
  score      7 PluginSet?
  reserve    8 PluginSet?
  permit     9 PluginSet?
  preBind   10 PluginSet?
  bind      11 PluginSet?
  postBind  12 PluginSet?
  multiPoint 13 PluginSet?

message PluginSet
  enabled  1 []Plugin
  disabled 2 []Plugin

message Plugin
  name   1 string always
  weight 2 int32

message PluginConfig
  name 1 string always
  args 2 json?

message Extender
  urlPrefix        1 string always
  filterVerb       2 string
  preemptVerb      3 string
  prioritizeVerb   4 string
  weight           5 int64
  bindVerb         6 string
  enableHTTPS      7 bool
  tlsConfig        8 ExtenderTLSConfig?
  httpTimeout      9 duration
  nodeCacheCapable 10 bool
  managedResources 11 []ExtenderManagedResource
  ignorable        12 bool

message ExtenderManagedResource
  name               1 string always
  ignoredByScheduler 2 bool

message ExtenderTLSConfig
  insecure   1 bool
  serverName 2 string
  certFile   3 string
  keyFile    4 string
  caFile     5 string
  certData   6 bytes
  keyData    7 bytes
  caData     8 bytes

message ResourceSpec
  name   1 string always
  weight 2 int64

message UtilizationShapePoint
  utilization 1 int32 always
  score       2 int32 always

kind DefaultPreemptionArgs
  minCandidateNodesPercentage 1 int32?
  minCandidateNodesAbsolute   2 int32?

kind DynamicResourcesArgs
  filterTimeout  1 duration?
  bindingTimeout 2 duration?

kind InterPodAffinityArgs
  hardPodAffinityWeight              1 int32?
  ignorePreferredTermsOfExistingPods 2 bool

kind NodeAffinityArgs
  addedAffinity 1 core/v1.NodeAffinity?

kind NodeResourcesBalancedAllocationArgs
  resources 1 []ResourceSpec

kind NodeResourcesFitArgs
  ignoredResources      1 []string
  ignoredResourceGroups 2 []string
  scoringStrategy       3 ScoringStrategy?

message ScoringStrategy
  type                     1 string
  resources                2 []ResourceSpec
  requestedToCapacityRatio 3 RequestedToCapacityRatioParam?

message RequestedToCapacityRatioParam
  shape 1 []UtilizationShapePoint

kind PodTopologySpreadArgs
  defaultConstraints 1 []core/v1.TopologySpreadConstraint
  defaultingType     2 string

kind VolumeBindingArgs
  bindTimeoutSeconds 1 int64?
  shape              2 []UtilizationShapePoint
`;

let messages: ReadonlyMap<string, MessageSchema> | undefined;

function loadMessages(): ReadonlyMap<string, MessageSchema> {
  messages ??= present(
    parseNotation([metaV1, coreV1, KUBESCHEDULER_V1]).get('kubescheduler/v1'),
    'notation of the scheduler configuration',
  ).messages;
  return messages;
}

export function configurationSchema(): MessageSchema {
  return present(loadMessages().get(KIND), KIND);
}

/** Undefined for a plugin that takes no arguments, or is not ours. */
export function argsSchema(plugin: string): MessageSchema | undefined {
  return loadMessages().get(`${plugin}Args`);
}
