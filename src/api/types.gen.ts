// Generated from src/api/schema/definitions/ by `npm run gen`. Do not edit.
import type { JsonObject, JsonValue } from './schema/schema.ts';

/** io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup */
export interface APIGroup {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly versions: readonly GroupVersionForDiscovery[];
  readonly preferredVersion: GroupVersionForDiscovery;
  readonly serverAddressByClientCIDRs?: readonly ServerAddressByClientCIDR[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList */
export interface APIGroupList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly groups: readonly APIGroup[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.APIResource */
export interface APIResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: Verbs;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList */
export interface APIResourceList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly groupVersion: string;
  readonly resources: readonly APIResource[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions */
export interface APIVersions {
  readonly apiVersion: string;
  readonly kind: string;
  readonly versions: readonly string[];
  readonly serverAddressByClientCIDRs: readonly ServerAddressByClientCIDR[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.ApplyOptions */
export interface ApplyOptions {
  readonly dryRun?: readonly string[];
  readonly force: boolean;
  readonly fieldManager: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.Condition */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.CreateOptions */
export interface CreateOptions {
  readonly dryRun?: readonly string[];
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: Preconditions;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: string;
  readonly dryRun?: readonly string[];
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement */
export interface FieldSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.GetOptions */
export interface GetOptions {
  readonly resourceVersion?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.GroupKind */
export interface GroupKind {
  readonly group?: string;
  readonly kind?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.GroupResource */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersion */
export interface GroupVersion {
  readonly group?: string;
  readonly version?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery */
export interface GroupVersionForDiscovery {
  readonly groupVersion: string;
  readonly version: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionKind */
export interface GroupVersionKind {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionResource */
export interface GroupVersionResource {
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector */
export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement */
export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.List */
export interface List {
  readonly metadata: ListMeta;
  readonly items: readonly JsonObject[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta */
export interface ListMeta {
  readonly selfLink?: string;
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly shardInfo?: ShardInfo;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.ListOptions */
export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly watch?: boolean;
  readonly allowWatchBookmarks?: boolean;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly timeoutSeconds?: number;
  readonly limit?: number;
  readonly continue?: string;
  readonly sendInitialEvents?: boolean;
  readonly shardSelector?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: JsonObject;
  readonly subresource?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly selfLink?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata */
export interface PartialObjectMetadata {
  readonly metadata: ObjectMeta;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadataList */
export interface PartialObjectMetadataList {
  readonly metadata: ListMeta;
  readonly items: readonly PartialObjectMetadata[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.PatchOptions */
export interface PatchOptions {
  readonly dryRun?: readonly string[];
  readonly force?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.RootPaths */
export interface RootPaths {
  readonly paths: readonly string[];
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR */
export interface ServerAddressByClientCIDR {
  readonly clientCIDR: string;
  readonly serverAddress: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo */
export interface ShardInfo {
  readonly selector: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.Status */
export interface Status {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.TableOptions */
export interface TableOptions {
  readonly includeObject?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.TypeMeta */
export interface TypeMeta {
  readonly kind?: string;
  readonly apiVersion?: string;
}

/** io.k8s.apimachinery.pkg.apis.meta.v1.UpdateOptions */
export interface UpdateOptions {
  readonly dryRun?: readonly string[];
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
}

export type Verbs = readonly string[];

/** io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent */
export interface WatchEvent {
  readonly type: string;
  readonly object: JsonObject;
}

/** io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource */
export interface AWSElasticBlockStoreVolumeSource {
  readonly volumeID: string;
  readonly fsType?: string;
  readonly partition?: number;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.Affinity */
export interface Affinity {
  readonly nodeAffinity?: NodeAffinity;
  readonly podAffinity?: PodAffinity;
  readonly podAntiAffinity?: PodAntiAffinity;
}

/** io.k8s.api.core.v1.AppArmorProfile */
export interface AppArmorProfile {
  readonly type: 'Unconfined' | 'RuntimeDefault' | 'Localhost';
  readonly localhostProfile?: string;
}

/** io.k8s.api.core.v1.AttachedVolume */
export interface AttachedVolume {
  readonly name: string;
  readonly devicePath: string;
}

/** io.k8s.api.core.v1.AvoidPods */
export interface AvoidPods {
  readonly preferAvoidPods?: readonly PreferAvoidPodsEntry[];
}

/** io.k8s.api.core.v1.AzureDiskVolumeSource */
export interface AzureDiskVolumeSource {
  readonly diskName: string;
  readonly diskURI: string;
  readonly cachingMode?: 'None' | 'ReadOnly' | 'ReadWrite';
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly kind?: 'Shared' | 'Dedicated' | 'Managed';
}

/** io.k8s.api.core.v1.AzureFilePersistentVolumeSource */
export interface AzureFilePersistentVolumeSource {
  readonly secretName: string;
  readonly shareName: string;
  readonly readOnly?: boolean;
  readonly secretNamespace?: string;
}

/** io.k8s.api.core.v1.AzureFileVolumeSource */
export interface AzureFileVolumeSource {
  readonly secretName: string;
  readonly shareName: string;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.Binding */
export interface Binding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly target: ObjectReference;
}

/** io.k8s.api.core.v1.CSIPersistentVolumeSource */
export interface CSIPersistentVolumeSource {
  readonly driver: string;
  readonly volumeHandle: string;
  readonly readOnly?: boolean;
  readonly fsType?: string;
  readonly volumeAttributes?: { readonly [key: string]: string };
  readonly controllerPublishSecretRef?: SecretReference;
  readonly nodeStageSecretRef?: SecretReference;
  readonly nodePublishSecretRef?: SecretReference;
  readonly controllerExpandSecretRef?: SecretReference;
  readonly nodeExpandSecretRef?: SecretReference;
}

/** io.k8s.api.core.v1.CSIVolumeSource */
export interface CSIVolumeSource {
  readonly driver: string;
  readonly readOnly?: boolean;
  readonly fsType?: string;
  readonly volumeAttributes?: { readonly [key: string]: string };
  readonly nodePublishSecretRef?: LocalObjectReference;
}

/** io.k8s.api.core.v1.Capabilities */
export interface Capabilities {
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
}

/** io.k8s.api.core.v1.CephFSPersistentVolumeSource */
export interface CephFSPersistentVolumeSource {
  readonly monitors: readonly string[];
  readonly path?: string;
  readonly user?: string;
  readonly secretFile?: string;
  readonly secretRef?: SecretReference;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.CephFSVolumeSource */
export interface CephFSVolumeSource {
  readonly monitors: readonly string[];
  readonly path?: string;
  readonly user?: string;
  readonly secretFile?: string;
  readonly secretRef?: LocalObjectReference;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.CinderPersistentVolumeSource */
export interface CinderPersistentVolumeSource {
  readonly volumeID: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly secretRef?: SecretReference;
}

/** io.k8s.api.core.v1.CinderVolumeSource */
export interface CinderVolumeSource {
  readonly volumeID: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly secretRef?: LocalObjectReference;
}

/** io.k8s.api.core.v1.ClientIPConfig */
export interface ClientIPConfig {
  readonly timeoutSeconds?: number;
}

/** io.k8s.api.core.v1.ClusterTrustBundleProjection */
export interface ClusterTrustBundleProjection {
  readonly name?: string;
  readonly signerName?: string;
  readonly labelSelector?: LabelSelector;
  readonly optional?: boolean;
  readonly path: string;
}

/** io.k8s.api.core.v1.ComponentCondition */
export interface ComponentCondition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
  readonly error?: string;
}

/** io.k8s.api.core.v1.ComponentStatus */
export interface ComponentStatus {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly conditions?: readonly ComponentCondition[];
}

/** io.k8s.api.core.v1.ComponentStatusList */
export interface ComponentStatusList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ComponentStatus[];
}

/** io.k8s.api.core.v1.ConfigMap */
export interface ConfigMap {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly immutable?: boolean;
  readonly data?: { readonly [key: string]: string };
  readonly binaryData?: { readonly [key: string]: string };
}

/** io.k8s.api.core.v1.ConfigMapEnvSource */
export interface ConfigMapEnvSource {
  readonly name?: string;
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.ConfigMapKeySelector */
export interface ConfigMapKeySelector {
  readonly name?: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.ConfigMapList */
export interface ConfigMapList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ConfigMap[];
}

/** io.k8s.api.core.v1.ConfigMapNodeConfigSource */
export interface ConfigMapNodeConfigSource {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly kubeletConfigKey: string;
}

/** io.k8s.api.core.v1.ConfigMapProjection */
export interface ConfigMapProjection {
  readonly name?: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.ConfigMapVolumeSource */
export interface ConfigMapVolumeSource {
  readonly name?: string;
  readonly items?: readonly KeyToPath[];
  readonly defaultMode?: number;
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.Container */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly ports?: readonly ContainerPort[];
  readonly envFrom?: readonly EnvFromSource[];
  readonly env?: readonly EnvVar[];
  readonly resources: ResourceRequirements;
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  readonly restartPolicy?: string;
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly volumeDevices?: readonly VolumeDevice[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: Lifecycle;
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
  readonly imagePullPolicy?: 'Always' | 'Never' | 'IfNotPresent';
  readonly securityContext?: SecurityContext;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
}

/** io.k8s.api.core.v1.ContainerExtendedResourceRequest */
export interface ContainerExtendedResourceRequest {
  readonly containerName: string;
  readonly resourceName: string;
  readonly requestName: string;
}

/** io.k8s.api.core.v1.ContainerImage */
export interface ContainerImage {
  readonly names: readonly string[];
  readonly sizeBytes?: number;
}

/** io.k8s.api.core.v1.ContainerPort */
export interface ContainerPort {
  readonly name?: string;
  readonly hostPort?: number;
  readonly containerPort: number;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly hostIP?: string;
}

/** io.k8s.api.core.v1.ContainerResizePolicy */
export interface ContainerResizePolicy {
  readonly resourceName: string;
  readonly restartPolicy: string;
}

/** io.k8s.api.core.v1.ContainerRestartRule */
export interface ContainerRestartRule {
  readonly action: string;
  readonly exitCodes?: ContainerRestartRuleOnExitCodes;
}

/** io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes */
export interface ContainerRestartRuleOnExitCodes {
  readonly operator: string;
  readonly values?: readonly number[];
}

/** io.k8s.api.core.v1.ContainerState */
export interface ContainerState {
  readonly waiting?: ContainerStateWaiting;
  readonly running?: ContainerStateRunning;
  readonly terminated?: ContainerStateTerminated;
}

/** io.k8s.api.core.v1.ContainerStateRunning */
export interface ContainerStateRunning {
  readonly startedAt?: string;
}

/** io.k8s.api.core.v1.ContainerStateTerminated */
export interface ContainerStateTerminated {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly containerID?: string;
}

/** io.k8s.api.core.v1.ContainerStateWaiting */
export interface ContainerStateWaiting {
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.core.v1.ContainerStatus */
export interface ContainerStatus {
  readonly name: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID?: string;
  readonly started?: boolean;
  readonly allocatedResources?: { readonly [key: string]: string };
  readonly resources?: ResourceRequirements;
  readonly volumeMounts?: readonly VolumeMountStatus[];
  readonly user?: ContainerUser;
  readonly allocatedResourcesStatus?: readonly ResourceStatus[];
  readonly stopSignal?: string;
}

/** io.k8s.api.core.v1.ContainerUser */
export interface ContainerUser {
  readonly linux?: LinuxContainerUser;
}

/** io.k8s.api.core.v1.DaemonEndpoint */
export interface DaemonEndpoint {
  readonly Port: number;
}

/** io.k8s.api.core.v1.DownwardAPIProjection */
export interface DownwardAPIProjection {
  readonly items?: readonly DownwardAPIVolumeFile[];
}

/** io.k8s.api.core.v1.DownwardAPIVolumeFile */
export interface DownwardAPIVolumeFile {
  readonly path: string;
  readonly fieldRef?: ObjectFieldSelector;
  readonly resourceFieldRef?: ResourceFieldSelector;
  readonly mode?: number;
}

/** io.k8s.api.core.v1.DownwardAPIVolumeSource */
export interface DownwardAPIVolumeSource {
  readonly items?: readonly DownwardAPIVolumeFile[];
  readonly defaultMode?: number;
}

/** io.k8s.api.core.v1.EmptyDirVolumeSource */
export interface EmptyDirVolumeSource {
  readonly medium?: string;
  readonly sizeLimit?: string;
}

/** io.k8s.api.core.v1.EndpointAddress */
export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: ObjectReference;
}

/** io.k8s.api.core.v1.EndpointPort */
export interface EndpointPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly appProtocol?: string;
}

/** io.k8s.api.core.v1.EndpointSubset */
export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly EndpointPort[];
}

/** io.k8s.api.core.v1.Endpoints */
export interface Endpoints {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly subsets?: readonly EndpointSubset[];
}

/** io.k8s.api.core.v1.EndpointsList */
export interface EndpointsList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Endpoints[];
}

/** io.k8s.api.core.v1.EnvFromSource */
export interface EnvFromSource {
  readonly prefix?: string;
  readonly configMapRef?: ConfigMapEnvSource;
  readonly secretRef?: SecretEnvSource;
}

/** io.k8s.api.core.v1.EnvVar */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: EnvVarSource;
}

/** io.k8s.api.core.v1.EnvVarSource */
export interface EnvVarSource {
  readonly fieldRef?: ObjectFieldSelector;
  readonly resourceFieldRef?: ResourceFieldSelector;
  readonly configMapKeyRef?: ConfigMapKeySelector;
  readonly secretKeyRef?: SecretKeySelector;
  readonly fileKeyRef?: FileKeySelector;
}

/** io.k8s.api.core.v1.EphemeralContainer */
export interface EphemeralContainer {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly ports?: readonly ContainerPort[];
  readonly envFrom?: readonly EnvFromSource[];
  readonly env?: readonly EnvVar[];
  readonly resources: ResourceRequirements;
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  readonly restartPolicy?: string;
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly volumeDevices?: readonly VolumeDevice[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: Lifecycle;
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
  readonly imagePullPolicy?: 'Always' | 'Never' | 'IfNotPresent';
  readonly securityContext?: SecurityContext;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  readonly targetContainerName?: string;
}

/** io.k8s.api.core.v1.EphemeralContainerCommon */
export interface EphemeralContainerCommon {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly ports?: readonly ContainerPort[];
  readonly envFrom?: readonly EnvFromSource[];
  readonly env?: readonly EnvVar[];
  readonly resources: ResourceRequirements;
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  readonly restartPolicy?: string;
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly volumeDevices?: readonly VolumeDevice[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: Lifecycle;
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
  readonly imagePullPolicy?: 'Always' | 'Never' | 'IfNotPresent';
  readonly securityContext?: SecurityContext;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
}

/** io.k8s.api.core.v1.EphemeralVolumeSource */
export interface EphemeralVolumeSource {
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

/** io.k8s.api.core.v1.Event */
export interface Event {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly involvedObject: ObjectReference;
  readonly reason?: string;
  readonly message?: string;
  readonly source: EventSource;
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly count?: number;
  readonly type?: string;
  readonly eventTime?: string;
  readonly series?: EventSeries;
  readonly action?: string;
  readonly related?: ObjectReference;
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

/** io.k8s.api.core.v1.EventList */
export interface EventList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Event[];
}

/** io.k8s.api.core.v1.EventSeries */
export interface EventSeries {
  readonly count?: number;
  readonly lastObservedTime?: string;
}

/** io.k8s.api.core.v1.EventSource */
export interface EventSource {
  readonly component?: string;
  readonly host?: string;
}

/** io.k8s.api.core.v1.ExecAction */
export interface ExecAction {
  readonly command?: readonly string[];
}

/** io.k8s.api.core.v1.FCVolumeSource */
export interface FCVolumeSource {
  readonly targetWWNs?: readonly string[];
  readonly lun?: number;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly wwids?: readonly string[];
}

/** io.k8s.api.core.v1.FileKeySelector */
export interface FileKeySelector {
  readonly volumeName: string;
  readonly path: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.FlexPersistentVolumeSource */
export interface FlexPersistentVolumeSource {
  readonly driver: string;
  readonly fsType?: string;
  readonly secretRef?: SecretReference;
  readonly readOnly?: boolean;
  readonly options?: { readonly [key: string]: string };
}

/** io.k8s.api.core.v1.FlexVolumeSource */
export interface FlexVolumeSource {
  readonly driver: string;
  readonly fsType?: string;
  readonly secretRef?: LocalObjectReference;
  readonly readOnly?: boolean;
  readonly options?: { readonly [key: string]: string };
}

/** io.k8s.api.core.v1.FlockerVolumeSource */
export interface FlockerVolumeSource {
  readonly datasetName?: string;
  readonly datasetUUID?: string;
}

/** io.k8s.api.core.v1.GCEPersistentDiskVolumeSource */
export interface GCEPersistentDiskVolumeSource {
  readonly pdName: string;
  readonly fsType?: string;
  readonly partition?: number;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.GRPCAction */
export interface GRPCAction {
  readonly port: number;
  readonly service?: string;
}

/** io.k8s.api.core.v1.GitRepoVolumeSource */
export interface GitRepoVolumeSource {
  readonly repository: string;
  readonly revision?: string;
  readonly directory?: string;
}

/** io.k8s.api.core.v1.GlusterfsPersistentVolumeSource */
export interface GlusterfsPersistentVolumeSource {
  readonly endpoints: string;
  readonly path: string;
  readonly readOnly?: boolean;
  readonly endpointsNamespace?: string;
}

/** io.k8s.api.core.v1.GlusterfsVolumeSource */
export interface GlusterfsVolumeSource {
  readonly endpoints: string;
  readonly path: string;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.HTTPGetAction */
export interface HTTPGetAction {
  readonly path?: string;
  readonly port: number | string;
  readonly host?: string;
  readonly scheme?: 'HTTP' | 'HTTPS';
  readonly httpHeaders?: readonly HTTPHeader[];
}

/** io.k8s.api.core.v1.HTTPHeader */
export interface HTTPHeader {
  readonly name: string;
  readonly value: string;
}

/** io.k8s.api.core.v1.HostAlias */
export interface HostAlias {
  readonly ip: string;
  readonly hostnames?: readonly string[];
}

/** io.k8s.api.core.v1.HostIP */
export interface HostIP {
  readonly ip: string;
}

/** io.k8s.api.core.v1.HostPathVolumeSource */
export interface HostPathVolumeSource {
  readonly path: string;
  readonly type?: '' | 'DirectoryOrCreate' | 'Directory' | 'FileOrCreate' | 'File' | 'Socket' | 'CharDevice' | 'BlockDevice';
}

/** io.k8s.api.core.v1.ISCSIPersistentVolumeSource */
export interface ISCSIPersistentVolumeSource {
  readonly targetPortal: string;
  readonly iqn: string;
  readonly lun: number;
  readonly iscsiInterface?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly portals?: readonly string[];
  readonly chapAuthDiscovery?: boolean;
  readonly chapAuthSession?: boolean;
  readonly secretRef?: SecretReference;
  readonly initiatorName?: string;
}

/** io.k8s.api.core.v1.ISCSIVolumeSource */
export interface ISCSIVolumeSource {
  readonly targetPortal: string;
  readonly iqn: string;
  readonly lun: number;
  readonly iscsiInterface?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly portals?: readonly string[];
  readonly chapAuthDiscovery?: boolean;
  readonly chapAuthSession?: boolean;
  readonly secretRef?: LocalObjectReference;
  readonly initiatorName?: string;
}

/** io.k8s.api.core.v1.ImageVolumeSource */
export interface ImageVolumeSource {
  readonly reference?: string;
  readonly pullPolicy?: 'Always' | 'Never' | 'IfNotPresent';
}

/** io.k8s.api.core.v1.ImageVolumeStatus */
export interface ImageVolumeStatus {
  readonly imageRef: string;
}

/** io.k8s.api.core.v1.KeyToPath */
export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

/** io.k8s.api.core.v1.Lifecycle */
export interface Lifecycle {
  readonly postStart?: LifecycleHandler;
  readonly preStop?: LifecycleHandler;
  readonly stopSignal?: string;
}

/** io.k8s.api.core.v1.LifecycleHandler */
export interface LifecycleHandler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly sleep?: SleepAction;
}

/** io.k8s.api.core.v1.LimitRange */
export interface LimitRange {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: LimitRangeSpec;
}

/** io.k8s.api.core.v1.LimitRangeItem */
export interface LimitRangeItem {
  readonly type: string;
  readonly max?: { readonly [key: string]: string };
  readonly min?: { readonly [key: string]: string };
  readonly default?: { readonly [key: string]: string };
  readonly defaultRequest?: { readonly [key: string]: string };
  readonly maxLimitRequestRatio?: { readonly [key: string]: string };
}

/** io.k8s.api.core.v1.LimitRangeList */
export interface LimitRangeList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly LimitRange[];
}

/** io.k8s.api.core.v1.LimitRangeSpec */
export interface LimitRangeSpec {
  readonly limits: readonly LimitRangeItem[];
}

/** io.k8s.api.core.v1.LinuxContainerUser */
export interface LinuxContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly supplementalGroups?: readonly number[];
}

/** io.k8s.api.core.v1.List */
export interface CoreV1List {
  readonly metadata: ListMeta;
  readonly items?: readonly JsonObject[];
}

/** io.k8s.api.core.v1.LoadBalancerIngress */
export interface LoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ipMode?: string;
  readonly ports?: readonly PortStatus[];
}

/** io.k8s.api.core.v1.LoadBalancerStatus */
export interface LoadBalancerStatus {
  readonly ingress?: readonly LoadBalancerIngress[];
}

/** io.k8s.api.core.v1.LocalObjectReference */
export interface LocalObjectReference {
  readonly name?: string;
}

/** io.k8s.api.core.v1.LocalVolumeSource */
export interface LocalVolumeSource {
  readonly path: string;
  readonly fsType?: string;
}

/** io.k8s.api.core.v1.ModifyVolumeStatus */
export interface ModifyVolumeStatus {
  readonly targetVolumeAttributesClassName?: string;
  readonly status: 'Pending' | 'InProgress' | 'Infeasible';
}

/** io.k8s.api.core.v1.NFSVolumeSource */
export interface NFSVolumeSource {
  readonly server: string;
  readonly path: string;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.Namespace */
export interface Namespace {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: NamespaceSpec;
  readonly status: NamespaceStatus;
}

/** io.k8s.api.core.v1.NamespaceCondition */
export interface NamespaceCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.core.v1.NamespaceList */
export interface NamespaceList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Namespace[];
}

/** io.k8s.api.core.v1.NamespaceSpec */
export interface NamespaceSpec {
  readonly finalizers?: readonly string[];
}

/** io.k8s.api.core.v1.NamespaceStatus */
export interface NamespaceStatus {
  readonly phase?: 'Active' | 'Terminating';
  readonly conditions?: readonly NamespaceCondition[];
}

/** io.k8s.api.core.v1.Node */
export interface Node {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: NodeSpec;
  readonly status: NodeStatus;
}

/** io.k8s.api.core.v1.NodeAddress */
export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

/** io.k8s.api.core.v1.NodeAffinity */
export interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredSchedulingTerm[];
}

/** io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus */
export interface NodeAllocatableResourceClaimStatus {
  readonly resourceClaimName: string;
  readonly containers?: readonly string[];
  readonly resources: { readonly [key: string]: string };
}

/** io.k8s.api.core.v1.NodeCondition */
export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly lastHeartbeatTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.core.v1.NodeConfigSource */
export interface NodeConfigSource {
  readonly configMap?: ConfigMapNodeConfigSource;
}

/** io.k8s.api.core.v1.NodeConfigStatus */
export interface NodeConfigStatus {
  readonly assigned?: NodeConfigSource;
  readonly active?: NodeConfigSource;
  readonly lastKnownGood?: NodeConfigSource;
  readonly error?: string;
}

/** io.k8s.api.core.v1.NodeDaemonEndpoints */
export interface NodeDaemonEndpoints {
  readonly kubeletEndpoint: DaemonEndpoint;
}

/** io.k8s.api.core.v1.NodeFeatures */
export interface NodeFeatures {
  readonly supplementalGroupsPolicy?: boolean;
}

/** io.k8s.api.core.v1.NodeList */
export interface NodeList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Node[];
}

/** io.k8s.api.core.v1.NodeProxyOptions */
export interface NodeProxyOptions {
  readonly path?: string;
}

/** io.k8s.api.core.v1.NodeRuntimeHandler */
export interface NodeRuntimeHandler {
  readonly name: string;
  readonly features?: NodeRuntimeHandlerFeatures;
}

/** io.k8s.api.core.v1.NodeRuntimeHandlerFeatures */
export interface NodeRuntimeHandlerFeatures {
  readonly recursiveReadOnlyMounts?: boolean;
  readonly userNamespaces?: boolean;
}

/** io.k8s.api.core.v1.NodeSelector */
export interface NodeSelector {
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

/** io.k8s.api.core.v1.NodeSelectorRequirement */
export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[];
}

/** io.k8s.api.core.v1.NodeSelectorTerm */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  readonly matchFields?: readonly NodeSelectorRequirement[];
}

/** io.k8s.api.core.v1.NodeSpec */
export interface NodeSpec {
  readonly podCIDR?: string;
  readonly podCIDRs?: readonly string[];
  readonly providerID?: string;
  readonly unschedulable?: boolean;
  readonly taints?: readonly Taint[];
  readonly configSource?: NodeConfigSource;
  readonly externalID?: string;
}

/** io.k8s.api.core.v1.NodeStatus */
export interface NodeStatus {
  readonly capacity?: { readonly [key: string]: string };
  readonly allocatable?: { readonly [key: string]: string };
  readonly phase?: 'Pending' | 'Running' | 'Terminated';
  readonly conditions?: readonly NodeCondition[];
  readonly addresses?: readonly NodeAddress[];
  readonly daemonEndpoints: NodeDaemonEndpoints;
  readonly nodeInfo: NodeSystemInfo;
  readonly images?: readonly ContainerImage[];
  readonly volumesInUse?: readonly string[];
  readonly volumesAttached?: readonly AttachedVolume[];
  readonly config?: NodeConfigStatus;
  readonly runtimeHandlers?: readonly NodeRuntimeHandler[];
  readonly features?: NodeFeatures;
  readonly declaredFeatures?: readonly string[];
}

/** io.k8s.api.core.v1.NodeSwapStatus */
export interface NodeSwapStatus {
  readonly capacity?: number;
}

/** io.k8s.api.core.v1.NodeSystemInfo */
export interface NodeSystemInfo {
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
  readonly kubeProxyVersion: string;
  readonly operatingSystem: string;
  readonly architecture: string;
  readonly swap?: NodeSwapStatus;
}

/** io.k8s.api.core.v1.ObjectFieldSelector */
export interface ObjectFieldSelector {
  readonly apiVersion?: string;
  readonly fieldPath: string;
}

/** io.k8s.api.core.v1.ObjectReference */
export interface ObjectReference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

/** io.k8s.api.core.v1.PersistentVolume */
export interface PersistentVolume {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: PersistentVolumeSpec;
  readonly status: PersistentVolumeStatus;
}

/** io.k8s.api.core.v1.PersistentVolumeClaim */
export interface PersistentVolumeClaim {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: PersistentVolumeClaimSpec;
  readonly status: PersistentVolumeClaimStatus;
}

/** io.k8s.api.core.v1.PersistentVolumeClaimCondition */
export interface PersistentVolumeClaimCondition {
  readonly type: string;
  readonly status: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.core.v1.PersistentVolumeClaimList */
export interface PersistentVolumeClaimList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PersistentVolumeClaim[];
}

/** io.k8s.api.core.v1.PersistentVolumeClaimSpec */
export interface PersistentVolumeClaimSpec {
  readonly accessModes?: readonly ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  readonly selector?: LabelSelector;
  readonly resources: VolumeResourceRequirements;
  readonly volumeName?: string;
  readonly storageClassName?: string;
  readonly volumeMode?: 'Block' | 'Filesystem';
  readonly dataSource?: TypedLocalObjectReference;
  readonly dataSourceRef?: TypedObjectReference;
  readonly volumeAttributesClassName?: string;
}

/** io.k8s.api.core.v1.PersistentVolumeClaimStatus */
export interface PersistentVolumeClaimStatus {
  readonly phase?: 'Pending' | 'Bound' | 'Lost';
  readonly accessModes?: readonly ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  readonly capacity?: { readonly [key: string]: string };
  readonly conditions?: readonly PersistentVolumeClaimCondition[];
  readonly allocatedResources?: { readonly [key: string]: string };
  readonly allocatedResourceStatuses?: { readonly [key: string]: string };
  readonly currentVolumeAttributesClassName?: string;
  readonly modifyVolumeStatus?: ModifyVolumeStatus;
}

/** io.k8s.api.core.v1.PersistentVolumeClaimTemplate */
export interface PersistentVolumeClaimTemplate {
  readonly metadata: ObjectMeta;
  readonly spec: PersistentVolumeClaimSpec;
}

/** io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource */
export interface PersistentVolumeClaimVolumeSource {
  readonly claimName: string;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.PersistentVolumeList */
export interface PersistentVolumeList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PersistentVolume[];
}

/** io.k8s.api.core.v1.PersistentVolumeSource */
export interface PersistentVolumeSource {
  readonly gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  readonly awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  readonly hostPath?: HostPathVolumeSource;
  readonly glusterfs?: GlusterfsPersistentVolumeSource;
  readonly nfs?: NFSVolumeSource;
  readonly rbd?: RBDPersistentVolumeSource;
  readonly iscsi?: ISCSIPersistentVolumeSource;
  readonly cinder?: CinderPersistentVolumeSource;
  readonly cephfs?: CephFSPersistentVolumeSource;
  readonly fc?: FCVolumeSource;
  readonly flocker?: FlockerVolumeSource;
  readonly flexVolume?: FlexPersistentVolumeSource;
  readonly azureFile?: AzureFilePersistentVolumeSource;
  readonly vsphereVolume?: VsphereVirtualDiskVolumeSource;
  readonly quobyte?: QuobyteVolumeSource;
  readonly azureDisk?: AzureDiskVolumeSource;
  readonly photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  readonly portworxVolume?: PortworxVolumeSource;
  readonly scaleIO?: ScaleIOPersistentVolumeSource;
  readonly local?: LocalVolumeSource;
  readonly storageos?: StorageOSPersistentVolumeSource;
  readonly csi?: CSIPersistentVolumeSource;
}

/** io.k8s.api.core.v1.PersistentVolumeSpec */
export interface PersistentVolumeSpec {
  readonly capacity?: { readonly [key: string]: string };
  readonly gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  readonly awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  readonly hostPath?: HostPathVolumeSource;
  readonly glusterfs?: GlusterfsPersistentVolumeSource;
  readonly nfs?: NFSVolumeSource;
  readonly rbd?: RBDPersistentVolumeSource;
  readonly iscsi?: ISCSIPersistentVolumeSource;
  readonly cinder?: CinderPersistentVolumeSource;
  readonly cephfs?: CephFSPersistentVolumeSource;
  readonly fc?: FCVolumeSource;
  readonly flocker?: FlockerVolumeSource;
  readonly flexVolume?: FlexPersistentVolumeSource;
  readonly azureFile?: AzureFilePersistentVolumeSource;
  readonly vsphereVolume?: VsphereVirtualDiskVolumeSource;
  readonly quobyte?: QuobyteVolumeSource;
  readonly azureDisk?: AzureDiskVolumeSource;
  readonly photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  readonly portworxVolume?: PortworxVolumeSource;
  readonly scaleIO?: ScaleIOPersistentVolumeSource;
  readonly local?: LocalVolumeSource;
  readonly storageos?: StorageOSPersistentVolumeSource;
  readonly csi?: CSIPersistentVolumeSource;
  readonly accessModes?: readonly ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  readonly claimRef?: ObjectReference;
  readonly persistentVolumeReclaimPolicy?: 'Recycle' | 'Delete' | 'Retain';
  readonly storageClassName?: string;
  readonly mountOptions?: readonly string[];
  readonly volumeMode?: 'Block' | 'Filesystem';
  readonly nodeAffinity?: VolumeNodeAffinity;
  readonly volumeAttributesClassName?: string;
}

/** io.k8s.api.core.v1.PersistentVolumeStatus */
export interface PersistentVolumeStatus {
  readonly phase?: 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed';
  readonly message?: string;
  readonly reason?: string;
  readonly lastPhaseTransitionTime?: string;
}

/** io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource */
export interface PhotonPersistentDiskVolumeSource {
  readonly pdID: string;
  readonly fsType?: string;
}

/** io.k8s.api.core.v1.Pod */
export interface Pod {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

/** io.k8s.api.core.v1.PodAffinity */
export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

/** io.k8s.api.core.v1.PodAffinityTerm */
export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector;
  readonly namespaces?: readonly string[];
  readonly topologyKey: string;
  readonly namespaceSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/** io.k8s.api.core.v1.PodAntiAffinity */
export interface PodAntiAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

/** io.k8s.api.core.v1.PodAttachOptions */
export interface PodAttachOptions {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly tty?: boolean;
  readonly container?: string;
}

/** io.k8s.api.core.v1.PodCertificateProjection */
export interface PodCertificateProjection {
  readonly signerName: string;
  readonly keyType: string;
  readonly maxExpirationSeconds?: number;
  readonly credentialBundlePath?: string;
  readonly keyPath?: string;
  readonly certificateChainPath?: string;
  readonly userAnnotations?: { readonly [key: string]: string };
}

/** io.k8s.api.core.v1.PodCondition */
export interface PodCondition {
  readonly type: string;
  readonly observedGeneration?: number;
  readonly status: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.core.v1.PodDNSConfig */
export interface PodDNSConfig {
  readonly nameservers?: readonly string[];
  readonly searches?: readonly string[];
  readonly options?: readonly PodDNSConfigOption[];
}

/** io.k8s.api.core.v1.PodDNSConfigOption */
export interface PodDNSConfigOption {
  readonly name?: string;
  readonly value?: string;
}

/** io.k8s.api.core.v1.PodExecOptions */
export interface PodExecOptions {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly tty?: boolean;
  readonly container?: string;
  readonly command: readonly string[];
}

/** io.k8s.api.core.v1.PodExtendedResourceClaimStatus */
export interface PodExtendedResourceClaimStatus {
  readonly requestMappings: readonly ContainerExtendedResourceRequest[];
  readonly resourceClaimName: string;
}

/** io.k8s.api.core.v1.PodIP */
export interface PodIP {
  readonly ip: string;
}

/** io.k8s.api.core.v1.PodList */
export interface PodList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Pod[];
}

/** io.k8s.api.core.v1.PodLogOptions */
export interface PodLogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly insecureSkipTLSVerifyBackend?: boolean;
  readonly stream?: string;
}

/** io.k8s.api.core.v1.PodOS */
export interface PodOS {
  readonly name: string;
}

/** io.k8s.api.core.v1.PodPortForwardOptions */
export interface PodPortForwardOptions {
  readonly ports?: readonly number[];
}

/** io.k8s.api.core.v1.PodProxyOptions */
export interface PodProxyOptions {
  readonly path?: string;
}

/** io.k8s.api.core.v1.PodReadinessGate */
export interface PodReadinessGate {
  readonly conditionType: string;
}

/** io.k8s.api.core.v1.PodResourceClaim */
export interface PodResourceClaim {
  readonly name: string;
  readonly resourceClaimName?: string;
  readonly resourceClaimTemplateName?: string;
}

/** io.k8s.api.core.v1.PodResourceClaimStatus */
export interface PodResourceClaimStatus {
  readonly name: string;
  readonly resourceClaimName?: string;
}

/** io.k8s.api.core.v1.PodSchedulingGate */
export interface PodSchedulingGate {
  readonly name: string;
}

/** io.k8s.api.core.v1.PodSchedulingGroup */
export interface PodSchedulingGroup {
  readonly podGroupName?: string;
}

/** io.k8s.api.core.v1.PodSecurityContext */
export interface PodSecurityContext {
  readonly seLinuxOptions?: SELinuxOptions;
  readonly windowsOptions?: WindowsSecurityContextOptions;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly supplementalGroups?: readonly number[];
  readonly supplementalGroupsPolicy?: 'Merge' | 'Strict';
  readonly fsGroup?: number;
  readonly sysctls?: readonly Sysctl[];
  readonly fsGroupChangePolicy?: 'OnRootMismatch' | 'Always';
  readonly seccompProfile?: SeccompProfile;
  readonly appArmorProfile?: AppArmorProfile;
  readonly seLinuxChangePolicy?: string;
}

/** io.k8s.api.core.v1.PodSignature */
export interface PodSignature {
  readonly podController?: OwnerReference;
}

/** io.k8s.api.core.v1.PodSpec */
export interface PodSpec {
  readonly volumes?: readonly Volume[];
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly ephemeralContainers?: readonly EphemeralContainer[];
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  readonly terminationGracePeriodSeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly dnsPolicy?: 'ClusterFirstWithHostNet' | 'ClusterFirst' | 'Default' | 'None';
  readonly nodeSelector?: { readonly [key: string]: string };
  readonly serviceAccountName?: string;
  readonly serviceAccount?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly shareProcessNamespace?: boolean;
  readonly securityContext?: PodSecurityContext;
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly affinity?: Affinity;
  readonly schedulerName?: string;
  readonly tolerations?: readonly Toleration[];
  readonly hostAliases?: readonly HostAlias[];
  readonly priorityClassName?: string;
  readonly priority?: number;
  readonly dnsConfig?: PodDNSConfig;
  readonly readinessGates?: readonly PodReadinessGate[];
  readonly runtimeClassName?: string;
  readonly enableServiceLinks?: boolean;
  readonly preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
  readonly overhead?: { readonly [key: string]: string };
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
  readonly setHostnameAsFQDN?: boolean;
  readonly os?: PodOS;
  readonly hostUsers?: boolean;
  readonly schedulingGates?: readonly PodSchedulingGate[];
  readonly resourceClaims?: readonly PodResourceClaim[];
  readonly resources?: ResourceRequirements;
  readonly hostnameOverride?: string;
  readonly schedulingGroup?: PodSchedulingGroup;
}

/** io.k8s.api.core.v1.PodStatus */
export interface PodStatus {
  readonly observedGeneration?: number;
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly conditions?: readonly PodCondition[];
  readonly message?: string;
  readonly reason?: string;
  readonly nominatedNodeName?: string;
  readonly hostIP?: string;
  readonly hostIPs?: readonly HostIP[];
  readonly podIP?: string;
  readonly podIPs?: readonly PodIP[];
  readonly startTime?: string;
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly qosClass?: 'Guaranteed' | 'Burstable' | 'BestEffort';
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  readonly resize?: string;
  readonly resourceClaimStatuses?: readonly PodResourceClaimStatus[];
  readonly extendedResourceClaimStatus?: PodExtendedResourceClaimStatus;
  readonly allocatedResources?: { readonly [key: string]: string };
  readonly resources?: ResourceRequirements;
  readonly nodeAllocatableResourceClaimStatuses?: readonly NodeAllocatableResourceClaimStatus[];
}

/** io.k8s.api.core.v1.PodStatusResult */
export interface PodStatusResult {
  readonly metadata: ObjectMeta;
  readonly status?: PodStatus;
}

/** io.k8s.api.core.v1.PodTemplate */
export interface PodTemplate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly template: PodTemplateSpec;
}

/** io.k8s.api.core.v1.PodTemplateList */
export interface PodTemplateList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PodTemplate[];
}

/** io.k8s.api.core.v1.PodTemplateSpec */
export interface PodTemplateSpec {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
}

/** io.k8s.api.core.v1.PortStatus */
export interface PortStatus {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly error?: string;
}

/** io.k8s.api.core.v1.PortworxVolumeSource */
export interface PortworxVolumeSource {
  readonly volumeID: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.Preconditions */
export interface CoreV1Preconditions {
  readonly uid?: string;
}

/** io.k8s.api.core.v1.PreferAvoidPodsEntry */
export interface PreferAvoidPodsEntry {
  readonly podSignature: PodSignature;
  readonly evictionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.core.v1.PreferredSchedulingTerm */
export interface PreferredSchedulingTerm {
  readonly weight: number;
  readonly preference: NodeSelectorTerm;
}

/** io.k8s.api.core.v1.Probe */
export interface Probe {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly terminationGracePeriodSeconds?: number;
}

/** io.k8s.api.core.v1.ProbeHandler */
export interface ProbeHandler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
}

/** io.k8s.api.core.v1.ProjectedVolumeSource */
export interface ProjectedVolumeSource {
  readonly sources: readonly VolumeProjection[];
  readonly defaultMode?: number;
}

/** io.k8s.api.core.v1.QuobyteVolumeSource */
export interface QuobyteVolumeSource {
  readonly registry: string;
  readonly volume: string;
  readonly readOnly?: boolean;
  readonly user?: string;
  readonly group?: string;
  readonly tenant?: string;
}

/** io.k8s.api.core.v1.RBDPersistentVolumeSource */
export interface RBDPersistentVolumeSource {
  readonly monitors: readonly string[];
  readonly image: string;
  readonly fsType?: string;
  readonly pool?: string;
  readonly user?: string;
  readonly keyring?: string;
  readonly secretRef?: SecretReference;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.RBDVolumeSource */
export interface RBDVolumeSource {
  readonly monitors: readonly string[];
  readonly image: string;
  readonly fsType?: string;
  readonly pool?: string;
  readonly user?: string;
  readonly keyring?: string;
  readonly secretRef?: LocalObjectReference;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.RangeAllocation */
export interface RangeAllocation {
  readonly metadata: ObjectMeta;
  readonly range: string;
  readonly data: string;
}

/** io.k8s.api.core.v1.ReplicationController */
export interface ReplicationController {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ReplicationControllerSpec;
  readonly status: ReplicationControllerStatus;
}

/** io.k8s.api.core.v1.ReplicationControllerCondition */
export interface ReplicationControllerCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.core.v1.ReplicationControllerList */
export interface ReplicationControllerList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ReplicationController[];
}

/** io.k8s.api.core.v1.ReplicationControllerSpec */
export interface ReplicationControllerSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly selector?: { readonly [key: string]: string };
  readonly template?: PodTemplateSpec;
}

/** io.k8s.api.core.v1.ReplicationControllerStatus */
export interface ReplicationControllerStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly observedGeneration?: number;
  readonly conditions?: readonly ReplicationControllerCondition[];
}

/** io.k8s.api.core.v1.ResourceClaim */
export interface ResourceClaim {
  readonly name: string;
  readonly request?: string;
}

/** io.k8s.api.core.v1.ResourceFieldSelector */
export interface ResourceFieldSelector {
  readonly containerName?: string;
  readonly resource: string;
  readonly divisor: string;
}

/** io.k8s.api.core.v1.ResourceHealth */
export interface ResourceHealth {
  readonly resourceID: string;
  readonly health?: string;
  readonly message?: string;
}

/** io.k8s.api.core.v1.ResourceQuota */
export interface ResourceQuota {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceQuotaSpec;
  readonly status: ResourceQuotaStatus;
}

/** io.k8s.api.core.v1.ResourceQuotaList */
export interface ResourceQuotaList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceQuota[];
}

/** io.k8s.api.core.v1.ResourceQuotaSpec */
export interface ResourceQuotaSpec {
  readonly hard?: { readonly [key: string]: string };
  readonly scopes?: readonly ('Terminating' | 'NotTerminating' | 'BestEffort' | 'NotBestEffort' | 'PriorityClass' | 'CrossNamespacePodAffinity' | 'VolumeAttributesClass')[];
  readonly scopeSelector?: ScopeSelector;
}

/** io.k8s.api.core.v1.ResourceQuotaStatus */
export interface ResourceQuotaStatus {
  readonly hard?: { readonly [key: string]: string };
  readonly used?: { readonly [key: string]: string };
}

/** io.k8s.api.core.v1.ResourceRequirements */
export interface ResourceRequirements {
  readonly limits?: { readonly [key: string]: string };
  readonly requests?: { readonly [key: string]: string };
  readonly claims?: readonly ResourceClaim[];
}

/** io.k8s.api.core.v1.ResourceStatus */
export interface ResourceStatus {
  readonly name: string;
  readonly resources?: readonly ResourceHealth[];
}

/** io.k8s.api.core.v1.SELinuxOptions */
export interface SELinuxOptions {
  readonly user?: string;
  readonly role?: string;
  readonly type?: string;
  readonly level?: string;
}

/** io.k8s.api.core.v1.ScaleIOPersistentVolumeSource */
export interface ScaleIOPersistentVolumeSource {
  readonly gateway: string;
  readonly system: string;
  readonly secretRef: SecretReference;
  readonly sslEnabled?: boolean;
  readonly protectionDomain?: string;
  readonly storagePool?: string;
  readonly storageMode?: string;
  readonly volumeName?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.ScaleIOVolumeSource */
export interface ScaleIOVolumeSource {
  readonly gateway: string;
  readonly system: string;
  readonly secretRef: LocalObjectReference;
  readonly sslEnabled?: boolean;
  readonly protectionDomain?: string;
  readonly storagePool?: string;
  readonly storageMode?: string;
  readonly volumeName?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
}

/** io.k8s.api.core.v1.ScopeSelector */
export interface ScopeSelector {
  readonly matchExpressions?: readonly ScopedResourceSelectorRequirement[];
}

/** io.k8s.api.core.v1.ScopedResourceSelectorRequirement */
export interface ScopedResourceSelectorRequirement {
  readonly scopeName: 'Terminating' | 'NotTerminating' | 'BestEffort' | 'NotBestEffort' | 'PriorityClass' | 'CrossNamespacePodAffinity' | 'VolumeAttributesClass';
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** io.k8s.api.core.v1.SeccompProfile */
export interface SeccompProfile {
  readonly type: 'Unconfined' | 'RuntimeDefault' | 'Localhost';
  readonly localhostProfile?: string;
}

/** io.k8s.api.core.v1.Secret */
export interface Secret {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly immutable?: boolean;
  readonly data?: { readonly [key: string]: string };
  readonly stringData?: { readonly [key: string]: string };
  readonly type?: string;
}

/** io.k8s.api.core.v1.SecretEnvSource */
export interface SecretEnvSource {
  readonly name?: string;
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.SecretKeySelector */
export interface SecretKeySelector {
  readonly name?: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.SecretList */
export interface SecretList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Secret[];
}

/** io.k8s.api.core.v1.SecretProjection */
export interface SecretProjection {
  readonly name?: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.SecretReference */
export interface SecretReference {
  readonly name?: string;
  readonly namespace?: string;
}

/** io.k8s.api.core.v1.SecretVolumeSource */
export interface SecretVolumeSource {
  readonly secretName?: string;
  readonly items?: readonly KeyToPath[];
  readonly defaultMode?: number;
  readonly optional?: boolean;
}

/** io.k8s.api.core.v1.SecurityContext */
export interface SecurityContext {
  readonly capabilities?: Capabilities;
  readonly privileged?: boolean;
  readonly seLinuxOptions?: SELinuxOptions;
  readonly windowsOptions?: WindowsSecurityContextOptions;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly procMount?: 'Default' | 'Unmasked';
  readonly seccompProfile?: SeccompProfile;
  readonly appArmorProfile?: AppArmorProfile;
}

/** io.k8s.api.core.v1.SerializedReference */
export interface SerializedReference {
  readonly reference: ObjectReference;
}

/** io.k8s.api.core.v1.Service */
export interface Service {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ServiceSpec;
  readonly status: ServiceStatus;
}

/** io.k8s.api.core.v1.ServiceAccount */
export interface ServiceAccount {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly secrets?: readonly ObjectReference[];
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  readonly automountServiceAccountToken?: boolean;
}

/** io.k8s.api.core.v1.ServiceAccountList */
export interface ServiceAccountList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ServiceAccount[];
}

/** io.k8s.api.core.v1.ServiceAccountTokenProjection */
export interface ServiceAccountTokenProjection {
  readonly audience?: string;
  readonly expirationSeconds?: number;
  readonly path: string;
}

/** io.k8s.api.core.v1.ServiceList */
export interface ServiceList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Service[];
}

/** io.k8s.api.core.v1.ServicePort */
export interface ServicePort {
  readonly name?: string;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly appProtocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

/** io.k8s.api.core.v1.ServiceProxyOptions */
export interface ServiceProxyOptions {
  readonly path?: string;
}

/** io.k8s.api.core.v1.ServiceSpec */
export interface ServiceSpec {
  readonly ports?: readonly ServicePort[];
  readonly selector?: { readonly [key: string]: string };
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly externalIPs?: readonly string[];
  readonly sessionAffinity?: 'ClientIP' | 'None';
  readonly loadBalancerIP?: string;
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly externalName?: string;
  readonly externalTrafficPolicy?: 'Cluster' | 'Local';
  readonly healthCheckNodePort?: number;
  readonly publishNotReadyAddresses?: boolean;
  readonly sessionAffinityConfig?: SessionAffinityConfig;
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[];
  readonly ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  readonly allocateLoadBalancerNodePorts?: boolean;
  readonly loadBalancerClass?: string;
  readonly internalTrafficPolicy?: 'Cluster' | 'Local';
  readonly trafficDistribution?: string;
}

/** io.k8s.api.core.v1.ServiceStatus */
export interface ServiceStatus {
  readonly loadBalancer: LoadBalancerStatus;
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.core.v1.SessionAffinityConfig */
export interface SessionAffinityConfig {
  readonly clientIP?: ClientIPConfig;
}

/** io.k8s.api.core.v1.SleepAction */
export interface SleepAction {
  readonly seconds: number;
}

/** io.k8s.api.core.v1.StorageOSPersistentVolumeSource */
export interface StorageOSPersistentVolumeSource {
  readonly volumeName?: string;
  readonly volumeNamespace?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly secretRef?: ObjectReference;
}

/** io.k8s.api.core.v1.StorageOSVolumeSource */
export interface StorageOSVolumeSource {
  readonly volumeName?: string;
  readonly volumeNamespace?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly secretRef?: LocalObjectReference;
}

/** io.k8s.api.core.v1.Sysctl */
export interface Sysctl {
  readonly name: string;
  readonly value: string;
}

/** io.k8s.api.core.v1.TCPSocketAction */
export interface TCPSocketAction {
  readonly port: number | string;
  readonly host?: string;
}

/** io.k8s.api.core.v1.Taint */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly timeAdded?: string;
}

/** io.k8s.api.core.v1.Toleration */
export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal' | 'Lt' | 'Gt';
  readonly value?: string;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly tolerationSeconds?: number;
}

/** io.k8s.api.core.v1.TopologySelectorLabelRequirement */
export interface TopologySelectorLabelRequirement {
  readonly key: string;
  readonly values: readonly string[];
}

/** io.k8s.api.core.v1.TopologySelectorTerm */
export interface TopologySelectorTerm {
  readonly matchLabelExpressions?: readonly TopologySelectorLabelRequirement[];
}

/** io.k8s.api.core.v1.TopologySpreadConstraint */
export interface TopologySpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  readonly labelSelector?: LabelSelector;
  readonly minDomains?: number;
  readonly nodeAffinityPolicy?: 'Ignore' | 'Honor';
  readonly nodeTaintsPolicy?: 'Ignore' | 'Honor';
  readonly matchLabelKeys?: readonly string[];
}

/** io.k8s.api.core.v1.TypedLocalObjectReference */
export interface TypedLocalObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

/** io.k8s.api.core.v1.TypedObjectReference */
export interface TypedObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** io.k8s.api.core.v1.Volume */
export interface Volume {
  readonly name: string;
  readonly hostPath?: HostPathVolumeSource;
  readonly emptyDir?: EmptyDirVolumeSource;
  readonly gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  readonly awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  readonly gitRepo?: GitRepoVolumeSource;
  readonly secret?: SecretVolumeSource;
  readonly nfs?: NFSVolumeSource;
  readonly iscsi?: ISCSIVolumeSource;
  readonly glusterfs?: GlusterfsVolumeSource;
  readonly persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  readonly rbd?: RBDVolumeSource;
  readonly flexVolume?: FlexVolumeSource;
  readonly cinder?: CinderVolumeSource;
  readonly cephfs?: CephFSVolumeSource;
  readonly flocker?: FlockerVolumeSource;
  readonly downwardAPI?: DownwardAPIVolumeSource;
  readonly fc?: FCVolumeSource;
  readonly azureFile?: AzureFileVolumeSource;
  readonly configMap?: ConfigMapVolumeSource;
  readonly vsphereVolume?: VsphereVirtualDiskVolumeSource;
  readonly quobyte?: QuobyteVolumeSource;
  readonly azureDisk?: AzureDiskVolumeSource;
  readonly photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  readonly projected?: ProjectedVolumeSource;
  readonly portworxVolume?: PortworxVolumeSource;
  readonly scaleIO?: ScaleIOVolumeSource;
  readonly storageos?: StorageOSVolumeSource;
  readonly csi?: CSIVolumeSource;
  readonly ephemeral?: EphemeralVolumeSource;
  readonly image?: ImageVolumeSource;
}

/** io.k8s.api.core.v1.VolumeDevice */
export interface VolumeDevice {
  readonly name: string;
  readonly devicePath: string;
}

/** io.k8s.api.core.v1.VolumeMount */
export interface VolumeMount {
  readonly name: string;
  readonly readOnly?: boolean;
  readonly recursiveReadOnly?: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly mountPropagation?: 'None' | 'HostToContainer' | 'Bidirectional';
  readonly subPathExpr?: string;
}

/** io.k8s.api.core.v1.VolumeMountStatus */
export interface VolumeMountStatus {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly recursiveReadOnly?: string;
  readonly volumeStatus?: VolumeStatus;
}

/** io.k8s.api.core.v1.VolumeNodeAffinity */
export interface VolumeNodeAffinity {
  readonly required?: NodeSelector;
}

/** io.k8s.api.core.v1.VolumeProjection */
export interface VolumeProjection {
  readonly secret?: SecretProjection;
  readonly downwardAPI?: DownwardAPIProjection;
  readonly configMap?: ConfigMapProjection;
  readonly serviceAccountToken?: ServiceAccountTokenProjection;
  readonly clusterTrustBundle?: ClusterTrustBundleProjection;
  readonly podCertificate?: PodCertificateProjection;
}

/** io.k8s.api.core.v1.VolumeResourceRequirements */
export interface VolumeResourceRequirements {
  readonly limits?: { readonly [key: string]: string };
  readonly requests?: { readonly [key: string]: string };
}

/** io.k8s.api.core.v1.VolumeSource */
export interface VolumeSource {
  readonly hostPath?: HostPathVolumeSource;
  readonly emptyDir?: EmptyDirVolumeSource;
  readonly gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  readonly awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  readonly gitRepo?: GitRepoVolumeSource;
  readonly secret?: SecretVolumeSource;
  readonly nfs?: NFSVolumeSource;
  readonly iscsi?: ISCSIVolumeSource;
  readonly glusterfs?: GlusterfsVolumeSource;
  readonly persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  readonly rbd?: RBDVolumeSource;
  readonly flexVolume?: FlexVolumeSource;
  readonly cinder?: CinderVolumeSource;
  readonly cephfs?: CephFSVolumeSource;
  readonly flocker?: FlockerVolumeSource;
  readonly downwardAPI?: DownwardAPIVolumeSource;
  readonly fc?: FCVolumeSource;
  readonly azureFile?: AzureFileVolumeSource;
  readonly configMap?: ConfigMapVolumeSource;
  readonly vsphereVolume?: VsphereVirtualDiskVolumeSource;
  readonly quobyte?: QuobyteVolumeSource;
  readonly azureDisk?: AzureDiskVolumeSource;
  readonly photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  readonly projected?: ProjectedVolumeSource;
  readonly portworxVolume?: PortworxVolumeSource;
  readonly scaleIO?: ScaleIOVolumeSource;
  readonly storageos?: StorageOSVolumeSource;
  readonly csi?: CSIVolumeSource;
  readonly ephemeral?: EphemeralVolumeSource;
  readonly image?: ImageVolumeSource;
}

/** io.k8s.api.core.v1.VolumeStatus */
export interface VolumeStatus {
  readonly image?: ImageVolumeStatus;
}

/** io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource */
export interface VsphereVirtualDiskVolumeSource {
  readonly volumePath: string;
  readonly fsType?: string;
  readonly storagePolicyName?: string;
  readonly storagePolicyID?: string;
}

/** io.k8s.api.core.v1.WeightedPodAffinityTerm */
export interface WeightedPodAffinityTerm {
  readonly weight: number;
  readonly podAffinityTerm: PodAffinityTerm;
}

/** io.k8s.api.core.v1.WindowsSecurityContextOptions */
export interface WindowsSecurityContextOptions {
  readonly gmsaCredentialSpecName?: string;
  readonly gmsaCredentialSpec?: string;
  readonly runAsUserName?: string;
  readonly hostProcess?: boolean;
}

/** io.k8s.api.apps.v1.ControllerRevision */
export interface ControllerRevision {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly data: JsonObject;
  readonly revision: number;
}

/** io.k8s.api.apps.v1.ControllerRevisionList */
export interface ControllerRevisionList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ControllerRevision[];
}

/** io.k8s.api.apps.v1.DaemonSet */
export interface DaemonSet {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: DaemonSetSpec;
  readonly status: DaemonSetStatus;
}

/** io.k8s.api.apps.v1.DaemonSetCondition */
export interface DaemonSetCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.apps.v1.DaemonSetList */
export interface DaemonSetList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly DaemonSet[];
}

/** io.k8s.api.apps.v1.DaemonSetSpec */
export interface DaemonSetSpec {
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly updateStrategy: DaemonSetUpdateStrategy;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
}

/** io.k8s.api.apps.v1.DaemonSetStatus */
export interface DaemonSetStatus {
  readonly currentNumberScheduled: number;
  readonly numberMisscheduled: number;
  readonly desiredNumberScheduled: number;
  readonly numberReady: number;
  readonly observedGeneration?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
  readonly numberUnavailable?: number;
  readonly collisionCount?: number;
  readonly conditions?: readonly DaemonSetCondition[];
}

/** io.k8s.api.apps.v1.DaemonSetUpdateStrategy */
export interface DaemonSetUpdateStrategy {
  readonly type?: 'RollingUpdate' | 'OnDelete';
  readonly rollingUpdate?: RollingUpdateDaemonSet;
}

/** io.k8s.api.apps.v1.Deployment */
export interface Deployment {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: DeploymentSpec;
  readonly status: DeploymentStatus;
}

/** io.k8s.api.apps.v1.DeploymentCondition */
export interface DeploymentCondition {
  readonly type: string;
  readonly status: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.apps.v1.DeploymentList */
export interface DeploymentList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Deployment[];
}

/** io.k8s.api.apps.v1.DeploymentSpec */
export interface DeploymentSpec {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly strategy: DeploymentStrategy;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly paused?: boolean;
  readonly progressDeadlineSeconds?: number;
}

/** io.k8s.api.apps.v1.DeploymentStatus */
export interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly terminatingReplicas?: number;
  readonly conditions?: readonly DeploymentCondition[];
  readonly collisionCount?: number;
}

/** io.k8s.api.apps.v1.DeploymentStrategy */
export interface DeploymentStrategy {
  readonly type?: 'Recreate' | 'RollingUpdate';
  readonly rollingUpdate?: RollingUpdateDeployment;
}

/** io.k8s.api.apps.v1.ReplicaSet */
export interface ReplicaSet {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ReplicaSetSpec;
  readonly status: ReplicaSetStatus;
}

/** io.k8s.api.apps.v1.ReplicaSetCondition */
export interface ReplicaSetCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.apps.v1.ReplicaSetList */
export interface ReplicaSetList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ReplicaSet[];
}

/** io.k8s.api.apps.v1.ReplicaSetSpec */
export interface ReplicaSetSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
}

/** io.k8s.api.apps.v1.ReplicaSetStatus */
export interface ReplicaSetStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly terminatingReplicas?: number;
  readonly observedGeneration?: number;
  readonly conditions?: readonly ReplicaSetCondition[];
}

/** io.k8s.api.apps.v1.RollingUpdateDaemonSet */
export interface RollingUpdateDaemonSet {
  readonly maxUnavailable?: number | string;
  readonly maxSurge?: number | string;
}

/** io.k8s.api.apps.v1.RollingUpdateDeployment */
export interface RollingUpdateDeployment {
  readonly maxUnavailable?: number | string;
  readonly maxSurge?: number | string;
}

/** io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy */
export interface RollingUpdateStatefulSetStrategy {
  readonly partition?: number;
  readonly maxUnavailable?: number | string;
}

/** io.k8s.api.apps.v1.StatefulSet */
export interface StatefulSet {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: StatefulSetSpec;
  readonly status: StatefulSetStatus;
}

/** io.k8s.api.apps.v1.StatefulSetCondition */
export interface StatefulSetCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.apps.v1.StatefulSetList */
export interface StatefulSetList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly StatefulSet[];
}

/** io.k8s.api.apps.v1.StatefulSetOrdinals */
export interface StatefulSetOrdinals {
  readonly start: number;
}

/** io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy */
export interface StatefulSetPersistentVolumeClaimRetentionPolicy {
  readonly whenDeleted?: string;
  readonly whenScaled?: string;
}

/** io.k8s.api.apps.v1.StatefulSetSpec */
export interface StatefulSetSpec {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly volumeClaimTemplates?: readonly PersistentVolumeClaim[];
  readonly serviceName: string;
  readonly podManagementPolicy?: 'OrderedReady' | 'Parallel';
  readonly updateStrategy: StatefulSetUpdateStrategy;
  readonly revisionHistoryLimit?: number;
  readonly minReadySeconds?: number;
  readonly persistentVolumeClaimRetentionPolicy?: StatefulSetPersistentVolumeClaimRetentionPolicy;
  readonly ordinals?: StatefulSetOrdinals;
}

/** io.k8s.api.apps.v1.StatefulSetStatus */
export interface StatefulSetStatus {
  readonly observedGeneration?: number;
  readonly replicas: number;
  readonly readyReplicas?: number;
  readonly currentReplicas?: number;
  readonly updatedReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
  readonly collisionCount?: number;
  readonly conditions?: readonly StatefulSetCondition[];
  readonly availableReplicas: number;
}

/** io.k8s.api.apps.v1.StatefulSetUpdateStrategy */
export interface StatefulSetUpdateStrategy {
  readonly type?: 'RollingUpdate' | 'OnDelete' | 'Recreate';
  readonly rollingUpdate?: RollingUpdateStatefulSetStrategy;
}

/** io.k8s.api.batch.v1.CronJob */
export interface CronJob {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: CronJobSpec;
  readonly status: CronJobStatus;
}

/** io.k8s.api.batch.v1.CronJobList */
export interface CronJobList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly CronJob[];
}

/** io.k8s.api.batch.v1.CronJobSpec */
export interface CronJobSpec {
  readonly schedule: string;
  readonly timeZone?: string;
  readonly startingDeadlineSeconds?: number;
  readonly concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace';
  readonly suspend?: boolean;
  readonly jobTemplate: JobTemplateSpec;
  readonly successfulJobsHistoryLimit?: number;
  readonly failedJobsHistoryLimit?: number;
}

/** io.k8s.api.batch.v1.CronJobStatus */
export interface CronJobStatus {
  readonly active?: readonly ObjectReference[];
  readonly lastScheduleTime?: string;
  readonly lastSuccessfulTime?: string;
}

/** io.k8s.api.batch.v1.Job */
export interface Job {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: JobSpec;
  readonly status: JobStatus;
}

/** io.k8s.api.batch.v1.JobCondition */
export interface JobCondition {
  readonly type: string;
  readonly status: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.batch.v1.JobList */
export interface JobList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Job[];
}

/** io.k8s.api.batch.v1.JobSpec */
export interface JobSpec {
  readonly parallelism?: number;
  readonly completions?: number;
  readonly activeDeadlineSeconds?: number;
  readonly podFailurePolicy?: PodFailurePolicy;
  readonly successPolicy?: SuccessPolicy;
  readonly backoffLimit?: number;
  readonly backoffLimitPerIndex?: number;
  readonly maxFailedIndexes?: number;
  readonly selector?: LabelSelector;
  readonly manualSelector?: boolean;
  readonly template: PodTemplateSpec;
  readonly ttlSecondsAfterFinished?: number;
  readonly completionMode?: 'NonIndexed' | 'Indexed';
  readonly suspend?: boolean;
  readonly podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed';
  readonly managedBy?: string;
}

/** io.k8s.api.batch.v1.JobStatus */
export interface JobStatus {
  readonly conditions?: readonly JobCondition[];
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly active?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly terminating?: number;
  readonly completedIndexes?: string;
  readonly failedIndexes?: string;
  readonly uncountedTerminatedPods?: UncountedTerminatedPods;
  readonly ready?: number;
}

/** io.k8s.api.batch.v1.JobTemplateSpec */
export interface JobTemplateSpec {
  readonly metadata: ObjectMeta;
  readonly spec: JobSpec;
}

/** io.k8s.api.batch.v1.PodFailurePolicy */
export interface PodFailurePolicy {
  readonly rules: readonly PodFailurePolicyRule[];
}

/** io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement */
export interface PodFailurePolicyOnExitCodesRequirement {
  readonly containerName?: string;
  readonly operator: 'In' | 'NotIn';
  readonly values: readonly number[];
}

/** io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern */
export interface PodFailurePolicyOnPodConditionsPattern {
  readonly type: string;
  readonly status: string;
}

/** io.k8s.api.batch.v1.PodFailurePolicyRule */
export interface PodFailurePolicyRule {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  readonly onExitCodes?: PodFailurePolicyOnExitCodesRequirement;
  readonly onPodConditions?: readonly PodFailurePolicyOnPodConditionsPattern[];
}

/** io.k8s.api.batch.v1.SuccessPolicy */
export interface SuccessPolicy {
  readonly rules: readonly SuccessPolicyRule[];
}

/** io.k8s.api.batch.v1.SuccessPolicyRule */
export interface SuccessPolicyRule {
  readonly succeededIndexes?: string;
  readonly succeededCount?: number;
}

/** io.k8s.api.batch.v1.UncountedTerminatedPods */
export interface UncountedTerminatedPods {
  readonly succeeded?: readonly string[];
  readonly failed?: readonly string[];
}

/** io.k8s.api.rbac.v1.AggregationRule */
export interface AggregationRule {
  readonly clusterRoleSelectors?: readonly LabelSelector[];
}

/** io.k8s.api.rbac.v1.ClusterRole */
export interface ClusterRole {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly rules: readonly PolicyRule[];
  readonly aggregationRule?: AggregationRule;
}

/** io.k8s.api.rbac.v1.ClusterRoleBinding */
export interface ClusterRoleBinding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}

/** io.k8s.api.rbac.v1.ClusterRoleBindingList */
export interface ClusterRoleBindingList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ClusterRoleBinding[];
}

/** io.k8s.api.rbac.v1.ClusterRoleList */
export interface ClusterRoleList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ClusterRole[];
}

/** io.k8s.api.rbac.v1.PolicyRule */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** io.k8s.api.rbac.v1.Role */
export interface Role {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly rules: readonly PolicyRule[];
}

/** io.k8s.api.rbac.v1.RoleBinding */
export interface RoleBinding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}

/** io.k8s.api.rbac.v1.RoleBindingList */
export interface RoleBindingList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly RoleBinding[];
}

/** io.k8s.api.rbac.v1.RoleList */
export interface RoleList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Role[];
}

/** io.k8s.api.rbac.v1.RoleRef */
export interface RoleRef {
  readonly apiGroup: string;
  readonly kind: string;
  readonly name: string;
}

/** io.k8s.api.rbac.v1.Subject */
export interface Subject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}

/** io.k8s.api.discovery.v1.Endpoint */
export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions: EndpointConditions;
  readonly hostname?: string;
  readonly targetRef?: ObjectReference;
  readonly deprecatedTopology?: { readonly [key: string]: string };
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hints?: EndpointHints;
}

/** io.k8s.api.discovery.v1.EndpointConditions */
export interface EndpointConditions {
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

/** io.k8s.api.discovery.v1.EndpointHints */
export interface EndpointHints {
  readonly forZones?: readonly ForZone[];
  readonly forNodes?: readonly ForNode[];
}

/** io.k8s.api.discovery.v1.EndpointPort */
export interface DiscoveryV1EndpointPort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
  readonly appProtocol?: string;
}

/** io.k8s.api.discovery.v1.EndpointSlice */
export interface EndpointSlice {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly addressType: string;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly DiscoveryV1EndpointPort[];
}

/** io.k8s.api.discovery.v1.EndpointSliceList */
export interface EndpointSliceList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly EndpointSlice[];
}

/** io.k8s.api.discovery.v1.ForNode */
export interface ForNode {
  readonly name: string;
}

/** io.k8s.api.discovery.v1.ForZone */
export interface ForZone {
  readonly name: string;
}

/** io.k8s.api.coordination.v1.Lease */
export interface Lease {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: LeaseSpec;
}

/** io.k8s.api.coordination.v1.LeaseList */
export interface LeaseList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Lease[];
}

/** io.k8s.api.coordination.v1.LeaseSpec */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  readonly strategy?: string;
  readonly preferredHolder?: string;
}

/** io.k8s.api.policy.v1.Eviction */
export interface Eviction {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly deleteOptions?: DeleteOptions;
}

/** io.k8s.api.policy.v1.PodDisruptionBudget */
export interface PodDisruptionBudget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: PodDisruptionBudgetSpec;
  readonly status: PodDisruptionBudgetStatus;
}

/** io.k8s.api.policy.v1.PodDisruptionBudgetList */
export interface PodDisruptionBudgetList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PodDisruptionBudget[];
}

/** io.k8s.api.policy.v1.PodDisruptionBudgetSpec */
export interface PodDisruptionBudgetSpec {
  readonly minAvailable?: number | string;
  readonly selector?: LabelSelector;
  readonly maxUnavailable?: number | string;
  readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
}

/** io.k8s.api.policy.v1.PodDisruptionBudgetStatus */
export interface PodDisruptionBudgetStatus {
  readonly observedGeneration?: number;
  readonly disruptedPods?: { readonly [key: string]: string };
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.networking.v1.HTTPIngressPath */
export interface HTTPIngressPath {
  readonly path?: string;
  readonly pathType: string;
  readonly backend: IngressBackend;
}

/** io.k8s.api.networking.v1.HTTPIngressRuleValue */
export interface HTTPIngressRuleValue {
  readonly paths: readonly HTTPIngressPath[];
}

/** io.k8s.api.networking.v1.IPAddress */
export interface IPAddress {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: IPAddressSpec;
}

/** io.k8s.api.networking.v1.IPAddressList */
export interface IPAddressList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly IPAddress[];
}

/** io.k8s.api.networking.v1.IPAddressSpec */
export interface IPAddressSpec {
  readonly parentRef: ParentReference;
}

/** io.k8s.api.networking.v1.IPBlock */
export interface IPBlock {
  readonly cidr: string;
  readonly except?: readonly string[];
}

/** io.k8s.api.networking.v1.Ingress */
export interface Ingress {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: IngressSpec;
  readonly status: IngressStatus;
}

/** io.k8s.api.networking.v1.IngressBackend */
export interface IngressBackend {
  readonly service?: IngressServiceBackend;
  readonly resource?: TypedLocalObjectReference;
}

/** io.k8s.api.networking.v1.IngressClass */
export interface IngressClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: IngressClassSpec;
}

/** io.k8s.api.networking.v1.IngressClassList */
export interface IngressClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly IngressClass[];
}

