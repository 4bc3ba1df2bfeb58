/** Every built-in kind, one line each. Adding a kind: its folder under `groups/`, and a line here. */

import type { KubernetesObject } from './meta/object.ts';
import type { ResourceDefinition } from './meta/resource-definition.ts';
import { mutatingAdmissionPolicies } from './groups/admissionregistration/mutating-admission-policy/mutating-admission-policy.ts';
import { mutatingAdmissionPolicyBindings } from './groups/admissionregistration/mutating-admission-policy-binding/mutating-admission-policy-binding.ts';
import { mutatingWebhookConfigurations } from './groups/admissionregistration/mutating-webhook-configuration/mutating-webhook-configuration.ts';
import { validatingAdmissionPolicies } from './groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { validatingAdmissionPolicyBindings } from './groups/admissionregistration/validating-admission-policy-binding/validating-admission-policy-binding.ts';
import { validatingWebhookConfigurations } from './groups/admissionregistration/validating-webhook-configuration/validating-webhook-configuration.ts';
import { apiServices } from './groups/apiregistration/api-service/api-service.ts';
import { certificateSigningRequests } from './groups/certificates/certificate-signing-request/certificate-signing-request.ts';
import { selfSubjectReviews } from './groups/authentication/self-subject-review/self-subject-review.ts';
import { tokenReviews } from './groups/authentication/token-review/token-review.ts';
import { localSubjectAccessReviews } from './groups/authorization/local-subject-access-review/local-subject-access-review.ts';
import { selfSubjectAccessReviews } from './groups/authorization/self-subject-access-review/self-subject-access-review.ts';
import { selfSubjectRulesReviews } from './groups/authorization/self-subject-rules-review/self-subject-rules-review.ts';
import { subjectAccessReviews } from './groups/authorization/subject-access-review/subject-access-review.ts';
import { customResourceDefinitions } from './groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { controllerRevisions } from './groups/apps/controller-revision/controller-revision.ts';
import { daemonSets } from './groups/apps/daemon-set/daemon-set.ts';
import { deployments } from './groups/apps/deployment/deployment.ts';
import { replicaSets } from './groups/apps/replica-set/replica-set.ts';
import { statefulSets } from './groups/apps/stateful-set/stateful-set.ts';
import { horizontalPodAutoscalersV1 } from './groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler-v1.ts';
import { horizontalPodAutoscalers } from './groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { cronJobs } from './groups/batch/cron-job/cron-job.ts';
import { jobs } from './groups/batch/job/job.ts';
import { bindings } from './groups/core/binding/binding.ts';
import { componentStatuses } from './groups/core/component-status/component-status.ts';
import { configMaps } from './groups/core/config-map/config-map.ts';
import { endpoints } from './groups/core/endpoints/endpoints.ts';
import { events } from './groups/core/event/event.ts';
import { leases } from './groups/coordination/lease/lease.ts';
import { limitRanges } from './groups/core/limit-range/limit-range.ts';
import { namespaces } from './groups/core/namespace/namespace.ts';
import { nodes } from './groups/core/node/node.ts';
import { persistentVolumeClaims } from './groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from './groups/core/persistent-volume/persistent-volume.ts';
import { pods } from './groups/core/pod/pod.ts';
import { podTemplates } from './groups/core/pod-template/pod-template.ts';
import { replicationControllers } from './groups/core/replication-controller/replication-controller.ts';
import { resourceQuotas } from './groups/core/resource-quota/resource-quota.ts';
import { secrets } from './groups/core/secret/secret.ts';
import { serviceAccounts } from './groups/core/service-account/service-account.ts';
import { services } from './groups/core/service/service.ts';
import { endpointSlices } from './groups/discovery/endpoint-slice/endpoint-slice.ts';
import { eventsV1 } from './groups/events/event/event.ts';
import { EXPLAINED_KINDS } from './groups/explain/explain.ts';
import { flowSchemas } from './groups/flowcontrol/flow-schema/flow-schema.ts';
import { priorityLevelConfigurations } from './groups/flowcontrol/priority-level-configuration/priority-level-configuration.ts';
import { nodeMetrics } from './groups/metrics/node-metrics/node-metrics.ts';
import { podMetrics } from './groups/metrics/pod-metrics/pod-metrics.ts';
import { ingresses } from './groups/networking/ingress/ingress.ts';
import { ingressClasses } from './groups/networking/ingress-class/ingress-class.ts';
import { ipAddresses } from './groups/networking/ip-address/ip-address.ts';
import { networkPolicies } from './groups/networking/network-policy/network-policy.ts';
import { serviceCidrs } from './groups/networking/service-cidr/service-cidr.ts';
import { runtimeClasses } from './groups/node/runtime-class/runtime-class.ts';
import { podDisruptionBudgets } from './groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import { clusterRoleBindings } from './groups/rbac/cluster-role-binding/cluster-role-binding.ts';
import { clusterRoles } from './groups/rbac/cluster-role/cluster-role.ts';
import { roleBindings } from './groups/rbac/role-binding/role-binding.ts';
import { roles } from './groups/rbac/role/role.ts';
import { deviceClasses } from './groups/resource/device-class/device-class.ts';
import { resourceClaims } from './groups/resource/resource-claim/resource-claim.ts';
import { resourceClaimTemplates } from './groups/resource/resource-claim-template/resource-claim-template.ts';
import { resourceSlices } from './groups/resource/resource-slice/resource-slice.ts';
import { priorityClasses } from './groups/scheduling/priority-class/priority-class.ts';
import { podGroups } from './groups/scheduling/pod-group/pod-group.ts';
import { workloads } from './groups/scheduling/workload/workload.ts';
import { csiDrivers } from './groups/storage/csi-driver/csi-driver.ts';
import { csiNodes } from './groups/storage/csi-node/csi-node.ts';
import { csiStorageCapacities } from './groups/storage/csi-storage-capacity/csi-storage-capacity.ts';
import { storageClasses } from './groups/storage/storage-class/storage-class.ts';
import { volumeAttachments } from './groups/storage/volume-attachment/volume-attachment.ts';
import { volumeAttributesClasses } from './groups/storage/volume-attributes-class/volume-attributes-class.ts';
import { storageVersionMigrations } from './groups/storagemigration/storage-version-migration/storage-version-migration.ts';

