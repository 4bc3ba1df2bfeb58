/** Every controller, one line each. Adding one: its folder beside this file, and a line here. */

import type { ResourceDefinition } from '../api/meta/resource-definition.ts';
import type { KeyPair } from '../pki/pki.ts';
import type { ControllerDefinition } from '../reconcile/controller.ts';
import {
  apiServiceAvailabilityController,
  type CheckDiscovery,
} from './api-service-availability/api-service-availability.ts';
import {
  apiServiceRegistrationController,
  type GroupVersion,
} from './api-service-registration/api-service-registration.ts';
import { attachDetachController } from './attach-detach/attach-detach.ts';
import { bootstrapSignerController } from './bootstrap-signer/bootstrap-signer.ts';
import { certificateController } from './certificates/certificates.ts';
import {
  clusterAuthenticationTrustController,
  type ClusterTrust,
} from './cluster-authentication-trust/cluster-authentication-trust.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation/cluster-role-aggregation.ts';
import { cronJobController } from './cron-job/cron-job.ts';
import { customResourceDefinitionController } from './custom-resource-definition/custom-resource-definition.ts';
import { daemonSetController } from './daemon-set/daemon-set.ts';
import { deploymentController } from './deployment/deployment.ts';
import { disruptionController } from './disruption/disruption.ts';
import { endpointSliceController } from './endpoint-slice/endpoint-slice.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/endpoint-slice-mirroring.ts';
import { endpointsController } from './endpoints/endpoints.ts';
import { ephemeralVolumeController } from './ephemeral-volume/ephemeral-volume.ts';
import { eventExpiryController } from './event-expiry/event-expiry.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import {
  AUTOSCALER_PERIOD_MS,
  horizontalPodAutoscalerController,
} from './horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import type { AggregatedApis } from './horizontal-pod-autoscaler/metric-readings.ts';
import { jobController } from './job/job.ts';
import {
  localPathProvisioner,
  type LocalPathOptions,
} from './local-path-provisioner/local-path-provisioner.ts';
import type { OtherServers } from './namespace/content.ts';
import { namespaceController } from './namespace/namespace.ts';
import { nodeIpamController } from './node-ipam/node-ipam.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle.ts';
import { persistentVolumeBinder } from './persistent-volume-binder/persistent-volume-binder.ts';
import { persistentVolumeClaimProtection } from './persistent-volume-claim-protection/persistent-volume-claim-protection.ts';
import { persistentVolumeProtection } from './persistent-volume-protection/persistent-volume-protection.ts';
import { deviceTaintEvictionController } from './device-taint-eviction/device-taint-eviction.ts';
import { resourceClaimController } from './resource-claim/resource-claim.ts';
import { podGarbageCollector } from './pod-garbage-collector/pod-garbage-collector.ts';
import { replicaSetController } from './replica-set/replica-set.ts';
import { replicationController } from './replication-controller/replication-controller.ts';
import { resourceQuotaController } from './resource-quota/resource-quota.ts';
import { rootCaController } from './root-ca/root-ca.ts';
import { serviceAccountController } from './service-account/service-account.ts';
import { serviceAddressRepairController } from './service-address-repair/service-address-repair.ts';
import { serviceCidrController } from './service-cidr/service-cidr.ts';
import { statefulSetController } from './stateful-set/stateful-set.ts';
import { storageVersionMigrationController } from './storage-version-migration/storage-version-migration.ts';
import { taintEvictionController } from './taint-eviction/taint-eviction.ts';
import { tokenCleanerController } from './token-cleaner/token-cleaner.ts';
import { validatingAdmissionPolicyStatusController } from './validating-admission-policy-status/validating-admission-policy-status.ts';
import type { TypeOf } from './validating-admission-policy-status/plan.ts';
import { volumeAttributesClassProtection } from './volume-attributes-class-protection/volume-attributes-class-protection.ts';
import { volumeExpansionController } from './volume-expansion/volume-expansion.ts';
import { ttlAfterFinishedController } from './ttl-after-finished/ttl-after-finished.ts';

export interface ControllerOptions {
  /** The kinds served at this moment, custom ones included. */
  readonly kinds: () => readonly ResourceDefinition[];
  /** Objects of a kind as expressions see them; undefined when the kind is not served. */
  readonly celTypeOf: TypeOf;
  /** The certificates by which pods recognise the API server. */
  readonly caBundle: string;
  /** What signs certificates for clients and nodes. */
  readonly authority: KeyPair;
  /** The cluster's pod network: `10.42.0.0/16`. */
  readonly podCidr: string;
  /** Its default service network: `10.43.0.0/16`. */
  readonly serviceCidr: string;
  /** The group-versions that are served without any definition. */
  readonly builtIn: readonly GroupVersion[];
  /** Asks the server behind an APIService for its discovery. */
  readonly checkDiscovery: CheckDiscovery;
  /** By what aggregated API servers recognise clients and this cluster's servers. */
  readonly trust: ClusterTrust;
  /** APIs of other servers, as the named controller may read them. */
  readonly aggregatedApis: (controller: string) => AggregatedApis;
  /** Those servers, as the named controller may use them. */
  readonly otherServers: (controller: string) => OtherServers | undefined;
  /** How often what pods use is measured. */
  readonly metricsPeriodMs: number;
  /** Where volumes of the class `standard` lie, and how they are removed. */
  readonly localPath: LocalPathOptions;
}

export function createControllers(options: ControllerOptions): readonly ControllerDefinition[] {
  // Views of other kinds (another version, another group) are left out: every object is met once.
  const stored = (): readonly ResourceDefinition[] =>
    options
      .kinds()
      .filter(({ storedAs, isOtherVersion }) => storedAs === undefined && isOtherVersion !== true);
  return [
    deploymentController,
    replicaSetController,
    replicationController,
    statefulSetController,
    daemonSetController,
    jobController,
    ttlAfterFinishedController,
    cronJobController,
    disruptionController(stored),
    horizontalPodAutoscalerController({
      kinds: stored,
      apis: options.aggregatedApis('horizontal-pod-autoscaler'),
      // Numbers that come more often are looked at more often.
      periodMs: Math.min(AUTOSCALER_PERIOD_MS, options.metricsPeriodMs),
    }),
    resourceQuotaController(stored),
    endpointSliceController,
    endpointsController,
    endpointSliceMirroringController,
    namespaceController(
      () => stored().filter(({ namespaced }) => namespaced),
      options.otherServers('namespace-controller'),
    ),
    serviceAccountController,
    rootCaController(options.caBundle),
    garbageCollector(stored),
    nodeIpamController(options.podCidr),
    serviceCidrController(options.serviceCidr),
    serviceAddressRepairController,
    nodeLifecycleController,
    taintEvictionController,
    podGarbageCollector,
    persistentVolumeBinder,
    localPathProvisioner(options.localPath),
    persistentVolumeClaimProtection,
    persistentVolumeProtection,
    volumeAttributesClassProtection,
    ephemeralVolumeController,
    volumeExpansionController,
    attachDetachController,
    resourceClaimController,
    deviceTaintEvictionController,
    clusterRoleAggregationController,
    customResourceDefinitionController,
    storageVersionMigrationController(options.kinds),
    validatingAdmissionPolicyStatusController(options.kinds, options.celTypeOf),
    eventExpiryController,
    certificateController(options.authority),
    bootstrapSignerController,
    tokenCleanerController,
    apiServiceRegistrationController(options.builtIn),
    apiServiceAvailabilityController(options.checkDiscovery),
    clusterAuthenticationTrustController(options.trust),
  ];
}