/** io.k8s.api.networking.v1.IngressClassParametersReference */
export interface IngressClassParametersReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
  readonly scope?: string;
  readonly namespace?: string;
}

/** io.k8s.api.networking.v1.IngressClassSpec */
export interface IngressClassSpec {
  readonly controller?: string;
  readonly parameters?: IngressClassParametersReference;
}

/** io.k8s.api.networking.v1.IngressList */
export interface IngressList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Ingress[];
}

/** io.k8s.api.networking.v1.IngressLoadBalancerIngress */
export interface IngressLoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ports?: readonly IngressPortStatus[];
}

/** io.k8s.api.networking.v1.IngressLoadBalancerStatus */
export interface IngressLoadBalancerStatus {
  readonly ingress?: readonly IngressLoadBalancerIngress[];
}

/** io.k8s.api.networking.v1.IngressPortStatus */
export interface IngressPortStatus {
  readonly port: number;
  readonly protocol: string;
  readonly error?: string;
}

/** io.k8s.api.networking.v1.IngressRule */
export interface IngressRule {
  readonly host?: string;
  readonly http?: HTTPIngressRuleValue;
}

/** io.k8s.api.networking.v1.IngressRuleValue */
export interface IngressRuleValue {
  readonly http?: HTTPIngressRuleValue;
}