/** Erases the object's type: the server treats all kinds alike. */
function kind<T extends KubernetesObject>(definition: ResourceDefinition<T>): ResourceDefinition {
  return definition as unknown as ResourceDefinition;
}

export const BUILT_IN_KINDS: readonly ResourceDefinition[] = [
  kind(bindings),
  kind(componentStatuses),
  kind(configMaps),
  kind(endpoints),
  kind(events),
  kind(limitRanges),
  kind(namespaces),
  kind(nodes),
  kind(persistentVolumeClaims),
  kind(persistentVolumes),
  kind(pods),
  kind(podTemplates),
  kind(replicationControllers),
  kind(resourceQuotas),
  kind(secrets),
  kind(serviceAccounts),
  kind(services),
  kind(customResourceDefinitions),
  kind(controllerRevisions),
  kind(daemonSets),
  kind(deployments),
  kind(selfSubjectReviews),
  kind(tokenReviews),
  kind(localSubjectAccessReviews),
  kind(selfSubjectAccessReviews),
  kind(selfSubjectRulesReviews),
  kind(subjectAccessReviews),
  kind(replicaSets),
  kind(statefulSets),
  kind(horizontalPodAutoscalers),
  kind(horizontalPodAutoscalersV1),
  kind(cronJobs),
  kind(jobs),
  kind(endpointSlices),
  kind(leases),
  kind(eventsV1),
  kind(flowSchemas),
  kind(priorityLevelConfigurations),
  kind(ingresses),
  kind(ingressClasses),
  kind(ipAddresses),
  kind(networkPolicies),
  kind(serviceCidrs),
  kind(runtimeClasses),
  kind(podDisruptionBudgets),
  kind(clusterRoleBindings),
  kind(clusterRoles),
  kind(roleBindings),
  kind(roles),
  kind(deviceClasses),
  kind(resourceClaims),
  kind(resourceClaimTemplates),
  kind(resourceSlices),
  kind(priorityClasses),
  kind(csiDrivers),
  kind(csiNodes),
  kind(csiStorageCapacities),
  kind(storageClasses),
  kind(volumeAttachments),
  kind(volumeAttributesClasses),
  kind(storageVersionMigrations),
  kind(apiServices),
  kind(certificateSigningRequests),
  kind(mutatingAdmissionPolicies),
  kind(mutatingAdmissionPolicyBindings),
  kind(mutatingWebhookConfigurations),
  kind(validatingAdmissionPolicies),
  kind(validatingAdmissionPolicyBindings),
  kind(validatingWebhookConfigurations),
  kind(nodeMetrics),
  kind(podMetrics),
  ...EXPLAINED_KINDS.map(kind),
];

/** Alpha kinds of groups of pods; served where the scheduler acts on them. */
export const POD_GROUP_KINDS: readonly ResourceDefinition[] = [kind(podGroups), kind(workloads)];