/** io.k8s.api.networking.v1.IngressServiceBackend */
export interface IngressServiceBackend {
  readonly name: string;
  readonly port: ServiceBackendPort;
}

/** io.k8s.api.networking.v1.IngressSpec */
export interface IngressSpec {
  readonly ingressClassName?: string;
  readonly defaultBackend?: IngressBackend;
  readonly tls?: readonly IngressTLS[];
  readonly rules?: readonly IngressRule[];
}

/** io.k8s.api.networking.v1.IngressStatus */
export interface IngressStatus {
  readonly loadBalancer: IngressLoadBalancerStatus;
}

/** io.k8s.api.networking.v1.IngressTLS */
export interface IngressTLS {
  readonly hosts?: readonly string[];
  readonly secretName?: string;
}

/** io.k8s.api.networking.v1.NetworkPolicy */
export interface NetworkPolicy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: NetworkPolicySpec;
}

/** io.k8s.api.networking.v1.NetworkPolicyEgressRule */
export interface NetworkPolicyEgressRule {
  readonly ports?: readonly NetworkPolicyPort[];
  readonly to?: readonly NetworkPolicyPeer[];
}

/** io.k8s.api.networking.v1.NetworkPolicyIngressRule */
export interface NetworkPolicyIngressRule {
  readonly ports?: readonly NetworkPolicyPort[];
  readonly from?: readonly NetworkPolicyPeer[];
}

/** io.k8s.api.networking.v1.NetworkPolicyList */
export interface NetworkPolicyList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly NetworkPolicy[];
}

/** io.k8s.api.networking.v1.NetworkPolicyPeer */
export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: IPBlock;
}

/** io.k8s.api.networking.v1.NetworkPolicyPort */
export interface NetworkPolicyPort {
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly port?: number | string;
  readonly endPort?: number;
}

/** io.k8s.api.networking.v1.NetworkPolicySpec */
export interface NetworkPolicySpec {
  readonly podSelector: LabelSelector;
  readonly ingress?: readonly NetworkPolicyIngressRule[];
  readonly egress?: readonly NetworkPolicyEgressRule[];
  readonly policyTypes?: readonly ('Ingress' | 'Egress')[];
}

/** io.k8s.api.networking.v1.ParentReference */
export interface ParentReference {
  readonly group?: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

/** io.k8s.api.networking.v1.ServiceBackendPort */
export interface ServiceBackendPort {
  readonly name?: string;
  readonly number?: number;
}

/** io.k8s.api.networking.v1.ServiceCIDR */
export interface ServiceCIDR {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ServiceCIDRSpec;
  readonly status: ServiceCIDRStatus;
}

/** io.k8s.api.networking.v1.ServiceCIDRList */
export interface ServiceCIDRList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ServiceCIDR[];
}

/** io.k8s.api.networking.v1.ServiceCIDRSpec */
export interface ServiceCIDRSpec {
  readonly cidrs?: readonly string[];
}

/** io.k8s.api.networking.v1.ServiceCIDRStatus */
export interface ServiceCIDRStatus {
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.storage.v1.CSIDriver */
export interface CSIDriver {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: CSIDriverSpec;
}

/** io.k8s.api.storage.v1.CSIDriverList */
export interface CSIDriverList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly CSIDriver[];
}

/** io.k8s.api.storage.v1.CSIDriverSpec */
export interface CSIDriverSpec {
  readonly attachRequired?: boolean;
  readonly podInfoOnMount?: boolean;
  readonly volumeLifecycleModes?: readonly ('Persistent' | 'Ephemeral')[];
  readonly storageCapacity?: boolean;
  readonly fsGroupPolicy?: 'ReadWriteOnceWithFSType' | 'File' | 'None';
  readonly tokenRequests?: readonly TokenRequest[];
  readonly requiresRepublish?: boolean;
  readonly seLinuxMount?: boolean;
  readonly nodeAllocatableUpdatePeriodSeconds?: number;
  readonly serviceAccountTokenInSecrets?: boolean;
  readonly preventPodSchedulingIfMissing?: boolean;
}

/** io.k8s.api.storage.v1.CSINode */
export interface CSINode {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: CSINodeSpec;
}

/** io.k8s.api.storage.v1.CSINodeDriver */
export interface CSINodeDriver {
  readonly name: string;
  readonly nodeID: string;
  readonly topologyKeys: readonly string[];
  readonly allocatable?: VolumeNodeResources;
}

/** io.k8s.api.storage.v1.CSINodeList */
export interface CSINodeList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly CSINode[];
}

/** io.k8s.api.storage.v1.CSINodeSpec */
export interface CSINodeSpec {
  readonly drivers: readonly CSINodeDriver[];
}

/** io.k8s.api.storage.v1.CSIStorageCapacity */
export interface CSIStorageCapacity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly nodeTopology?: LabelSelector;
  readonly storageClassName: string;
  readonly capacity?: string;
  readonly maximumVolumeSize?: string;
}

/** io.k8s.api.storage.v1.CSIStorageCapacityList */
export interface CSIStorageCapacityList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly CSIStorageCapacity[];
}

/** io.k8s.api.storage.v1.StorageClass */
export interface StorageClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly provisioner: string;
  readonly parameters?: { readonly [key: string]: string };
  readonly reclaimPolicy?: 'Delete' | 'Retain';
  readonly mountOptions?: readonly string[];
  readonly allowVolumeExpansion?: boolean;
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
  readonly allowedTopologies?: readonly TopologySelectorTerm[];
}

/** io.k8s.api.storage.v1.StorageClassList */
export interface StorageClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly StorageClass[];
}

/** io.k8s.api.storage.v1.TokenRequest */
export interface TokenRequest {
  readonly audience: string;
  readonly expirationSeconds?: number;
}

/** io.k8s.api.storage.v1.VolumeAttachment */
export interface VolumeAttachment {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: VolumeAttachmentSpec;
  readonly status: VolumeAttachmentStatus;
}

/** io.k8s.api.storage.v1.VolumeAttachmentList */
export interface VolumeAttachmentList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly VolumeAttachment[];
}

/** io.k8s.api.storage.v1.VolumeAttachmentSource */
export interface VolumeAttachmentSource {
  readonly persistentVolumeName?: string;
  readonly inlineVolumeSpec?: PersistentVolumeSpec;
}

/** io.k8s.api.storage.v1.VolumeAttachmentSpec */
export interface VolumeAttachmentSpec {
  readonly attacher: string;
  readonly source: VolumeAttachmentSource;
  readonly nodeName: string;
}

/** io.k8s.api.storage.v1.VolumeAttachmentStatus */
export interface VolumeAttachmentStatus {
  readonly attached: boolean;
  readonly attachmentMetadata?: { readonly [key: string]: string };
  readonly attachError?: VolumeError;
  readonly detachError?: VolumeError;
}

/** io.k8s.api.storage.v1.VolumeAttributesClass */
export interface VolumeAttributesClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly driverName: string;
  readonly parameters?: { readonly [key: string]: string };
}

/** io.k8s.api.storage.v1.VolumeAttributesClassList */
export interface VolumeAttributesClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly VolumeAttributesClass[];
}

/** io.k8s.api.storage.v1.VolumeError */
export interface VolumeError {
  readonly time?: string;
  readonly message?: string;
  readonly errorCode?: number;
}

/** io.k8s.api.storage.v1.VolumeNodeResources */
export interface VolumeNodeResources {
  readonly count?: number;
}

/** io.k8s.api.autoscaling.v2.ContainerResourceMetricSource */
export interface ContainerResourceMetricSource {
  readonly name: string;
  readonly target: MetricTarget;
  readonly container: string;
}

/** io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus */
export interface ContainerResourceMetricStatus {
  readonly name: string;
  readonly current: MetricValueStatus;
  readonly container: string;
}

/** io.k8s.api.autoscaling.v2.CrossVersionObjectReference */
export interface CrossVersionObjectReference {
  readonly kind: string;
  readonly name: string;
  readonly apiVersion?: string;
}

/** io.k8s.api.autoscaling.v2.ExternalMetricSource */
export interface ExternalMetricSource {
  readonly metric: MetricIdentifier;
  readonly target: MetricTarget;
}

/** io.k8s.api.autoscaling.v2.ExternalMetricStatus */
export interface ExternalMetricStatus {
  readonly metric: MetricIdentifier;
  readonly current: MetricValueStatus;
}

/** io.k8s.api.autoscaling.v2.HPAScalingPolicy */
export interface HPAScalingPolicy {
  readonly type: string;
  readonly value: number;
  readonly periodSeconds: number;
}

/** io.k8s.api.autoscaling.v2.HPAScalingRules */
export interface HPAScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: string;
  readonly policies?: readonly HPAScalingPolicy[];
  readonly tolerance?: string;
}

/** io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler */
export interface HorizontalPodAutoscaler {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: HorizontalPodAutoscalerSpec;
  readonly status: HorizontalPodAutoscalerStatus;
}

/** io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior */
export interface HorizontalPodAutoscalerBehavior {
  readonly scaleUp?: HPAScalingRules;
  readonly scaleDown?: HPAScalingRules;
}

/** io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition */
export interface HorizontalPodAutoscalerCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerList */
export interface HorizontalPodAutoscalerList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly HorizontalPodAutoscaler[];
}

/** io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec */
export interface HorizontalPodAutoscalerSpec {
  readonly scaleTargetRef: CrossVersionObjectReference;
  readonly minReplicas?: number;
  readonly maxReplicas: number;
  readonly metrics?: readonly MetricSpec[];
  readonly behavior?: HorizontalPodAutoscalerBehavior;
}

/** io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus */
export interface HorizontalPodAutoscalerStatus {
  readonly observedGeneration?: number;
  readonly lastScaleTime?: string;
  readonly currentReplicas?: number;
  readonly desiredReplicas: number;
  readonly currentMetrics: readonly MetricStatus[];
  readonly conditions?: readonly HorizontalPodAutoscalerCondition[];
}

/** io.k8s.api.autoscaling.v2.MetricIdentifier */
export interface MetricIdentifier {
  readonly name: string;
  readonly selector?: LabelSelector;
}

/** io.k8s.api.autoscaling.v2.MetricSpec */
export interface MetricSpec {
  readonly type: string;
  readonly object?: ObjectMetricSource;
  readonly pods?: PodsMetricSource;
  readonly resource?: ResourceMetricSource;
  readonly containerResource?: ContainerResourceMetricSource;
  readonly external?: ExternalMetricSource;
}

/** io.k8s.api.autoscaling.v2.MetricStatus */
export interface MetricStatus {
  readonly type: string;
  readonly object?: ObjectMetricStatus;
  readonly pods?: PodsMetricStatus;
  readonly resource?: ResourceMetricStatus;
  readonly containerResource?: ContainerResourceMetricStatus;
  readonly external?: ExternalMetricStatus;
}

/** io.k8s.api.autoscaling.v2.MetricTarget */
export interface MetricTarget {
  readonly type: string;
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

/** io.k8s.api.autoscaling.v2.MetricValueStatus */
export interface MetricValueStatus {
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

/** io.k8s.api.autoscaling.v2.ObjectMetricSource */
export interface ObjectMetricSource {
  readonly describedObject: CrossVersionObjectReference;
  readonly target: MetricTarget;
  readonly metric: MetricIdentifier;
}

/** io.k8s.api.autoscaling.v2.ObjectMetricStatus */
export interface ObjectMetricStatus {
  readonly metric: MetricIdentifier;
  readonly current: MetricValueStatus;
  readonly describedObject: CrossVersionObjectReference;
}

/** io.k8s.api.autoscaling.v2.PodsMetricSource */
export interface PodsMetricSource {
  readonly metric: MetricIdentifier;
  readonly target: MetricTarget;
}

/** io.k8s.api.autoscaling.v2.PodsMetricStatus */
export interface PodsMetricStatus {
  readonly metric: MetricIdentifier;
  readonly current: MetricValueStatus;
}

/** io.k8s.api.autoscaling.v2.ResourceMetricSource */
export interface ResourceMetricSource {
  readonly name: string;
  readonly target: MetricTarget;
}

/** io.k8s.api.autoscaling.v2.ResourceMetricStatus */
export interface ResourceMetricStatus {
  readonly name: string;
  readonly current: MetricValueStatus;
}

/** io.k8s.api.autoscaling.v1.ContainerResourceMetricSource */
export interface AutoscalingV1ContainerResourceMetricSource {
  readonly name: string;
  readonly targetAverageUtilization?: number;
  readonly targetAverageValue?: string;
  readonly container: string;
}

/** io.k8s.api.autoscaling.v1.ContainerResourceMetricStatus */
export interface AutoscalingV1ContainerResourceMetricStatus {
  readonly name: string;
  readonly currentAverageUtilization?: number;
  readonly currentAverageValue: string;
  readonly container: string;
}

/** io.k8s.api.autoscaling.v1.CrossVersionObjectReference */
export interface AutoscalingV1CrossVersionObjectReference {
  readonly kind: string;
  readonly name: string;
  readonly apiVersion?: string;
}

/** io.k8s.api.autoscaling.v1.ExternalMetricSource */
export interface AutoscalingV1ExternalMetricSource {
  readonly metricName: string;
  readonly metricSelector?: LabelSelector;
  readonly targetValue?: string;
  readonly targetAverageValue?: string;
}

/** io.k8s.api.autoscaling.v1.ExternalMetricStatus */
export interface AutoscalingV1ExternalMetricStatus {
  readonly metricName: string;
  readonly metricSelector?: LabelSelector;
  readonly currentValue: string;
  readonly currentAverageValue?: string;
}

/** io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler */
export interface AutoscalingV1HorizontalPodAutoscaler {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: AutoscalingV1HorizontalPodAutoscalerSpec;
  readonly status: AutoscalingV1HorizontalPodAutoscalerStatus;
}

/** io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerCondition */
export interface AutoscalingV1HorizontalPodAutoscalerCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerList */
export interface AutoscalingV1HorizontalPodAutoscalerList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly AutoscalingV1HorizontalPodAutoscaler[];
}

/** io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec */
export interface AutoscalingV1HorizontalPodAutoscalerSpec {
  readonly scaleTargetRef: AutoscalingV1CrossVersionObjectReference;
  readonly minReplicas?: number;
  readonly maxReplicas: number;
  readonly targetCPUUtilizationPercentage?: number;
}

/** io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus */
export interface AutoscalingV1HorizontalPodAutoscalerStatus {
  readonly observedGeneration?: number;
  readonly lastScaleTime?: string;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly currentCPUUtilizationPercentage?: number;
}

/** io.k8s.api.autoscaling.v1.MetricSpec */
export interface AutoscalingV1MetricSpec {
  readonly type: 'Object' | 'Pods' | 'Resource' | 'ContainerResource' | 'External';
  readonly object?: AutoscalingV1ObjectMetricSource;
  readonly pods?: AutoscalingV1PodsMetricSource;
  readonly resource?: AutoscalingV1ResourceMetricSource;
  readonly containerResource?: AutoscalingV1ContainerResourceMetricSource;
  readonly external?: AutoscalingV1ExternalMetricSource;
}

/** io.k8s.api.autoscaling.v1.MetricStatus */
export interface AutoscalingV1MetricStatus {
  readonly type: 'Object' | 'Pods' | 'Resource' | 'ContainerResource' | 'External';
  readonly object?: AutoscalingV1ObjectMetricStatus;
  readonly pods?: AutoscalingV1PodsMetricStatus;
  readonly resource?: AutoscalingV1ResourceMetricStatus;
  readonly containerResource?: AutoscalingV1ContainerResourceMetricStatus;
  readonly external?: AutoscalingV1ExternalMetricStatus;
}

/** io.k8s.api.autoscaling.v1.ObjectMetricSource */
export interface AutoscalingV1ObjectMetricSource {
  readonly target: AutoscalingV1CrossVersionObjectReference;
  readonly metricName: string;
  readonly targetValue: string;
  readonly selector?: LabelSelector;
  readonly averageValue?: string;
}

/** io.k8s.api.autoscaling.v1.ObjectMetricStatus */
export interface AutoscalingV1ObjectMetricStatus {
  readonly target: AutoscalingV1CrossVersionObjectReference;
  readonly metricName: string;
  readonly currentValue: string;
  readonly selector?: LabelSelector;
  readonly averageValue?: string;
}

/** io.k8s.api.autoscaling.v1.PodsMetricSource */
export interface AutoscalingV1PodsMetricSource {
  readonly metricName: string;
  readonly targetAverageValue: string;
  readonly selector?: LabelSelector;
}

/** io.k8s.api.autoscaling.v1.PodsMetricStatus */
export interface AutoscalingV1PodsMetricStatus {
  readonly metricName: string;
  readonly currentAverageValue: string;
  readonly selector?: LabelSelector;
}

/** io.k8s.api.autoscaling.v1.ResourceMetricSource */
export interface AutoscalingV1ResourceMetricSource {
  readonly name: string;
  readonly targetAverageUtilization?: number;
  readonly targetAverageValue?: string;
}

/** io.k8s.api.autoscaling.v1.ResourceMetricStatus */
export interface AutoscalingV1ResourceMetricStatus {
  readonly name: string;
  readonly currentAverageUtilization?: number;
  readonly currentAverageValue: string;
}

/** io.k8s.api.autoscaling.v1.Scale */
export interface Scale {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ScaleSpec;
  readonly status: ScaleStatus;
}

/** io.k8s.api.autoscaling.v1.ScaleSpec */
export interface ScaleSpec {
  readonly replicas?: number;
}

/** io.k8s.api.autoscaling.v1.ScaleStatus */
export interface ScaleStatus {
  readonly replicas: number;
  readonly selector?: string;
}

/** io.k8s.api.scheduling.v1.PriorityClass */
export interface PriorityClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly value: number;
  readonly globalDefault?: boolean;
  readonly description?: string;
  readonly preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
}

/** io.k8s.api.scheduling.v1.PriorityClassList */
export interface PriorityClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PriorityClass[];
}

/** io.k8s.api.events.v1.Event */
export interface EventsV1Event {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly eventTime: string;
  readonly series?: EventsV1EventSeries;
  readonly reportingController?: string;
  readonly reportingInstance?: string;
  readonly action?: string;
  readonly reason?: string;
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  readonly note?: string;
  readonly type?: string;
  readonly deprecatedSource: EventSource;
  readonly deprecatedFirstTimestamp?: string;
  readonly deprecatedLastTimestamp?: string;
  readonly deprecatedCount?: number;
}

/** io.k8s.api.events.v1.EventList */
export interface EventsV1EventList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly EventsV1Event[];
}

/** io.k8s.api.events.v1.EventSeries */
export interface EventsV1EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}

/** io.k8s.api.authentication.v1.BoundObjectReference */
export interface BoundObjectReference {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly name?: string;
  readonly uid?: string;
}

export type ExtraValue = readonly string[];

/** io.k8s.api.authentication.v1.SelfSubjectReview */
export interface SelfSubjectReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly status: SelfSubjectReviewStatus;
}

/** io.k8s.api.authentication.v1.SelfSubjectReviewStatus */
export interface SelfSubjectReviewStatus {
  readonly userInfo: UserInfo;
}

/** io.k8s.api.authentication.v1.TokenRequest */
export interface AuthenticationV1TokenRequest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: TokenRequestSpec;
  readonly status: TokenRequestStatus;
}

/** io.k8s.api.authentication.v1.TokenRequestSpec */
export interface TokenRequestSpec {
  readonly audiences: readonly string[];
  readonly expirationSeconds?: number;
  readonly boundObjectRef?: BoundObjectReference;
}

/** io.k8s.api.authentication.v1.TokenRequestStatus */
export interface TokenRequestStatus {
  readonly token: string;
  readonly expirationTimestamp: string;
}

/** io.k8s.api.authentication.v1.TokenReview */
export interface TokenReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: TokenReviewSpec;
  readonly status: TokenReviewStatus;
}

/** io.k8s.api.authentication.v1.TokenReviewSpec */
export interface TokenReviewSpec {
  readonly token: string;
  readonly audiences?: readonly string[];
}

/** io.k8s.api.authentication.v1.TokenReviewStatus */
export interface TokenReviewStatus {
  readonly authenticated?: boolean;
  readonly user: UserInfo;
  readonly audiences?: readonly string[];
  readonly error?: string;
}

/** io.k8s.api.authentication.v1.UserInfo */
export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [key: string]: ExtraValue };
}

export type AuthorizationV1ExtraValue = readonly string[];

/** io.k8s.api.authorization.v1.FieldSelectorAttributes */
export interface FieldSelectorAttributes {
  readonly rawSelector?: string;
  readonly requirements?: readonly FieldSelectorRequirement[];
}

/** io.k8s.api.authorization.v1.LabelSelectorAttributes */
export interface LabelSelectorAttributes {
  readonly rawSelector?: string;
  readonly requirements?: readonly LabelSelectorRequirement[];
}

/** io.k8s.api.authorization.v1.LocalSubjectAccessReview */
export interface LocalSubjectAccessReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: SubjectAccessReviewSpec;
  readonly status: SubjectAccessReviewStatus;
}

/** io.k8s.api.authorization.v1.NonResourceAttributes */
export interface NonResourceAttributes {
  readonly path?: string;
  readonly verb?: string;
}

/** io.k8s.api.authorization.v1.NonResourceRule */
export interface NonResourceRule {
  readonly verbs: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** io.k8s.api.authorization.v1.ResourceAttributes */
export interface ResourceAttributes {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly fieldSelector?: FieldSelectorAttributes;
  readonly labelSelector?: LabelSelectorAttributes;
}

/** io.k8s.api.authorization.v1.ResourceRule */
export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** io.k8s.api.authorization.v1.SelfSubjectAccessReview */
export interface SelfSubjectAccessReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: SelfSubjectAccessReviewSpec;
  readonly status: SubjectAccessReviewStatus;
}

/** io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec */
export interface SelfSubjectAccessReviewSpec {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

/** io.k8s.api.authorization.v1.SelfSubjectRulesReview */
export interface SelfSubjectRulesReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: SelfSubjectRulesReviewSpec;
  readonly status: SubjectRulesReviewStatus;
}

/** io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec */
export interface SelfSubjectRulesReviewSpec {
  readonly namespace?: string;
}

/** io.k8s.api.authorization.v1.SubjectAccessReview */
export interface SubjectAccessReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: SubjectAccessReviewSpec;
  readonly status: SubjectAccessReviewStatus;
}

/** io.k8s.api.authorization.v1.SubjectAccessReviewSpec */
export interface SubjectAccessReviewSpec {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [key: string]: AuthorizationV1ExtraValue };
  readonly uid?: string;
}

/** io.k8s.api.authorization.v1.SubjectAccessReviewStatus */
export interface SubjectAccessReviewStatus {
  readonly allowed: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
  readonly evaluationError?: string;
}

/** io.k8s.api.authorization.v1.SubjectRulesReviewStatus */
export interface SubjectRulesReviewStatus {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

/** io.k8s.api.admissionregistration.v1.ApplyConfiguration */
export interface ApplyConfiguration {
  readonly expression?: string;
}

/** io.k8s.api.admissionregistration.v1.AuditAnnotation */
export interface AuditAnnotation {
  readonly key: string;
  readonly valueExpression: string;
}

/** io.k8s.api.admissionregistration.v1.ExpressionWarning */
export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** io.k8s.api.admissionregistration.v1.JSONPatch */
export interface JSONPatch {
  readonly expression?: string;
}

/** io.k8s.api.admissionregistration.v1.MatchCondition */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** io.k8s.api.admissionregistration.v1.MatchResources */
export interface MatchResources {
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly resourceRules?: readonly NamedRuleWithOperations[];
  readonly excludeResourceRules?: readonly NamedRuleWithOperations[];
  readonly matchPolicy?: 'Exact' | 'Equivalent';
}

/** io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy */
export interface MutatingAdmissionPolicy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: MutatingAdmissionPolicySpec;
}

/** io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding */
export interface MutatingAdmissionPolicyBinding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: MutatingAdmissionPolicyBindingSpec;
}

/** io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingList */
export interface MutatingAdmissionPolicyBindingList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly MutatingAdmissionPolicyBinding[];
}

/** io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec */
export interface MutatingAdmissionPolicyBindingSpec {
  readonly policyName?: string;
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
}

/** io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyList */
export interface MutatingAdmissionPolicyList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly MutatingAdmissionPolicy[];
}

/** io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec */
export interface MutatingAdmissionPolicySpec {
  readonly paramKind?: ParamKind;
  readonly matchConstraints?: MatchResources;
  readonly variables?: readonly Variable[];
  readonly mutations?: readonly Mutation[];
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly matchConditions?: readonly MatchCondition[];
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
}

/** io.k8s.api.admissionregistration.v1.MutatingWebhook */
export interface MutatingWebhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules?: readonly RuleWithOperations[];
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly matchPolicy?: 'Exact' | 'Equivalent';
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly sideEffects: 'Unknown' | 'None' | 'Some' | 'NoneOnDryRun';
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions: readonly string[];
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
  readonly matchConditions?: readonly MatchCondition[];
}

/** io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration */
export interface MutatingWebhookConfiguration {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly webhooks?: readonly MutatingWebhook[];
}

/** io.k8s.api.admissionregistration.v1.MutatingWebhookConfigurationList */
export interface MutatingWebhookConfigurationList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly MutatingWebhookConfiguration[];
}

/** io.k8s.api.admissionregistration.v1.Mutation */
export interface Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly applyConfiguration?: ApplyConfiguration;
  readonly jsonPatch?: JSONPatch;
}

/** io.k8s.api.admissionregistration.v1.NamedRuleWithOperations */
export interface NamedRuleWithOperations {
  readonly resourceNames?: readonly string[];
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
}

/** io.k8s.api.admissionregistration.v1.ParamKind */
export interface ParamKind {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** io.k8s.api.admissionregistration.v1.ParamRef */
export interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: LabelSelector;
  readonly parameterNotFoundAction?: string;
}

/** io.k8s.api.admissionregistration.v1.Rule */
export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
}

/** io.k8s.api.admissionregistration.v1.RuleWithOperations */
export interface RuleWithOperations {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
}

/** io.k8s.api.admissionregistration.v1.ServiceReference */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
  readonly port?: number;
}

/** io.k8s.api.admissionregistration.v1.TypeChecking */
export interface TypeChecking {
  readonly expressionWarnings?: readonly ExpressionWarning[];
}

/** io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy */
export interface ValidatingAdmissionPolicy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ValidatingAdmissionPolicySpec;
  readonly status: ValidatingAdmissionPolicyStatus;
}

/** io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding */
export interface ValidatingAdmissionPolicyBinding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ValidatingAdmissionPolicyBindingSpec;
}

/** io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingList */
export interface ValidatingAdmissionPolicyBindingList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ValidatingAdmissionPolicyBinding[];
}

/** io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec */
export interface ValidatingAdmissionPolicyBindingSpec {
  readonly policyName: string;
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
  readonly validationActions: readonly ('Deny' | 'Warn' | 'Audit')[];
}

/** io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyList */
export interface ValidatingAdmissionPolicyList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ValidatingAdmissionPolicy[];
}

/** io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec */
export interface ValidatingAdmissionPolicySpec {
  readonly paramKind?: ParamKind;
  readonly matchConstraints?: MatchResources;
  readonly validations?: readonly Validation[];
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly auditAnnotations?: readonly AuditAnnotation[];
  readonly matchConditions?: readonly MatchCondition[];
  readonly variables?: readonly Variable[];
}

/** io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus */
export interface ValidatingAdmissionPolicyStatus {
  readonly observedGeneration?: number;
  readonly typeChecking?: TypeChecking;
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.admissionregistration.v1.ValidatingWebhook */
export interface ValidatingWebhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules?: readonly RuleWithOperations[];
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly matchPolicy?: 'Exact' | 'Equivalent';
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly sideEffects: 'Unknown' | 'None' | 'Some' | 'NoneOnDryRun';
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions: readonly string[];
  readonly matchConditions?: readonly MatchCondition[];
}

/** io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration */
export interface ValidatingWebhookConfiguration {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly webhooks?: readonly ValidatingWebhook[];
}

/** io.k8s.api.admissionregistration.v1.ValidatingWebhookConfigurationList */
export interface ValidatingWebhookConfigurationList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ValidatingWebhookConfiguration[];
}

/** io.k8s.api.admissionregistration.v1.Validation */
export interface Validation {
  readonly expression: string;
  readonly message?: string;
  readonly reason?: string;
  readonly messageExpression?: string;
}

/** io.k8s.api.admissionregistration.v1.Variable */
export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/** io.k8s.api.admissionregistration.v1.WebhookClientConfig */
export interface WebhookClientConfig {
  readonly url?: string;
  readonly service?: ServiceReference;
  readonly caBundle?: string;
}

/** io.k8s.api.certificates.v1.CertificateSigningRequest */
export interface CertificateSigningRequest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: CertificateSigningRequestSpec;
  readonly status: CertificateSigningRequestStatus;
}

/** io.k8s.api.certificates.v1.CertificateSigningRequestCondition */
export interface CertificateSigningRequestCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
}

/** io.k8s.api.certificates.v1.CertificateSigningRequestList */
export interface CertificateSigningRequestList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly CertificateSigningRequest[];
}

/** io.k8s.api.certificates.v1.CertificateSigningRequestSpec */
export interface CertificateSigningRequestSpec {
  readonly request: string;
  readonly signerName: string;
  readonly expirationSeconds?: number;
  readonly usages?: readonly string[];
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [key: string]: CertificatesV1ExtraValue };
}

/** io.k8s.api.certificates.v1.CertificateSigningRequestStatus */
export interface CertificateSigningRequestStatus {
  readonly conditions?: readonly CertificateSigningRequestCondition[];
  readonly certificate?: string;
}

export type CertificatesV1ExtraValue = readonly string[];

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ConversionRequest */
export interface ConversionRequest {
  readonly uid: string;
  readonly desiredAPIVersion: string;
  readonly objects: readonly JsonObject[];
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ConversionResponse */
export interface ConversionResponse {
  readonly uid: string;
  readonly convertedObjects: readonly JsonObject[];
  readonly result: Status;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ConversionReview */
export interface ConversionReview {
  readonly request?: ConversionRequest;
  readonly response?: ConversionResponse;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition */
export interface CustomResourceColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion */
export interface CustomResourceConversion {
  readonly strategy: string;
  readonly webhook?: WebhookConversion;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition */
export interface CustomResourceDefinition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: CustomResourceDefinitionSpec;
  readonly status: CustomResourceDefinitionStatus;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition */
export interface CustomResourceDefinitionCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionList */
export interface CustomResourceDefinitionList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly CustomResourceDefinition[];
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames */
export interface CustomResourceDefinitionNames {
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind: string;
  readonly listKind?: string;
  readonly categories?: readonly string[];
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec */
export interface CustomResourceDefinitionSpec {
  readonly group: string;
  readonly names: CustomResourceDefinitionNames;
  readonly scope: string;
  readonly versions: readonly CustomResourceDefinitionVersion[];
  readonly conversion?: CustomResourceConversion;
  readonly preserveUnknownFields?: boolean;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus */
export interface CustomResourceDefinitionStatus {
  readonly conditions: readonly CustomResourceDefinitionCondition[];
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly storedVersions: readonly string[];
  readonly observedGeneration?: number;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion */
export interface CustomResourceDefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: CustomResourceValidation;
  readonly subresources?: CustomResourceSubresources;
  readonly additionalPrinterColumns?: readonly CustomResourceColumnDefinition[];
  readonly selectableFields?: readonly SelectableField[];
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale */
export interface CustomResourceSubresourceScale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus */
export interface CustomResourceSubresourceStatus {
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources */
export interface CustomResourceSubresources {
  readonly status?: CustomResourceSubresourceStatus;
  readonly scale?: CustomResourceSubresourceScale;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation */
export interface CustomResourceValidation {
  readonly openAPIV3Schema?: JSONSchemaProps;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation */
export interface ExternalDocumentation {
  readonly description?: string;
  readonly url?: string;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps */
export interface JSONSchemaProps {
  readonly id?: string;
  readonly $schema?: string;
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly title?: string;
  readonly default?: JsonValue;
  readonly maximum?: number;
  readonly exclusiveMaximum?: boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly multipleOf?: number;
  readonly enum?: readonly JsonValue[];
  readonly maxProperties?: number;
  readonly minProperties?: number;
  readonly required?: readonly string[];
  readonly items?: JSONSchemaProps | readonly JSONSchemaProps[];
  readonly allOf?: readonly JSONSchemaProps[];
  readonly oneOf?: readonly JSONSchemaProps[];
  readonly anyOf?: readonly JSONSchemaProps[];
  readonly not?: JSONSchemaProps;
  readonly properties?: { readonly [key: string]: JSONSchemaProps };
  readonly additionalProperties?: JSONSchemaProps | boolean;
  readonly patternProperties?: { readonly [key: string]: JSONSchemaProps };
  readonly dependencies?: { readonly [key: string]: JSONSchemaProps | readonly string[] };
  readonly additionalItems?: JSONSchemaProps | boolean;
  readonly definitions?: { readonly [key: string]: JSONSchemaProps };
  readonly externalDocs?: ExternalDocumentation;
  readonly example?: JsonValue;
  readonly nullable?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.SelectableField */
export interface SelectableField {
  readonly jsonPath: string;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference */
export interface ApiextensionsV1ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
  readonly port?: number;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: 'FieldValueRequired' | 'FieldValueDuplicate' | 'FieldValueInvalid' | 'FieldValueForbidden';
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig */
export interface ApiextensionsV1WebhookClientConfig {
  readonly url?: string;
  readonly service?: ApiextensionsV1ServiceReference;
  readonly caBundle?: string;
}

/** io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion */
export interface WebhookConversion {
  readonly clientConfig?: ApiextensionsV1WebhookClientConfig;
  readonly conversionReviewVersions: readonly string[];
}

/** io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService */
export interface APIService {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: APIServiceSpec;
  readonly status: APIServiceStatus;
}

/** io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition */
export interface APIServiceCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceList */
export interface APIServiceList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly APIService[];
}

/** io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec */
export interface APIServiceSpec {
  readonly service?: ApiregistrationV1ServiceReference;
  readonly group?: string;
  readonly version?: string;
  readonly insecureSkipTLSVerify?: boolean;
  readonly caBundle?: string;
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
}

/** io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus */
export interface APIServiceStatus {
  readonly conditions?: readonly APIServiceCondition[];
}

/** io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference */
export interface ApiregistrationV1ServiceReference {
  readonly namespace?: string;
  readonly name?: string;
  readonly port?: number;
}

/** io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration */
export interface ExemptPriorityLevelConfiguration {
  readonly nominalConcurrencyShares?: number;
  readonly lendablePercent?: number;
}

/** io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod */
export interface FlowDistinguisherMethod {
  readonly type: string;
}

/** io.k8s.api.flowcontrol.v1.FlowSchema */
export interface FlowSchema {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: FlowSchemaSpec;
  readonly status: FlowSchemaStatus;
}

/** io.k8s.api.flowcontrol.v1.FlowSchemaCondition */
export interface FlowSchemaCondition {
  readonly type?: string;
  readonly status?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.flowcontrol.v1.FlowSchemaList */
export interface FlowSchemaList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly FlowSchema[];
}

/** io.k8s.api.flowcontrol.v1.FlowSchemaSpec */
export interface FlowSchemaSpec {
  readonly priorityLevelConfiguration: PriorityLevelConfigurationReference;
  readonly matchingPrecedence: number;
  readonly distinguisherMethod?: FlowDistinguisherMethod;
  readonly rules?: readonly PolicyRulesWithSubjects[];
}

/** io.k8s.api.flowcontrol.v1.FlowSchemaStatus */
export interface FlowSchemaStatus {
  readonly conditions?: readonly FlowSchemaCondition[];
}

/** io.k8s.api.flowcontrol.v1.GroupSubject */
export interface GroupSubject {
  readonly name: string;
}

/** io.k8s.api.flowcontrol.v1.LimitResponse */
export interface LimitResponse {
  readonly type: string;
  readonly queuing?: QueuingConfiguration;
}

/** io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration */
export interface LimitedPriorityLevelConfiguration {
  readonly nominalConcurrencyShares?: number;
  readonly limitResponse: LimitResponse;
  readonly lendablePercent?: number;
  readonly borrowingLimitPercent?: number;
}

/** io.k8s.api.flowcontrol.v1.NonResourcePolicyRule */
export interface NonResourcePolicyRule {
  readonly verbs: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects */
export interface PolicyRulesWithSubjects {
  readonly subjects: readonly FlowcontrolV1Subject[];
  readonly resourceRules?: readonly ResourcePolicyRule[];
  readonly nonResourceRules?: readonly NonResourcePolicyRule[];
}

/** io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration */
export interface PriorityLevelConfiguration {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: PriorityLevelConfigurationSpec;
  readonly status: PriorityLevelConfigurationStatus;
}

/** io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition */
export interface PriorityLevelConfigurationCondition {
  readonly type?: string;
  readonly status?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationList */
export interface PriorityLevelConfigurationList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PriorityLevelConfiguration[];
}

/** io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference */
export interface PriorityLevelConfigurationReference {
  readonly name: string;
}

/** io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec */
export interface PriorityLevelConfigurationSpec {
  readonly type: string;
  readonly limited?: LimitedPriorityLevelConfiguration;
  readonly exempt?: ExemptPriorityLevelConfiguration;
}

/** io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus */
export interface PriorityLevelConfigurationStatus {
  readonly conditions?: readonly PriorityLevelConfigurationCondition[];
}

/** io.k8s.api.flowcontrol.v1.QueuingConfiguration */
export interface QueuingConfiguration {
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

/** io.k8s.api.flowcontrol.v1.ResourcePolicyRule */
export interface ResourcePolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly clusterScope?: boolean;
  readonly namespaces: readonly string[];
}

/** io.k8s.api.flowcontrol.v1.ServiceAccountSubject */
export interface ServiceAccountSubject {
  readonly namespace: string;
  readonly name: string;
}

/** io.k8s.api.flowcontrol.v1.Subject */
export interface FlowcontrolV1Subject {
  readonly kind: string;
  readonly user?: UserSubject;
  readonly group?: GroupSubject;
  readonly serviceAccount?: ServiceAccountSubject;
}

/** io.k8s.api.flowcontrol.v1.UserSubject */
export interface UserSubject {
  readonly name: string;
}

/** io.k8s.api.node.v1.Overhead */
export interface Overhead {
  readonly podFixed?: { readonly [key: string]: string };
}

/** io.k8s.api.node.v1.RuntimeClass */
export interface RuntimeClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly handler: string;
  readonly overhead?: Overhead;
  readonly scheduling?: Scheduling;
}

/** io.k8s.api.node.v1.RuntimeClassList */
export interface RuntimeClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly RuntimeClass[];
}

/** io.k8s.api.node.v1.Scheduling */
export interface Scheduling {
  readonly nodeSelector?: { readonly [key: string]: string };
  readonly tolerations?: readonly Toleration[];
}

/** io.k8s.api.resource.v1.AllocatedDeviceStatus */
export interface AllocatedDeviceStatus {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
  readonly conditions: readonly Condition[];
  readonly data?: JsonObject;
  readonly networkData?: NetworkDeviceData;
}

/** io.k8s.api.resource.v1.AllocationResult */
export interface AllocationResult {
  readonly devices: DeviceAllocationResult;
  readonly nodeSelector?: NodeSelector;
  readonly allocationTimestamp?: string;
}

/** io.k8s.api.resource.v1.CELDeviceSelector */
export interface CELDeviceSelector {
  readonly expression: string;
}

/** io.k8s.api.resource.v1.CapacityRequestPolicy */
export interface CapacityRequestPolicy {
  readonly default?: string;
  readonly validValues?: readonly string[];
  readonly validRange?: CapacityRequestPolicyRange;
}

/** io.k8s.api.resource.v1.CapacityRequestPolicyRange */
export interface CapacityRequestPolicyRange {
  readonly min: string;
  readonly max?: string;
  readonly step?: string;
}

/** io.k8s.api.resource.v1.CapacityRequirements */
export interface CapacityRequirements {
  readonly requests?: { readonly [key: string]: string };
}

/** io.k8s.api.resource.v1.Counter */
export interface Counter {
  readonly value: string;
}

/** io.k8s.api.resource.v1.CounterSet */
export interface CounterSet {
  readonly name: string;
  readonly counters: { readonly [key: string]: Counter };
}

/** io.k8s.api.resource.v1.Device */
export interface Device {
  readonly name: string;
  readonly attributes?: { readonly [key: string]: DeviceAttribute };
  readonly capacity?: { readonly [key: string]: DeviceCapacity };
  readonly consumesCounters?: readonly DeviceCounterConsumption[];
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
  readonly taints?: readonly DeviceTaint[];
  readonly bindsToNode?: boolean;
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly allowMultipleAllocations?: boolean;
  readonly nodeAllocatableResourceMappings?: { readonly [key: string]: NodeAllocatableResourceMapping };
}

/** io.k8s.api.resource.v1.DeviceAllocationConfiguration */
export interface DeviceAllocationConfiguration {
  readonly source: 'FromClass' | 'FromClaim';
  readonly requests?: readonly string[];
  readonly opaque?: OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1.DeviceAllocationResult */
export interface DeviceAllocationResult {
  readonly results?: readonly DeviceRequestAllocationResult[];
  readonly config?: readonly DeviceAllocationConfiguration[];
}

/** io.k8s.api.resource.v1.DeviceAttribute */
export interface DeviceAttribute {
  readonly int?: number;
  readonly bool?: boolean;
  readonly string?: string;
  readonly version?: string;
  readonly ints?: readonly number[];
  readonly bools?: readonly boolean[];
  readonly strings?: readonly string[];
  readonly versions?: readonly string[];
}

/** io.k8s.api.resource.v1.DeviceCapacity */
export interface DeviceCapacity {
  readonly value: string;
  readonly requestPolicy?: CapacityRequestPolicy;
}

/** io.k8s.api.resource.v1.DeviceClaim */
export interface DeviceClaim {
  readonly requests: readonly DeviceRequest[];
  readonly constraints?: readonly DeviceConstraint[];
  readonly config?: readonly DeviceClaimConfiguration[];
}

/** io.k8s.api.resource.v1.DeviceClaimConfiguration */
export interface DeviceClaimConfiguration {
  readonly requests?: readonly string[];
  readonly opaque?: OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1.DeviceClass */
export interface DeviceClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: DeviceClassSpec;
}

/** io.k8s.api.resource.v1.DeviceClassConfiguration */
export interface DeviceClassConfiguration {
  readonly opaque?: OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1.DeviceClassList */
export interface DeviceClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly DeviceClass[];
}

/** io.k8s.api.resource.v1.DeviceClassSpec */
export interface DeviceClassSpec {
  readonly selectors?: readonly DeviceSelector[];
  readonly config?: readonly DeviceClassConfiguration[];
  readonly extendedResourceName?: string;
}

/** io.k8s.api.resource.v1.DeviceConfiguration */
export interface DeviceConfiguration {
  readonly opaque?: OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1.DeviceConstraint */
export interface DeviceConstraint {
  readonly requests?: readonly string[];
  readonly matchAttribute?: string;
  readonly distinctAttribute?: string;
}

/** io.k8s.api.resource.v1.DeviceCounterConsumption */
export interface DeviceCounterConsumption {
  readonly counterSet: string;
  readonly counters: { readonly [key: string]: Counter };
}

/** io.k8s.api.resource.v1.DeviceRequest */
export interface DeviceRequest {
  readonly name: string;
  readonly exactly?: ExactDeviceRequest;
  readonly firstAvailable?: readonly DeviceSubRequest[];
}

/** io.k8s.api.resource.v1.DeviceRequestAllocationResult */
export interface DeviceRequestAllocationResult {
  readonly request: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly adminAccess?: boolean;
  readonly tolerations?: readonly DeviceToleration[];
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly shareID?: string;
  readonly consumedCapacity?: { readonly [key: string]: string };
}

/** io.k8s.api.resource.v1.DeviceSelector */
export interface DeviceSelector {
  readonly cel?: CELDeviceSelector;
}

/** io.k8s.api.resource.v1.DeviceSubRequest */
export interface DeviceSubRequest {
  readonly name: string;
  readonly deviceClassName: string;
  readonly selectors?: readonly DeviceSelector[];
  readonly allocationMode?: string;
  readonly count?: number;
  readonly tolerations?: readonly DeviceToleration[];
  readonly capacity?: CapacityRequirements;
}

/** io.k8s.api.resource.v1.DeviceTaint */
export interface DeviceTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'None' | 'NoSchedule' | 'NoExecute';
  readonly timeAdded?: string;
}

/** io.k8s.api.resource.v1.DeviceToleration */
export interface DeviceToleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: 'None' | 'NoSchedule' | 'NoExecute';
  readonly tolerationSeconds?: number;
}

/** io.k8s.api.resource.v1.ExactDeviceRequest */
export interface ExactDeviceRequest {
  readonly deviceClassName: string;
  readonly selectors?: readonly DeviceSelector[];
  readonly allocationMode?: string;
  readonly count?: number;
  readonly adminAccess?: boolean;
  readonly tolerations?: readonly DeviceToleration[];
  readonly capacity?: CapacityRequirements;
}

/** io.k8s.api.resource.v1.NetworkDeviceData */
export interface NetworkDeviceData {
  readonly interfaceName?: string;
  readonly ips?: readonly string[];
  readonly hardwareAddress?: string;
}

/** io.k8s.api.resource.v1.NodeAllocatableResourceMapping */
export interface NodeAllocatableResourceMapping {
  readonly capacityKey?: string;
  readonly allocationMultiplier?: string;
}

/** io.k8s.api.resource.v1.OpaqueDeviceConfiguration */
export interface OpaqueDeviceConfiguration {
  readonly driver: string;
  readonly parameters: JsonObject;
}

/** io.k8s.api.resource.v1.ResourceClaim */
export interface ResourceV1ResourceClaim {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceClaimSpec;
  readonly status: ResourceClaimStatus;
}

/** io.k8s.api.resource.v1.ResourceClaimConsumerReference */
export interface ResourceClaimConsumerReference {
  readonly apiGroup?: string;
  readonly resource: string;
  readonly name: string;
  readonly uid: string;
}

/** io.k8s.api.resource.v1.ResourceClaimList */
export interface ResourceClaimList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1ResourceClaim[];
}

/** io.k8s.api.resource.v1.ResourceClaimSpec */
export interface ResourceClaimSpec {
  readonly devices: DeviceClaim;
}

/** io.k8s.api.resource.v1.ResourceClaimStatus */
export interface ResourceClaimStatus {
  readonly allocation?: AllocationResult;
  readonly reservedFor?: readonly ResourceClaimConsumerReference[];
  readonly devices?: readonly AllocatedDeviceStatus[];
}

/** io.k8s.api.resource.v1.ResourceClaimTemplate */
export interface ResourceClaimTemplate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceClaimTemplateSpec;
}

/** io.k8s.api.resource.v1.ResourceClaimTemplateList */
export interface ResourceClaimTemplateList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceClaimTemplate[];
}

/** io.k8s.api.resource.v1.ResourceClaimTemplateSpec */
export interface ResourceClaimTemplateSpec {
  readonly metadata: ObjectMeta;
  readonly spec: ResourceClaimSpec;
}

/** io.k8s.api.resource.v1.ResourcePool */
export interface ResourcePool {
  readonly name: string;
  readonly generation: number;
  readonly resourceSliceCount: number;
}

/** io.k8s.api.resource.v1.ResourceSlice */
export interface ResourceSlice {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceSliceSpec;
}

/** io.k8s.api.resource.v1.ResourceSliceList */
export interface ResourceSliceList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceSlice[];
}

/** io.k8s.api.resource.v1.ResourceSliceSpec */
export interface ResourceSliceSpec {
  readonly driver: string;
  readonly pool: ResourcePool;
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
  readonly devices?: readonly Device[];
  readonly perDeviceNodeSelection?: boolean;
  readonly sharedCounters?: readonly CounterSet[];
}

/** io.k8s.api.storagemigration.v1beta1.StorageVersionMigration */
export interface StorageVersionMigration {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: StorageVersionMigrationSpec;
  readonly status: StorageVersionMigrationStatus;
}

/** io.k8s.api.storagemigration.v1beta1.StorageVersionMigrationList */
export interface StorageVersionMigrationList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly StorageVersionMigration[];
}

/** io.k8s.api.storagemigration.v1beta1.StorageVersionMigrationSpec */
export interface StorageVersionMigrationSpec {
  readonly resource: GroupResource;
}

/** io.k8s.api.storagemigration.v1beta1.StorageVersionMigrationStatus */
export interface StorageVersionMigrationStatus {
  readonly conditions?: readonly Condition[];
  readonly resourceVersion?: string;
}

/** io.k8s.api.admission.v1.AdmissionRequest */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subResource?: string;
  readonly requestKind?: GroupVersionKind;
  readonly requestResource?: GroupVersionResource;
  readonly requestSubResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: string;
  readonly userInfo: UserInfo;
  readonly object?: JsonObject;
  readonly oldObject?: JsonObject;
  readonly dryRun?: boolean;
  readonly options?: JsonObject;
}

/** io.k8s.api.admission.v1.AdmissionResponse */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: Status;
  readonly patch?: string;
  readonly patchType?: string;
  readonly auditAnnotations?: { readonly [key: string]: string };
  readonly warnings?: readonly string[];
}

/** io.k8s.api.admission.v1.AdmissionReview */
export interface AdmissionReview {
  readonly request?: AdmissionRequest;
  readonly response?: AdmissionResponse;
}

/** io.k8s.api.scheduling.v1alpha2.BasicSchedulingPolicy */
export interface BasicSchedulingPolicy {
}

/** io.k8s.api.scheduling.v1alpha2.GangSchedulingPolicy */
export interface GangSchedulingPolicy {
  readonly minCount: number;
}

/** io.k8s.api.scheduling.v1alpha2.PodGroup */
export interface PodGroup {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: PodGroupSpec;
  readonly status: PodGroupStatus;
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupList */
export interface PodGroupList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PodGroup[];
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupResourceClaim */
export interface PodGroupResourceClaim {
  readonly name: string;
  readonly resourceClaimName?: string;
  readonly resourceClaimTemplateName?: string;
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupResourceClaimStatus */
export interface PodGroupResourceClaimStatus {
  readonly name: string;
  readonly resourceClaimName?: string;
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupSchedulingConstraints */
export interface PodGroupSchedulingConstraints {
  readonly topology?: readonly TopologyConstraint[];
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupSchedulingPolicy */
export interface PodGroupSchedulingPolicy {
  readonly basic?: BasicSchedulingPolicy;
  readonly gang?: GangSchedulingPolicy;
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupSpec */
export interface PodGroupSpec {
  readonly podGroupTemplateRef?: PodGroupTemplateReference;
  readonly schedulingPolicy: PodGroupSchedulingPolicy;
  readonly schedulingConstraints?: PodGroupSchedulingConstraints;
  readonly resourceClaims?: readonly PodGroupResourceClaim[];
  readonly disruptionMode?: string;
  readonly priorityClassName?: string;
  readonly priority?: number;
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupStatus */
export interface PodGroupStatus {
  readonly conditions?: readonly Condition[];
  readonly resourceClaimStatuses?: readonly PodGroupResourceClaimStatus[];
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupTemplate */
export interface PodGroupTemplate {
  readonly name: string;
  readonly schedulingPolicy: PodGroupSchedulingPolicy;
  readonly schedulingConstraints?: PodGroupSchedulingConstraints;
  readonly resourceClaims?: readonly PodGroupResourceClaim[];
  readonly disruptionMode?: string;
  readonly priorityClassName?: string;
  readonly priority?: number;
}

/** io.k8s.api.scheduling.v1alpha2.PodGroupTemplateReference */
export interface PodGroupTemplateReference {
  readonly workload?: WorkloadPodGroupTemplateReference;
}

/** io.k8s.api.scheduling.v1alpha2.TopologyConstraint */
export interface TopologyConstraint {
  readonly key: string;
}

/** io.k8s.api.scheduling.v1alpha2.TypedLocalObjectReference */
export interface SchedulingV1alpha2TypedLocalObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

/** io.k8s.api.scheduling.v1alpha2.Workload */
export interface Workload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: WorkloadSpec;
}

/** io.k8s.api.scheduling.v1alpha2.WorkloadList */
export interface WorkloadList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Workload[];
}

/** io.k8s.api.scheduling.v1alpha2.WorkloadPodGroupTemplateReference */
export interface WorkloadPodGroupTemplateReference {
  readonly workloadName: string;
  readonly podGroupTemplateName: string;
}

/** io.k8s.api.scheduling.v1alpha2.WorkloadSpec */
export interface WorkloadSpec {
  readonly controllerRef?: SchedulingV1alpha2TypedLocalObjectReference;
  readonly podGroupTemplates: readonly PodGroupTemplate[];
}

/** io.k8s.api.admissionregistration.v1alpha1.ApplyConfiguration */
export interface AdmissionregistrationV1alpha1ApplyConfiguration {
  readonly expression?: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.AuditAnnotation */
export interface AdmissionregistrationV1alpha1AuditAnnotation {
  readonly key: string;
  readonly valueExpression: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.ExpressionWarning */
export interface AdmissionregistrationV1alpha1ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.JSONPatch */
export interface AdmissionregistrationV1alpha1JSONPatch {
  readonly expression?: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.MatchCondition */
export interface AdmissionregistrationV1alpha1MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.MatchResources */
export interface AdmissionregistrationV1alpha1MatchResources {
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly resourceRules?: readonly AdmissionregistrationV1alpha1NamedRuleWithOperations[];
  readonly excludeResourceRules?: readonly AdmissionregistrationV1alpha1NamedRuleWithOperations[];
  readonly matchPolicy?: 'Exact' | 'Equivalent';
}

/** io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicy */
export interface AdmissionregistrationV1alpha1MutatingAdmissionPolicy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: AdmissionregistrationV1alpha1MutatingAdmissionPolicySpec;
}

/** io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicyBinding */
export interface AdmissionregistrationV1alpha1MutatingAdmissionPolicyBinding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: AdmissionregistrationV1alpha1MutatingAdmissionPolicyBindingSpec;
}

/** io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingList */
export interface AdmissionregistrationV1alpha1MutatingAdmissionPolicyBindingList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1alpha1MutatingAdmissionPolicyBinding[];
}

/** io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingSpec */
export interface AdmissionregistrationV1alpha1MutatingAdmissionPolicyBindingSpec {
  readonly policyName?: string;
  readonly paramRef?: AdmissionregistrationV1alpha1ParamRef;
  readonly matchResources?: AdmissionregistrationV1alpha1MatchResources;
}

/** io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicyList */
export interface AdmissionregistrationV1alpha1MutatingAdmissionPolicyList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1alpha1MutatingAdmissionPolicy[];
}

/** io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicySpec */
export interface AdmissionregistrationV1alpha1MutatingAdmissionPolicySpec {
  readonly paramKind?: AdmissionregistrationV1alpha1ParamKind;
  readonly matchConstraints?: AdmissionregistrationV1alpha1MatchResources;
  readonly variables?: readonly AdmissionregistrationV1alpha1Variable[];
  readonly mutations?: readonly AdmissionregistrationV1alpha1Mutation[];
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly matchConditions?: readonly AdmissionregistrationV1alpha1MatchCondition[];
  readonly reinvocationPolicy?: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.Mutation */
export interface AdmissionregistrationV1alpha1Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly applyConfiguration?: AdmissionregistrationV1alpha1ApplyConfiguration;
  readonly jsonPatch?: AdmissionregistrationV1alpha1JSONPatch;
}

/** io.k8s.api.admissionregistration.v1alpha1.NamedRuleWithOperations */
export interface AdmissionregistrationV1alpha1NamedRuleWithOperations {
  readonly resourceNames?: readonly string[];
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.ParamKind */
export interface AdmissionregistrationV1alpha1ParamKind {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.ParamRef */
export interface AdmissionregistrationV1alpha1ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: LabelSelector;
  readonly parameterNotFoundAction?: 'Allow' | 'Deny';
}

/** io.k8s.api.admissionregistration.v1alpha1.TypeChecking */
export interface AdmissionregistrationV1alpha1TypeChecking {
  readonly expressionWarnings?: readonly AdmissionregistrationV1alpha1ExpressionWarning[];
}

/** io.k8s.api.admissionregistration.v1alpha1.ValidatingAdmissionPolicy */
export interface AdmissionregistrationV1alpha1ValidatingAdmissionPolicy {
  readonly metadata: ObjectMeta;
  readonly spec: AdmissionregistrationV1alpha1ValidatingAdmissionPolicySpec;
  readonly status: AdmissionregistrationV1alpha1ValidatingAdmissionPolicyStatus;
}

/** io.k8s.api.admissionregistration.v1alpha1.ValidatingAdmissionPolicyBinding */
export interface AdmissionregistrationV1alpha1ValidatingAdmissionPolicyBinding {
  readonly metadata: ObjectMeta;
  readonly spec: AdmissionregistrationV1alpha1ValidatingAdmissionPolicyBindingSpec;
}

/** io.k8s.api.admissionregistration.v1alpha1.ValidatingAdmissionPolicyBindingList */
export interface AdmissionregistrationV1alpha1ValidatingAdmissionPolicyBindingList {
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1alpha1ValidatingAdmissionPolicyBinding[];
}

/** io.k8s.api.admissionregistration.v1alpha1.ValidatingAdmissionPolicyBindingSpec */
export interface AdmissionregistrationV1alpha1ValidatingAdmissionPolicyBindingSpec {
  readonly policyName?: string;
  readonly paramRef?: AdmissionregistrationV1alpha1ParamRef;
  readonly matchResources?: AdmissionregistrationV1alpha1MatchResources;
  readonly validationActions?: readonly ('Deny' | 'Warn' | 'Audit')[];
}

/** io.k8s.api.admissionregistration.v1alpha1.ValidatingAdmissionPolicyList */
export interface AdmissionregistrationV1alpha1ValidatingAdmissionPolicyList {
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1alpha1ValidatingAdmissionPolicy[];
}

/** io.k8s.api.admissionregistration.v1alpha1.ValidatingAdmissionPolicySpec */
export interface AdmissionregistrationV1alpha1ValidatingAdmissionPolicySpec {
  readonly paramKind?: AdmissionregistrationV1alpha1ParamKind;
  readonly matchConstraints?: AdmissionregistrationV1alpha1MatchResources;
  readonly validations?: readonly AdmissionregistrationV1alpha1Validation[];
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly auditAnnotations?: readonly AdmissionregistrationV1alpha1AuditAnnotation[];
  readonly matchConditions?: readonly AdmissionregistrationV1alpha1MatchCondition[];
  readonly variables?: readonly AdmissionregistrationV1alpha1Variable[];
}

/** io.k8s.api.admissionregistration.v1alpha1.ValidatingAdmissionPolicyStatus */
export interface AdmissionregistrationV1alpha1ValidatingAdmissionPolicyStatus {
  readonly observedGeneration?: number;
  readonly typeChecking?: AdmissionregistrationV1alpha1TypeChecking;
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.admissionregistration.v1alpha1.Validation */
export interface AdmissionregistrationV1alpha1Validation {
  readonly expression: string;
  readonly message?: string;
  readonly reason?: string;
  readonly messageExpression?: string;
}

/** io.k8s.api.admissionregistration.v1alpha1.Variable */
export interface AdmissionregistrationV1alpha1Variable {
  readonly name: string;
  readonly expression: string;
}

/** io.k8s.api.admissionregistration.v1beta1.ApplyConfiguration */
export interface AdmissionregistrationV1beta1ApplyConfiguration {
  readonly expression?: string;
}

/** io.k8s.api.admissionregistration.v1beta1.AuditAnnotation */
export interface AdmissionregistrationV1beta1AuditAnnotation {
  readonly key: string;
  readonly valueExpression: string;
}

/** io.k8s.api.admissionregistration.v1beta1.ExpressionWarning */
export interface AdmissionregistrationV1beta1ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** io.k8s.api.admissionregistration.v1beta1.JSONPatch */
export interface AdmissionregistrationV1beta1JSONPatch {
  readonly expression?: string;
}

/** io.k8s.api.admissionregistration.v1beta1.MatchCondition */
export interface AdmissionregistrationV1beta1MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** io.k8s.api.admissionregistration.v1beta1.MatchResources */
export interface AdmissionregistrationV1beta1MatchResources {
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly resourceRules?: readonly AdmissionregistrationV1beta1NamedRuleWithOperations[];
  readonly excludeResourceRules?: readonly AdmissionregistrationV1beta1NamedRuleWithOperations[];
  readonly matchPolicy?: string;
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicy */
export interface AdmissionregistrationV1beta1MutatingAdmissionPolicy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: AdmissionregistrationV1beta1MutatingAdmissionPolicySpec;
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicyBinding */
export interface AdmissionregistrationV1beta1MutatingAdmissionPolicyBinding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: AdmissionregistrationV1beta1MutatingAdmissionPolicyBindingSpec;
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicyBindingList */
export interface AdmissionregistrationV1beta1MutatingAdmissionPolicyBindingList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1beta1MutatingAdmissionPolicyBinding[];
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicyBindingSpec */
export interface AdmissionregistrationV1beta1MutatingAdmissionPolicyBindingSpec {
  readonly policyName?: string;
  readonly paramRef?: AdmissionregistrationV1beta1ParamRef;
  readonly matchResources?: AdmissionregistrationV1beta1MatchResources;
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicyList */
export interface AdmissionregistrationV1beta1MutatingAdmissionPolicyList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1beta1MutatingAdmissionPolicy[];
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicySpec */
export interface AdmissionregistrationV1beta1MutatingAdmissionPolicySpec {
  readonly paramKind?: AdmissionregistrationV1beta1ParamKind;
  readonly matchConstraints?: AdmissionregistrationV1beta1MatchResources;
  readonly variables?: readonly AdmissionregistrationV1beta1Variable[];
  readonly mutations?: readonly AdmissionregistrationV1beta1Mutation[];
  readonly failurePolicy?: string;
  readonly matchConditions?: readonly AdmissionregistrationV1beta1MatchCondition[];
  readonly reinvocationPolicy?: string;
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingWebhook */
export interface AdmissionregistrationV1beta1MutatingWebhook {
  readonly name: string;
  readonly clientConfig: AdmissionregistrationV1beta1WebhookClientConfig;
  readonly rules?: readonly RuleWithOperations[];
  readonly failurePolicy?: string;
  readonly matchPolicy?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions?: readonly string[];
  readonly reinvocationPolicy?: string;
  readonly matchConditions?: readonly AdmissionregistrationV1beta1MatchCondition[];
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingWebhookConfiguration */
export interface AdmissionregistrationV1beta1MutatingWebhookConfiguration {
  readonly metadata: ObjectMeta;
  readonly webhooks?: readonly AdmissionregistrationV1beta1MutatingWebhook[];
}

/** io.k8s.api.admissionregistration.v1beta1.MutatingWebhookConfigurationList */
export interface AdmissionregistrationV1beta1MutatingWebhookConfigurationList {
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1beta1MutatingWebhookConfiguration[];
}

/** io.k8s.api.admissionregistration.v1beta1.Mutation */
export interface AdmissionregistrationV1beta1Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly applyConfiguration?: AdmissionregistrationV1beta1ApplyConfiguration;
  readonly jsonPatch?: AdmissionregistrationV1beta1JSONPatch;
}

/** io.k8s.api.admissionregistration.v1beta1.NamedRuleWithOperations */
export interface AdmissionregistrationV1beta1NamedRuleWithOperations {
  readonly resourceNames?: readonly string[];
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
}

/** io.k8s.api.admissionregistration.v1beta1.ParamKind */
export interface AdmissionregistrationV1beta1ParamKind {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** io.k8s.api.admissionregistration.v1beta1.ParamRef */
export interface AdmissionregistrationV1beta1ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: LabelSelector;
  readonly parameterNotFoundAction?: string;
}

/** io.k8s.api.admissionregistration.v1beta1.ServiceReference */
export interface AdmissionregistrationV1beta1ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
  readonly port?: number;
}

/** io.k8s.api.admissionregistration.v1beta1.TypeChecking */
export interface AdmissionregistrationV1beta1TypeChecking {
  readonly expressionWarnings?: readonly AdmissionregistrationV1beta1ExpressionWarning[];
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingAdmissionPolicy */
export interface AdmissionregistrationV1beta1ValidatingAdmissionPolicy {
  readonly metadata: ObjectMeta;
  readonly spec: AdmissionregistrationV1beta1ValidatingAdmissionPolicySpec;
  readonly status: AdmissionregistrationV1beta1ValidatingAdmissionPolicyStatus;
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingAdmissionPolicyBinding */
export interface AdmissionregistrationV1beta1ValidatingAdmissionPolicyBinding {
  readonly metadata: ObjectMeta;
  readonly spec: AdmissionregistrationV1beta1ValidatingAdmissionPolicyBindingSpec;
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingList */
export interface AdmissionregistrationV1beta1ValidatingAdmissionPolicyBindingList {
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1beta1ValidatingAdmissionPolicyBinding[];
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingSpec */
export interface AdmissionregistrationV1beta1ValidatingAdmissionPolicyBindingSpec {
  readonly policyName?: string;
  readonly paramRef?: AdmissionregistrationV1beta1ParamRef;
  readonly matchResources?: AdmissionregistrationV1beta1MatchResources;
  readonly validationActions?: readonly ('Deny' | 'Warn' | 'Audit')[];
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingAdmissionPolicyList */
export interface AdmissionregistrationV1beta1ValidatingAdmissionPolicyList {
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1beta1ValidatingAdmissionPolicy[];
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingAdmissionPolicySpec */
export interface AdmissionregistrationV1beta1ValidatingAdmissionPolicySpec {
  readonly paramKind?: AdmissionregistrationV1beta1ParamKind;
  readonly matchConstraints?: AdmissionregistrationV1beta1MatchResources;
  readonly validations?: readonly AdmissionregistrationV1beta1Validation[];
  readonly failurePolicy?: string;
  readonly auditAnnotations?: readonly AdmissionregistrationV1beta1AuditAnnotation[];
  readonly matchConditions?: readonly AdmissionregistrationV1beta1MatchCondition[];
  readonly variables?: readonly AdmissionregistrationV1beta1Variable[];
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingAdmissionPolicyStatus */
export interface AdmissionregistrationV1beta1ValidatingAdmissionPolicyStatus {
  readonly observedGeneration?: number;
  readonly typeChecking?: AdmissionregistrationV1beta1TypeChecking;
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingWebhook */
export interface AdmissionregistrationV1beta1ValidatingWebhook {
  readonly name: string;
  readonly clientConfig: AdmissionregistrationV1beta1WebhookClientConfig;
  readonly rules?: readonly RuleWithOperations[];
  readonly failurePolicy?: string;
  readonly matchPolicy?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions?: readonly string[];
  readonly matchConditions?: readonly AdmissionregistrationV1beta1MatchCondition[];
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingWebhookConfiguration */
export interface AdmissionregistrationV1beta1ValidatingWebhookConfiguration {
  readonly metadata: ObjectMeta;
  readonly webhooks?: readonly AdmissionregistrationV1beta1ValidatingWebhook[];
}

/** io.k8s.api.admissionregistration.v1beta1.ValidatingWebhookConfigurationList */
export interface AdmissionregistrationV1beta1ValidatingWebhookConfigurationList {
  readonly metadata: ListMeta;
  readonly items: readonly AdmissionregistrationV1beta1ValidatingWebhookConfiguration[];
}

/** io.k8s.api.admissionregistration.v1beta1.Validation */
export interface AdmissionregistrationV1beta1Validation {
  readonly expression: string;
  readonly message?: string;
  readonly reason?: string;
  readonly messageExpression?: string;
}

/** io.k8s.api.admissionregistration.v1beta1.Variable */
export interface AdmissionregistrationV1beta1Variable {
  readonly name: string;
  readonly expression: string;
}

/** io.k8s.api.admissionregistration.v1beta1.WebhookClientConfig */
export interface AdmissionregistrationV1beta1WebhookClientConfig {
  readonly url?: string;
  readonly service?: AdmissionregistrationV1beta1ServiceReference;
  readonly caBundle?: string;
}

/** io.k8s.api.apiserverinternal.v1alpha1.ServerStorageVersion */
export interface ServerStorageVersion {
  readonly apiServerID: string;
  readonly encodingVersion: string;
  readonly decodableVersions: readonly string[];
  readonly servedVersions?: readonly string[];
}

/** io.k8s.api.apiserverinternal.v1alpha1.StorageVersion */
export interface StorageVersion {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: StorageVersionSpec;
  readonly status: StorageVersionStatus;
}

/** io.k8s.api.apiserverinternal.v1alpha1.StorageVersionCondition */
export interface StorageVersionCondition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
  readonly reason: string;
  readonly message: string;
}

/** io.k8s.api.apiserverinternal.v1alpha1.StorageVersionList */
export interface StorageVersionList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly StorageVersion[];
}

/** io.k8s.api.apiserverinternal.v1alpha1.StorageVersionSpec */
export interface StorageVersionSpec {
}

/** io.k8s.api.apiserverinternal.v1alpha1.StorageVersionStatus */
export interface StorageVersionStatus {
  readonly storageVersions?: readonly ServerStorageVersion[];
  readonly commonEncodingVersion?: string;
  readonly conditions?: readonly StorageVersionCondition[];
}

/** io.k8s.api.certificates.v1alpha1.ClusterTrustBundle */
export interface ClusterTrustBundle {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ClusterTrustBundleSpec;
}

/** io.k8s.api.certificates.v1alpha1.ClusterTrustBundleList */
export interface ClusterTrustBundleList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ClusterTrustBundle[];
}

/** io.k8s.api.certificates.v1alpha1.ClusterTrustBundleSpec */
export interface ClusterTrustBundleSpec {
  readonly signerName?: string;
  readonly trustBundle: string;
}

/** io.k8s.api.certificates.v1beta1.CertificateSigningRequest */
export interface CertificatesV1beta1CertificateSigningRequest {
  readonly metadata: ObjectMeta;
  readonly spec: CertificatesV1beta1CertificateSigningRequestSpec;
  readonly status: CertificatesV1beta1CertificateSigningRequestStatus;
}

/** io.k8s.api.certificates.v1beta1.CertificateSigningRequestCondition */
export interface CertificatesV1beta1CertificateSigningRequestCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
}

/** io.k8s.api.certificates.v1beta1.CertificateSigningRequestList */
export interface CertificatesV1beta1CertificateSigningRequestList {
  readonly metadata: ListMeta;
  readonly items: readonly CertificatesV1beta1CertificateSigningRequest[];
}

/** io.k8s.api.certificates.v1beta1.CertificateSigningRequestSpec */
export interface CertificatesV1beta1CertificateSigningRequestSpec {
  readonly request: string;
  readonly signerName?: string;
  readonly expirationSeconds?: number;
  readonly usages?: readonly string[];
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [key: string]: CertificatesV1beta1ExtraValue };
}

/** io.k8s.api.certificates.v1beta1.CertificateSigningRequestStatus */
export interface CertificatesV1beta1CertificateSigningRequestStatus {
  readonly conditions?: readonly CertificatesV1beta1CertificateSigningRequestCondition[];
  readonly certificate?: string;
}

/** io.k8s.api.certificates.v1beta1.ClusterTrustBundle */
export interface CertificatesV1beta1ClusterTrustBundle {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: CertificatesV1beta1ClusterTrustBundleSpec;
}

/** io.k8s.api.certificates.v1beta1.ClusterTrustBundleList */
export interface CertificatesV1beta1ClusterTrustBundleList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly CertificatesV1beta1ClusterTrustBundle[];
}

/** io.k8s.api.certificates.v1beta1.ClusterTrustBundleSpec */
export interface CertificatesV1beta1ClusterTrustBundleSpec {
  readonly signerName?: string;
  readonly trustBundle: string;
}

export type CertificatesV1beta1ExtraValue = readonly string[];

/** io.k8s.api.certificates.v1beta1.PodCertificateRequest */
export interface PodCertificateRequest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: PodCertificateRequestSpec;
  readonly status: PodCertificateRequestStatus;
}

/** io.k8s.api.certificates.v1beta1.PodCertificateRequestList */
export interface PodCertificateRequestList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PodCertificateRequest[];
}

/** io.k8s.api.certificates.v1beta1.PodCertificateRequestSpec */
export interface PodCertificateRequestSpec {
  readonly signerName: string;
  readonly podName: string;
  readonly podUID: string;
  readonly serviceAccountName: string;
  readonly serviceAccountUID: string;
  readonly nodeName: string;
  readonly nodeUID: string;
  readonly maxExpirationSeconds?: number;
  readonly pkixPublicKey: string;
  readonly proofOfPossession: string;
  readonly stubPKCS10Request: string;
  readonly unverifiedUserAnnotations?: { readonly [key: string]: string };
}

/** io.k8s.api.certificates.v1beta1.PodCertificateRequestStatus */
export interface PodCertificateRequestStatus {
  readonly conditions?: readonly Condition[];
  readonly certificateChain?: string;
  readonly notBefore?: string;
  readonly beginRefreshAt?: string;
  readonly notAfter?: string;
}

/** io.k8s.api.coordination.v1alpha2.LeaseCandidate */
export interface LeaseCandidate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: LeaseCandidateSpec;
}

/** io.k8s.api.coordination.v1alpha2.LeaseCandidateList */
export interface LeaseCandidateList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly LeaseCandidate[];
}

/** io.k8s.api.coordination.v1alpha2.LeaseCandidateSpec */
export interface LeaseCandidateSpec {
  readonly leaseName: string;
  readonly pingTime?: string;
  readonly renewTime?: string;
  readonly binaryVersion: string;
  readonly emulationVersion?: string;
  readonly strategy: string;
}

/** io.k8s.api.coordination.v1beta1.Lease */
export interface CoordinationV1beta1Lease {
  readonly metadata: ObjectMeta;
  readonly spec: CoordinationV1beta1LeaseSpec;
}

/** io.k8s.api.coordination.v1beta1.LeaseCandidate */
export interface CoordinationV1beta1LeaseCandidate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: CoordinationV1beta1LeaseCandidateSpec;
}

/** io.k8s.api.coordination.v1beta1.LeaseCandidateList */
export interface CoordinationV1beta1LeaseCandidateList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly CoordinationV1beta1LeaseCandidate[];
}

/** io.k8s.api.coordination.v1beta1.LeaseCandidateSpec */
export interface CoordinationV1beta1LeaseCandidateSpec {
  readonly leaseName: string;
  readonly pingTime?: string;
  readonly renewTime?: string;
  readonly binaryVersion: string;
  readonly emulationVersion?: string;
  readonly strategy: string;
}

/** io.k8s.api.coordination.v1beta1.LeaseList */
export interface CoordinationV1beta1LeaseList {
  readonly metadata: ListMeta;
  readonly items: readonly CoordinationV1beta1Lease[];
}

/** io.k8s.api.coordination.v1beta1.LeaseSpec */
export interface CoordinationV1beta1LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  readonly strategy?: string;
  readonly preferredHolder?: string;
}

/** io.k8s.api.networking.v1beta1.HTTPIngressPath */
export interface NetworkingV1beta1HTTPIngressPath {
  readonly path?: string;
  readonly pathType?: string;
  readonly backend: NetworkingV1beta1IngressBackend;
}

/** io.k8s.api.networking.v1beta1.HTTPIngressRuleValue */
export interface NetworkingV1beta1HTTPIngressRuleValue {
  readonly paths: readonly NetworkingV1beta1HTTPIngressPath[];
}

/** io.k8s.api.networking.v1beta1.IPAddress */
export interface NetworkingV1beta1IPAddress {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: NetworkingV1beta1IPAddressSpec;
}

/** io.k8s.api.networking.v1beta1.IPAddressList */
export interface NetworkingV1beta1IPAddressList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly NetworkingV1beta1IPAddress[];
}

/** io.k8s.api.networking.v1beta1.IPAddressSpec */
export interface NetworkingV1beta1IPAddressSpec {
  readonly parentRef: NetworkingV1beta1ParentReference;
}

/** io.k8s.api.networking.v1beta1.Ingress */
export interface NetworkingV1beta1Ingress {
  readonly metadata: ObjectMeta;
  readonly spec: NetworkingV1beta1IngressSpec;
  readonly status: NetworkingV1beta1IngressStatus;
}

/** io.k8s.api.networking.v1beta1.IngressBackend */
export interface NetworkingV1beta1IngressBackend {
  readonly serviceName?: string;
  readonly servicePort?: number | string;
  readonly resource?: TypedLocalObjectReference;
}

/** io.k8s.api.networking.v1beta1.IngressClass */
export interface NetworkingV1beta1IngressClass {
  readonly metadata: ObjectMeta;
  readonly spec: NetworkingV1beta1IngressClassSpec;
}

/** io.k8s.api.networking.v1beta1.IngressClassList */
export interface NetworkingV1beta1IngressClassList {
  readonly metadata: ListMeta;
  readonly items: readonly NetworkingV1beta1IngressClass[];
}

/** io.k8s.api.networking.v1beta1.IngressClassParametersReference */
export interface NetworkingV1beta1IngressClassParametersReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
  readonly scope?: string;
  readonly namespace?: string;
}

/** io.k8s.api.networking.v1beta1.IngressClassSpec */
export interface NetworkingV1beta1IngressClassSpec {
  readonly controller?: string;
  readonly parameters?: NetworkingV1beta1IngressClassParametersReference;
}

/** io.k8s.api.networking.v1beta1.IngressList */
export interface NetworkingV1beta1IngressList {
  readonly metadata: ListMeta;
  readonly items: readonly NetworkingV1beta1Ingress[];
}

/** io.k8s.api.networking.v1beta1.IngressLoadBalancerIngress */
export interface NetworkingV1beta1IngressLoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ports?: readonly NetworkingV1beta1IngressPortStatus[];
}

/** io.k8s.api.networking.v1beta1.IngressLoadBalancerStatus */
export interface NetworkingV1beta1IngressLoadBalancerStatus {
  readonly ingress?: readonly NetworkingV1beta1IngressLoadBalancerIngress[];
}

/** io.k8s.api.networking.v1beta1.IngressPortStatus */
export interface NetworkingV1beta1IngressPortStatus {
  readonly port: number;
  readonly protocol: string;
  readonly error?: string;
}

/** io.k8s.api.networking.v1beta1.IngressRule */
export interface NetworkingV1beta1IngressRule {
  readonly host?: string;
  readonly http?: NetworkingV1beta1HTTPIngressRuleValue;
}

/** io.k8s.api.networking.v1beta1.IngressRuleValue */
export interface NetworkingV1beta1IngressRuleValue {
  readonly http?: NetworkingV1beta1HTTPIngressRuleValue;
}

/** io.k8s.api.networking.v1beta1.IngressSpec */
export interface NetworkingV1beta1IngressSpec {
  readonly ingressClassName?: string;
  readonly backend?: NetworkingV1beta1IngressBackend;
  readonly tls?: readonly NetworkingV1beta1IngressTLS[];
  readonly rules?: readonly NetworkingV1beta1IngressRule[];
}

/** io.k8s.api.networking.v1beta1.IngressStatus */
export interface NetworkingV1beta1IngressStatus {
  readonly loadBalancer: NetworkingV1beta1IngressLoadBalancerStatus;
}

/** io.k8s.api.networking.v1beta1.IngressTLS */
export interface NetworkingV1beta1IngressTLS {
  readonly hosts?: readonly string[];
  readonly secretName?: string;
}

/** io.k8s.api.networking.v1beta1.ParentReference */
export interface NetworkingV1beta1ParentReference {
  readonly group?: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

/** io.k8s.api.networking.v1beta1.ServiceCIDR */
export interface NetworkingV1beta1ServiceCIDR {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: NetworkingV1beta1ServiceCIDRSpec;
  readonly status: NetworkingV1beta1ServiceCIDRStatus;
}

/** io.k8s.api.networking.v1beta1.ServiceCIDRList */
export interface NetworkingV1beta1ServiceCIDRList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly NetworkingV1beta1ServiceCIDR[];
}

/** io.k8s.api.networking.v1beta1.ServiceCIDRSpec */
export interface NetworkingV1beta1ServiceCIDRSpec {
  readonly cidrs?: readonly string[];
}

/** io.k8s.api.networking.v1beta1.ServiceCIDRStatus */
export interface NetworkingV1beta1ServiceCIDRStatus {
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.resource.v1alpha3.CELDeviceSelector */
export interface ResourceV1alpha3CELDeviceSelector {
  readonly expression: string;
}

/** io.k8s.api.resource.v1alpha3.DeviceSelector */
export interface ResourceV1alpha3DeviceSelector {
  readonly cel?: ResourceV1alpha3CELDeviceSelector;
}

/** io.k8s.api.resource.v1alpha3.DeviceTaint */
export interface ResourceV1alpha3DeviceTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'None' | 'NoSchedule' | 'NoExecute';
  readonly timeAdded?: string;
}

/** io.k8s.api.resource.v1alpha3.DeviceTaintRule */
export interface DeviceTaintRule {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: DeviceTaintRuleSpec;
  readonly status: DeviceTaintRuleStatus;
}

/** io.k8s.api.resource.v1alpha3.DeviceTaintRuleList */
export interface DeviceTaintRuleList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly DeviceTaintRule[];
}

/** io.k8s.api.resource.v1alpha3.DeviceTaintRuleSpec */
export interface DeviceTaintRuleSpec {
  readonly deviceSelector?: DeviceTaintSelector;
  readonly taint: ResourceV1alpha3DeviceTaint;
}

/** io.k8s.api.resource.v1alpha3.DeviceTaintRuleStatus */
export interface DeviceTaintRuleStatus {
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.resource.v1alpha3.DeviceTaintSelector */
export interface DeviceTaintSelector {
  readonly driver?: string;
  readonly pool?: string;
  readonly device?: string;
}

/** io.k8s.api.resource.v1alpha3.PoolStatus */
export interface PoolStatus {
  readonly driver: string;
  readonly poolName: string;
  readonly generation: number;
  readonly resourceSliceCount?: number;
  readonly totalDevices?: number;
  readonly allocatedDevices?: number;
  readonly availableDevices?: number;
  readonly unavailableDevices?: number;
  readonly nodeName?: string;
  readonly validationError?: string;
}

/** io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequest */
export interface ResourcePoolStatusRequest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourcePoolStatusRequestSpec;
  readonly status?: ResourcePoolStatusRequestStatus;
}

/** io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestList */
export interface ResourcePoolStatusRequestList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourcePoolStatusRequest[];
}

/** io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestSpec */
export interface ResourcePoolStatusRequestSpec {
  readonly driver: string;
  readonly poolName?: string;
  readonly limit?: number;
}

/** io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestStatus */
export interface ResourcePoolStatusRequestStatus {
  readonly poolCount: number;
  readonly pools?: readonly PoolStatus[];
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.resource.v1beta1.AllocatedDeviceStatus */
export interface ResourceV1beta1AllocatedDeviceStatus {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
  readonly conditions: readonly Condition[];
  readonly data?: JsonObject;
  readonly networkData?: ResourceV1beta1NetworkDeviceData;
}

/** io.k8s.api.resource.v1beta1.AllocationResult */
export interface ResourceV1beta1AllocationResult {
  readonly devices: ResourceV1beta1DeviceAllocationResult;
  readonly nodeSelector?: NodeSelector;
  readonly allocationTimestamp?: string;
}

/** io.k8s.api.resource.v1beta1.BasicDevice */
export interface BasicDevice {
  readonly attributes?: { readonly [key: string]: ResourceV1beta1DeviceAttribute };
  readonly capacity?: { readonly [key: string]: ResourceV1beta1DeviceCapacity };
  readonly consumesCounters?: readonly ResourceV1beta1DeviceCounterConsumption[];
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
  readonly taints?: readonly ResourceV1beta1DeviceTaint[];
  readonly bindsToNode?: boolean;
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly allowMultipleAllocations?: boolean;
  readonly nodeAllocatableResourceMappings?: { readonly [key: string]: ResourceV1beta1NodeAllocatableResourceMapping };
}

/** io.k8s.api.resource.v1beta1.CELDeviceSelector */
export interface ResourceV1beta1CELDeviceSelector {
  readonly expression: string;
}

/** io.k8s.api.resource.v1beta1.CapacityRequestPolicy */
export interface ResourceV1beta1CapacityRequestPolicy {
  readonly default?: string;
  readonly validValues?: readonly string[];
  readonly validRange?: ResourceV1beta1CapacityRequestPolicyRange;
}

/** io.k8s.api.resource.v1beta1.CapacityRequestPolicyRange */
export interface ResourceV1beta1CapacityRequestPolicyRange {
  readonly min: string;
  readonly max?: string;
  readonly step?: string;
}

/** io.k8s.api.resource.v1beta1.CapacityRequirements */
export interface ResourceV1beta1CapacityRequirements {
  readonly requests?: { readonly [key: string]: string };
}

/** io.k8s.api.resource.v1beta1.Counter */
export interface ResourceV1beta1Counter {
  readonly value: string;
}

/** io.k8s.api.resource.v1beta1.CounterSet */
export interface ResourceV1beta1CounterSet {
  readonly name: string;
  readonly counters: { readonly [key: string]: ResourceV1beta1Counter };
}

/** io.k8s.api.resource.v1beta1.Device */
export interface ResourceV1beta1Device {
  readonly name: string;
  readonly basic?: BasicDevice;
}

/** io.k8s.api.resource.v1beta1.DeviceAllocationConfiguration */
export interface ResourceV1beta1DeviceAllocationConfiguration {
  readonly source: 'FromClass' | 'FromClaim';
  readonly requests?: readonly string[];
  readonly opaque?: ResourceV1beta1OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1beta1.DeviceAllocationResult */
export interface ResourceV1beta1DeviceAllocationResult {
  readonly results?: readonly ResourceV1beta1DeviceRequestAllocationResult[];
  readonly config?: readonly ResourceV1beta1DeviceAllocationConfiguration[];
}

/** io.k8s.api.resource.v1beta1.DeviceAttribute */
export interface ResourceV1beta1DeviceAttribute {
  readonly int?: number;
  readonly bool?: boolean;
  readonly string?: string;
  readonly version?: string;
  readonly ints?: readonly number[];
  readonly bools?: readonly boolean[];
  readonly strings?: readonly string[];
  readonly versions?: readonly string[];
}

/** io.k8s.api.resource.v1beta1.DeviceCapacity */
export interface ResourceV1beta1DeviceCapacity {
  readonly value: string;
  readonly requestPolicy?: ResourceV1beta1CapacityRequestPolicy;
}

/** io.k8s.api.resource.v1beta1.DeviceClaim */
export interface ResourceV1beta1DeviceClaim {
  readonly requests: readonly ResourceV1beta1DeviceRequest[];
  readonly constraints?: readonly ResourceV1beta1DeviceConstraint[];
  readonly config?: readonly ResourceV1beta1DeviceClaimConfiguration[];
}

/** io.k8s.api.resource.v1beta1.DeviceClaimConfiguration */
export interface ResourceV1beta1DeviceClaimConfiguration {
  readonly requests?: readonly string[];
  readonly opaque?: ResourceV1beta1OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1beta1.DeviceClass */
export interface ResourceV1beta1DeviceClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta1DeviceClassSpec;
}

/** io.k8s.api.resource.v1beta1.DeviceClassConfiguration */
export interface ResourceV1beta1DeviceClassConfiguration {
  readonly opaque?: ResourceV1beta1OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1beta1.DeviceClassList */
export interface ResourceV1beta1DeviceClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta1DeviceClass[];
}

/** io.k8s.api.resource.v1beta1.DeviceClassSpec */
export interface ResourceV1beta1DeviceClassSpec {
  readonly selectors?: readonly ResourceV1beta1DeviceSelector[];
  readonly config?: readonly ResourceV1beta1DeviceClassConfiguration[];
  readonly extendedResourceName?: string;
}

/** io.k8s.api.resource.v1beta1.DeviceConfiguration */
export interface ResourceV1beta1DeviceConfiguration {
  readonly opaque?: ResourceV1beta1OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1beta1.DeviceConstraint */
export interface ResourceV1beta1DeviceConstraint {
  readonly requests?: readonly string[];
  readonly matchAttribute?: string;
  readonly distinctAttribute?: string;
}

/** io.k8s.api.resource.v1beta1.DeviceCounterConsumption */
export interface ResourceV1beta1DeviceCounterConsumption {
  readonly counterSet: string;
  readonly counters: { readonly [key: string]: ResourceV1beta1Counter };
}

/** io.k8s.api.resource.v1beta1.DeviceRequest */
export interface ResourceV1beta1DeviceRequest {
  readonly name: string;
  readonly deviceClassName: string;
  readonly selectors?: readonly ResourceV1beta1DeviceSelector[];
  readonly allocationMode?: string;
  readonly count?: number;
  readonly adminAccess?: boolean;
  readonly firstAvailable?: readonly ResourceV1beta1DeviceSubRequest[];
  readonly tolerations?: readonly ResourceV1beta1DeviceToleration[];
  readonly capacity?: ResourceV1beta1CapacityRequirements;
}

/** io.k8s.api.resource.v1beta1.DeviceRequestAllocationResult */
export interface ResourceV1beta1DeviceRequestAllocationResult {
  readonly request: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly adminAccess?: boolean;
  readonly tolerations?: readonly ResourceV1beta1DeviceToleration[];
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly shareID?: string;
  readonly consumedCapacity?: { readonly [key: string]: string };
}

/** io.k8s.api.resource.v1beta1.DeviceSelector */
export interface ResourceV1beta1DeviceSelector {
  readonly cel?: ResourceV1beta1CELDeviceSelector;
}

/** io.k8s.api.resource.v1beta1.DeviceSubRequest */
export interface ResourceV1beta1DeviceSubRequest {
  readonly name: string;
  readonly deviceClassName: string;
  readonly selectors?: readonly ResourceV1beta1DeviceSelector[];
  readonly allocationMode?: string;
  readonly count?: number;
  readonly tolerations?: readonly ResourceV1beta1DeviceToleration[];
  readonly capacity?: ResourceV1beta1CapacityRequirements;
}

/** io.k8s.api.resource.v1beta1.DeviceTaint */
export interface ResourceV1beta1DeviceTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'None' | 'NoSchedule' | 'NoExecute';
  readonly timeAdded?: string;
}

/** io.k8s.api.resource.v1beta1.DeviceToleration */
export interface ResourceV1beta1DeviceToleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: 'None' | 'NoSchedule' | 'NoExecute';
  readonly tolerationSeconds?: number;
}

/** io.k8s.api.resource.v1beta1.NetworkDeviceData */
export interface ResourceV1beta1NetworkDeviceData {
  readonly interfaceName?: string;
  readonly ips?: readonly string[];
  readonly hardwareAddress?: string;
}

/** io.k8s.api.resource.v1beta1.NodeAllocatableResourceMapping */
export interface ResourceV1beta1NodeAllocatableResourceMapping {
  readonly capacityKey?: string;
  readonly allocationMultiplier?: string;
}

/** io.k8s.api.resource.v1beta1.OpaqueDeviceConfiguration */
export interface ResourceV1beta1OpaqueDeviceConfiguration {
  readonly driver: string;
  readonly parameters: JsonObject;
}

/** io.k8s.api.resource.v1beta1.ResourceClaim */
export interface ResourceV1beta1ResourceClaim {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta1ResourceClaimSpec;
  readonly status: ResourceV1beta1ResourceClaimStatus;
}

/** io.k8s.api.resource.v1beta1.ResourceClaimConsumerReference */
export interface ResourceV1beta1ResourceClaimConsumerReference {
  readonly apiGroup?: string;
  readonly resource: string;
  readonly name: string;
  readonly uid: string;
}

/** io.k8s.api.resource.v1beta1.ResourceClaimList */
export interface ResourceV1beta1ResourceClaimList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta1ResourceClaim[];
}

/** io.k8s.api.resource.v1beta1.ResourceClaimSpec */
export interface ResourceV1beta1ResourceClaimSpec {
  readonly devices: ResourceV1beta1DeviceClaim;
}

/** io.k8s.api.resource.v1beta1.ResourceClaimStatus */
export interface ResourceV1beta1ResourceClaimStatus {
  readonly allocation?: ResourceV1beta1AllocationResult;
  readonly reservedFor?: readonly ResourceV1beta1ResourceClaimConsumerReference[];
  readonly devices?: readonly ResourceV1beta1AllocatedDeviceStatus[];
}

/** io.k8s.api.resource.v1beta1.ResourceClaimTemplate */
export interface ResourceV1beta1ResourceClaimTemplate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta1ResourceClaimTemplateSpec;
}

/** io.k8s.api.resource.v1beta1.ResourceClaimTemplateList */
export interface ResourceV1beta1ResourceClaimTemplateList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta1ResourceClaimTemplate[];
}

/** io.k8s.api.resource.v1beta1.ResourceClaimTemplateSpec */
export interface ResourceV1beta1ResourceClaimTemplateSpec {
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta1ResourceClaimSpec;
}

/** io.k8s.api.resource.v1beta1.ResourcePool */
export interface ResourceV1beta1ResourcePool {
  readonly name: string;
  readonly generation: number;
  readonly resourceSliceCount: number;
}

/** io.k8s.api.resource.v1beta1.ResourceSlice */
export interface ResourceV1beta1ResourceSlice {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta1ResourceSliceSpec;
}

/** io.k8s.api.resource.v1beta1.ResourceSliceList */
export interface ResourceV1beta1ResourceSliceList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta1ResourceSlice[];
}

/** io.k8s.api.resource.v1beta1.ResourceSliceSpec */
export interface ResourceV1beta1ResourceSliceSpec {
  readonly driver: string;
  readonly pool: ResourceV1beta1ResourcePool;
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
  readonly devices?: readonly ResourceV1beta1Device[];
  readonly perDeviceNodeSelection?: boolean;
  readonly sharedCounters?: readonly ResourceV1beta1CounterSet[];
}

/** io.k8s.api.resource.v1beta2.AllocatedDeviceStatus */
export interface ResourceV1beta2AllocatedDeviceStatus {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
  readonly conditions: readonly Condition[];
  readonly data?: JsonObject;
  readonly networkData?: ResourceV1beta2NetworkDeviceData;
}

/** io.k8s.api.resource.v1beta2.AllocationResult */
export interface ResourceV1beta2AllocationResult {
  readonly devices: ResourceV1beta2DeviceAllocationResult;
  readonly nodeSelector?: NodeSelector;
  readonly allocationTimestamp?: string;
}

/** io.k8s.api.resource.v1beta2.CELDeviceSelector */
export interface ResourceV1beta2CELDeviceSelector {
  readonly expression: string;
}

/** io.k8s.api.resource.v1beta2.CapacityRequestPolicy */
export interface ResourceV1beta2CapacityRequestPolicy {
  readonly default?: string;
  readonly validValues?: readonly string[];
  readonly validRange?: ResourceV1beta2CapacityRequestPolicyRange;
}

/** io.k8s.api.resource.v1beta2.CapacityRequestPolicyRange */
export interface ResourceV1beta2CapacityRequestPolicyRange {
  readonly min: string;
  readonly max?: string;
  readonly step?: string;
}

/** io.k8s.api.resource.v1beta2.CapacityRequirements */
export interface ResourceV1beta2CapacityRequirements {
  readonly requests?: { readonly [key: string]: string };
}

/** io.k8s.api.resource.v1beta2.Counter */
export interface ResourceV1beta2Counter {
  readonly value: string;
}

/** io.k8s.api.resource.v1beta2.CounterSet */
export interface ResourceV1beta2CounterSet {
  readonly name: string;
  readonly counters: { readonly [key: string]: ResourceV1beta2Counter };
}

/** io.k8s.api.resource.v1beta2.Device */
export interface ResourceV1beta2Device {
  readonly name: string;
  readonly attributes?: { readonly [key: string]: ResourceV1beta2DeviceAttribute };
  readonly capacity?: { readonly [key: string]: ResourceV1beta2DeviceCapacity };
  readonly consumesCounters?: readonly ResourceV1beta2DeviceCounterConsumption[];
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
  readonly taints?: readonly ResourceV1beta2DeviceTaint[];
  readonly bindsToNode?: boolean;
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly allowMultipleAllocations?: boolean;
  readonly nodeAllocatableResourceMappings?: { readonly [key: string]: ResourceV1beta2NodeAllocatableResourceMapping };
}

/** io.k8s.api.resource.v1beta2.DeviceAllocationConfiguration */
export interface ResourceV1beta2DeviceAllocationConfiguration {
  readonly source: 'FromClass' | 'FromClaim';
  readonly requests?: readonly string[];
  readonly opaque?: ResourceV1beta2OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1beta2.DeviceAllocationResult */
export interface ResourceV1beta2DeviceAllocationResult {
  readonly results?: readonly ResourceV1beta2DeviceRequestAllocationResult[];
  readonly config?: readonly ResourceV1beta2DeviceAllocationConfiguration[];
}

/** io.k8s.api.resource.v1beta2.DeviceAttribute */
export interface ResourceV1beta2DeviceAttribute {
  readonly int?: number;
  readonly bool?: boolean;
  readonly string?: string;
  readonly version?: string;
  readonly ints?: readonly number[];
  readonly bools?: readonly boolean[];
  readonly strings?: readonly string[];
  readonly versions?: readonly string[];
}

/** io.k8s.api.resource.v1beta2.DeviceCapacity */
export interface ResourceV1beta2DeviceCapacity {
  readonly value: string;
  readonly requestPolicy?: ResourceV1beta2CapacityRequestPolicy;
}

/** io.k8s.api.resource.v1beta2.DeviceClaim */
export interface ResourceV1beta2DeviceClaim {
  readonly requests: readonly ResourceV1beta2DeviceRequest[];
  readonly constraints?: readonly ResourceV1beta2DeviceConstraint[];
  readonly config?: readonly ResourceV1beta2DeviceClaimConfiguration[];
}

/** io.k8s.api.resource.v1beta2.DeviceClaimConfiguration */
export interface ResourceV1beta2DeviceClaimConfiguration {
  readonly requests?: readonly string[];
  readonly opaque?: ResourceV1beta2OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1beta2.DeviceClass */
export interface ResourceV1beta2DeviceClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta2DeviceClassSpec;
}

/** io.k8s.api.resource.v1beta2.DeviceClassConfiguration */
export interface ResourceV1beta2DeviceClassConfiguration {
  readonly opaque?: ResourceV1beta2OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1beta2.DeviceClassList */
export interface ResourceV1beta2DeviceClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta2DeviceClass[];
}

/** io.k8s.api.resource.v1beta2.DeviceClassSpec */
export interface ResourceV1beta2DeviceClassSpec {
  readonly selectors?: readonly ResourceV1beta2DeviceSelector[];
  readonly config?: readonly ResourceV1beta2DeviceClassConfiguration[];
  readonly extendedResourceName?: string;
}

/** io.k8s.api.resource.v1beta2.DeviceConfiguration */
export interface ResourceV1beta2DeviceConfiguration {
  readonly opaque?: ResourceV1beta2OpaqueDeviceConfiguration;
}

/** io.k8s.api.resource.v1beta2.DeviceConstraint */
export interface ResourceV1beta2DeviceConstraint {
  readonly requests?: readonly string[];
  readonly matchAttribute?: string;
  readonly distinctAttribute?: string;
}

/** io.k8s.api.resource.v1beta2.DeviceCounterConsumption */
export interface ResourceV1beta2DeviceCounterConsumption {
  readonly counterSet: string;
  readonly counters: { readonly [key: string]: ResourceV1beta2Counter };
}

/** io.k8s.api.resource.v1beta2.DeviceRequest */
export interface ResourceV1beta2DeviceRequest {
  readonly name: string;
  readonly exactly?: ResourceV1beta2ExactDeviceRequest;
  readonly firstAvailable?: readonly ResourceV1beta2DeviceSubRequest[];
}

/** io.k8s.api.resource.v1beta2.DeviceRequestAllocationResult */
export interface ResourceV1beta2DeviceRequestAllocationResult {
  readonly request: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly adminAccess?: boolean;
  readonly tolerations?: readonly ResourceV1beta2DeviceToleration[];
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly shareID?: string;
  readonly consumedCapacity?: { readonly [key: string]: string };
}

/** io.k8s.api.resource.v1beta2.DeviceSelector */
export interface ResourceV1beta2DeviceSelector {
  readonly cel?: ResourceV1beta2CELDeviceSelector;
}

/** io.k8s.api.resource.v1beta2.DeviceSubRequest */
export interface ResourceV1beta2DeviceSubRequest {
  readonly name: string;
  readonly deviceClassName: string;
  readonly selectors?: readonly ResourceV1beta2DeviceSelector[];
  readonly allocationMode?: string;
  readonly count?: number;
  readonly tolerations?: readonly ResourceV1beta2DeviceToleration[];
  readonly capacity?: ResourceV1beta2CapacityRequirements;
}

/** io.k8s.api.resource.v1beta2.DeviceTaint */
export interface ResourceV1beta2DeviceTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'None' | 'NoSchedule' | 'NoExecute';
  readonly timeAdded?: string;
}

/** io.k8s.api.resource.v1beta2.DeviceTaintRule */
export interface ResourceV1beta2DeviceTaintRule {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta2DeviceTaintRuleSpec;
  readonly status: ResourceV1beta2DeviceTaintRuleStatus;
}

/** io.k8s.api.resource.v1beta2.DeviceTaintRuleList */
export interface ResourceV1beta2DeviceTaintRuleList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta2DeviceTaintRule[];
}

/** io.k8s.api.resource.v1beta2.DeviceTaintRuleSpec */
export interface ResourceV1beta2DeviceTaintRuleSpec {
  readonly deviceSelector?: ResourceV1beta2DeviceTaintSelector;
  readonly taint: ResourceV1beta2DeviceTaint;
}

/** io.k8s.api.resource.v1beta2.DeviceTaintRuleStatus */
export interface ResourceV1beta2DeviceTaintRuleStatus {
  readonly conditions?: readonly Condition[];
}

/** io.k8s.api.resource.v1beta2.DeviceTaintSelector */
export interface ResourceV1beta2DeviceTaintSelector {
  readonly driver?: string;
  readonly pool?: string;
  readonly device?: string;
}

/** io.k8s.api.resource.v1beta2.DeviceToleration */
export interface ResourceV1beta2DeviceToleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: 'None' | 'NoSchedule' | 'NoExecute';
  readonly tolerationSeconds?: number;
}

/** io.k8s.api.resource.v1beta2.ExactDeviceRequest */
export interface ResourceV1beta2ExactDeviceRequest {
  readonly deviceClassName: string;
  readonly selectors?: readonly ResourceV1beta2DeviceSelector[];
  readonly allocationMode?: string;
  readonly count?: number;
  readonly adminAccess?: boolean;
  readonly tolerations?: readonly ResourceV1beta2DeviceToleration[];
  readonly capacity?: ResourceV1beta2CapacityRequirements;
}

/** io.k8s.api.resource.v1beta2.NetworkDeviceData */
export interface ResourceV1beta2NetworkDeviceData {
  readonly interfaceName?: string;
  readonly ips?: readonly string[];
  readonly hardwareAddress?: string;
}

/** io.k8s.api.resource.v1beta2.NodeAllocatableResourceMapping */
export interface ResourceV1beta2NodeAllocatableResourceMapping {
  readonly capacityKey?: string;
  readonly allocationMultiplier?: string;
}

/** io.k8s.api.resource.v1beta2.OpaqueDeviceConfiguration */
export interface ResourceV1beta2OpaqueDeviceConfiguration {
  readonly driver: string;
  readonly parameters: JsonObject;
}

/** io.k8s.api.resource.v1beta2.ResourceClaim */
export interface ResourceV1beta2ResourceClaim {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta2ResourceClaimSpec;
  readonly status: ResourceV1beta2ResourceClaimStatus;
}

/** io.k8s.api.resource.v1beta2.ResourceClaimConsumerReference */
export interface ResourceV1beta2ResourceClaimConsumerReference {
  readonly apiGroup?: string;
  readonly resource: string;
  readonly name: string;
  readonly uid: string;
}

/** io.k8s.api.resource.v1beta2.ResourceClaimList */
export interface ResourceV1beta2ResourceClaimList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta2ResourceClaim[];
}

/** io.k8s.api.resource.v1beta2.ResourceClaimSpec */
export interface ResourceV1beta2ResourceClaimSpec {
  readonly devices: ResourceV1beta2DeviceClaim;
}

/** io.k8s.api.resource.v1beta2.ResourceClaimStatus */
export interface ResourceV1beta2ResourceClaimStatus {
  readonly allocation?: ResourceV1beta2AllocationResult;
  readonly reservedFor?: readonly ResourceV1beta2ResourceClaimConsumerReference[];
  readonly devices?: readonly ResourceV1beta2AllocatedDeviceStatus[];
}

/** io.k8s.api.resource.v1beta2.ResourceClaimTemplate */
export interface ResourceV1beta2ResourceClaimTemplate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta2ResourceClaimTemplateSpec;
}

/** io.k8s.api.resource.v1beta2.ResourceClaimTemplateList */
export interface ResourceV1beta2ResourceClaimTemplateList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta2ResourceClaimTemplate[];
}

/** io.k8s.api.resource.v1beta2.ResourceClaimTemplateSpec */
export interface ResourceV1beta2ResourceClaimTemplateSpec {
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta2ResourceClaimSpec;
}

/** io.k8s.api.resource.v1beta2.ResourcePool */
export interface ResourceV1beta2ResourcePool {
  readonly name: string;
  readonly generation: number;
  readonly resourceSliceCount: number;
}

/** io.k8s.api.resource.v1beta2.ResourceSlice */
export interface ResourceV1beta2ResourceSlice {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: ResourceV1beta2ResourceSliceSpec;
}

/** io.k8s.api.resource.v1beta2.ResourceSliceList */
export interface ResourceV1beta2ResourceSliceList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly ResourceV1beta2ResourceSlice[];
}

/** io.k8s.api.resource.v1beta2.ResourceSliceSpec */
export interface ResourceV1beta2ResourceSliceSpec {
  readonly driver: string;
  readonly pool: ResourceV1beta2ResourcePool;
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
  readonly devices?: readonly ResourceV1beta2Device[];
  readonly perDeviceNodeSelection?: boolean;
  readonly sharedCounters?: readonly ResourceV1beta2CounterSet[];
}

/** io.k8s.api.storage.v1beta1.CSIDriver */
export interface StorageV1beta1CSIDriver {
  readonly metadata: ObjectMeta;
  readonly spec: StorageV1beta1CSIDriverSpec;
}

/** io.k8s.api.storage.v1beta1.CSIDriverList */
export interface StorageV1beta1CSIDriverList {
  readonly metadata: ListMeta;
  readonly items: readonly StorageV1beta1CSIDriver[];
}

/** io.k8s.api.storage.v1beta1.CSIDriverSpec */
export interface StorageV1beta1CSIDriverSpec {
  readonly attachRequired?: boolean;
  readonly podInfoOnMount?: boolean;
  readonly volumeLifecycleModes?: readonly string[];
  readonly storageCapacity?: boolean;
  readonly fsGroupPolicy?: string;
  readonly tokenRequests?: readonly StorageV1beta1TokenRequest[];
  readonly requiresRepublish?: boolean;
  readonly seLinuxMount?: boolean;
  readonly nodeAllocatableUpdatePeriodSeconds?: number;
  readonly serviceAccountTokenInSecrets?: boolean;
  readonly preventPodSchedulingIfMissing?: boolean;
}

/** io.k8s.api.storage.v1beta1.CSINode */
export interface StorageV1beta1CSINode {
  readonly metadata: ObjectMeta;
  readonly spec: StorageV1beta1CSINodeSpec;
}

/** io.k8s.api.storage.v1beta1.CSINodeDriver */
export interface StorageV1beta1CSINodeDriver {
  readonly name: string;
  readonly nodeID: string;
  readonly topologyKeys: readonly string[];
  readonly allocatable?: StorageV1beta1VolumeNodeResources;
}

/** io.k8s.api.storage.v1beta1.CSINodeList */
export interface StorageV1beta1CSINodeList {
  readonly metadata: ListMeta;
  readonly items: readonly StorageV1beta1CSINode[];
}

/** io.k8s.api.storage.v1beta1.CSINodeSpec */
export interface StorageV1beta1CSINodeSpec {
  readonly drivers: readonly StorageV1beta1CSINodeDriver[];
}

/** io.k8s.api.storage.v1beta1.CSIStorageCapacity */
export interface StorageV1beta1CSIStorageCapacity {
  readonly metadata: ObjectMeta;
  readonly nodeTopology?: LabelSelector;
  readonly storageClassName: string;
  readonly capacity?: string;
  readonly maximumVolumeSize?: string;
}

/** io.k8s.api.storage.v1beta1.CSIStorageCapacityList */
export interface StorageV1beta1CSIStorageCapacityList {
  readonly metadata: ListMeta;
  readonly items: readonly StorageV1beta1CSIStorageCapacity[];
}

/** io.k8s.api.storage.v1beta1.StorageClass */
export interface StorageV1beta1StorageClass {
  readonly metadata: ObjectMeta;
  readonly provisioner: string;
  readonly parameters?: { readonly [key: string]: string };
  readonly reclaimPolicy?: string;
  readonly mountOptions?: readonly string[];
  readonly allowVolumeExpansion?: boolean;
  readonly volumeBindingMode?: string;
  readonly allowedTopologies?: readonly TopologySelectorTerm[];
}

/** io.k8s.api.storage.v1beta1.StorageClassList */
export interface StorageV1beta1StorageClassList {
  readonly metadata: ListMeta;
  readonly items: readonly StorageV1beta1StorageClass[];
}

/** io.k8s.api.storage.v1beta1.TokenRequest */
export interface StorageV1beta1TokenRequest {
  readonly audience: string;
  readonly expirationSeconds?: number;
}

/** io.k8s.api.storage.v1beta1.VolumeAttachment */
export interface StorageV1beta1VolumeAttachment {
  readonly metadata: ObjectMeta;
  readonly spec: StorageV1beta1VolumeAttachmentSpec;
  readonly status: StorageV1beta1VolumeAttachmentStatus;
}

/** io.k8s.api.storage.v1beta1.VolumeAttachmentList */
export interface StorageV1beta1VolumeAttachmentList {
  readonly metadata: ListMeta;
  readonly items: readonly StorageV1beta1VolumeAttachment[];
}

/** io.k8s.api.storage.v1beta1.VolumeAttachmentSource */
export interface StorageV1beta1VolumeAttachmentSource {
  readonly persistentVolumeName?: string;
  readonly inlineVolumeSpec?: PersistentVolumeSpec;
}

/** io.k8s.api.storage.v1beta1.VolumeAttachmentSpec */
export interface StorageV1beta1VolumeAttachmentSpec {
  readonly attacher: string;
  readonly source: StorageV1beta1VolumeAttachmentSource;
  readonly nodeName: string;
}

/** io.k8s.api.storage.v1beta1.VolumeAttachmentStatus */
export interface StorageV1beta1VolumeAttachmentStatus {
  readonly attached: boolean;
  readonly attachmentMetadata?: { readonly [key: string]: string };
  readonly attachError?: StorageV1beta1VolumeError;
  readonly detachError?: StorageV1beta1VolumeError;
}

/** io.k8s.api.storage.v1beta1.VolumeAttributesClass */
export interface StorageV1beta1VolumeAttributesClass {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly driverName: string;
  readonly parameters?: { readonly [key: string]: string };
}

/** io.k8s.api.storage.v1beta1.VolumeAttributesClassList */
export interface StorageV1beta1VolumeAttributesClassList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly StorageV1beta1VolumeAttributesClass[];
}

/** io.k8s.api.storage.v1beta1.VolumeError */
export interface StorageV1beta1VolumeError {
  readonly time?: string;
  readonly message?: string;
  readonly errorCode?: number;
}

/** io.k8s.api.storage.v1beta1.VolumeNodeResources */
export interface StorageV1beta1VolumeNodeResources {
  readonly count?: number;
}

/** io.k8s.metrics.pkg.apis.metrics.v1beta1.ContainerMetrics */
export interface ContainerMetrics {
  readonly name: string;
  readonly usage: { readonly [key: string]: string };
}

/** io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics */
export interface NodeMetrics {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly timestamp: string;
  readonly window: string;
  readonly usage: { readonly [key: string]: string };
}

/** io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetricsList */
export interface NodeMetricsList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly NodeMetrics[];
}

/** io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics */
export interface PodMetrics {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly ContainerMetrics[];
}

/** io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetricsList */
export interface PodMetricsList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly PodMetrics[];
}

/** dev.k8ts.explain.v1alpha1.PodScheduling */
export interface PodScheduling {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly schedulerName: string;
  readonly nodeName?: string;
  readonly nodeCount: number;
  readonly fittingNodes: number;
  readonly gates?: readonly string[];
  readonly refusals?: readonly SchedulingRefusal[];
  readonly scores?: readonly SchedulingScore[];
  readonly preemption?: string;
  readonly smallestChange?: string;
  readonly extenders?: readonly string[];
}

/** dev.k8ts.explain.v1alpha1.SchedulingRefusal */
export interface SchedulingRefusal {
  readonly nodes: readonly string[];
  readonly verdicts: readonly SchedulingVerdict[];
}

/** dev.k8ts.explain.v1alpha1.SchedulingVerdict */
export interface SchedulingVerdict {
  readonly plugin: string;
  readonly reasons: readonly string[];
}

/** dev.k8ts.explain.v1alpha1.SchedulingScore */
export interface SchedulingScore {
  readonly node: string;
  readonly total: number;
  readonly byPlugin?: { readonly [key: string]: number };
}

/** dev.k8ts.explain.v1alpha1.Progress */
export interface Progress {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly summary: string;
  readonly isHeld: boolean;
  readonly findings?: readonly ProgressFinding[];
}

/** dev.k8ts.explain.v1alpha1.ProgressFinding */
export interface ProgressFinding {
  readonly cause: string;
  readonly rank: 'cause' | 'effect' | 'note';
  readonly object: ProgressObject;
  readonly others?: readonly ProgressObject[];
  readonly message: string;
  readonly evidence?: readonly string[];
  readonly advice?: string;
}

/** dev.k8ts.explain.v1alpha1.ProgressObject */
export interface ProgressObject {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}
