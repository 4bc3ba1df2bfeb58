/** The parts of the API server that decide: who asks, what they may, what is admitted, what is allocated. */

import { certificateApproval } from '../apiserver/admission/certificate-approval/certificate-approval.ts';
import { certificateSigning } from '../apiserver/admission/certificate-signing/certificate-signing.ts';
import { certificateSubjectRestriction } from '../apiserver/admission/certificate-subject-restriction/certificate-subject-restriction.ts';
import { defaultTolerationSeconds } from '../apiserver/admission/default-toleration-seconds/default-toleration-seconds.ts';
import { defaultStorageClass } from '../apiserver/admission/default-storage-class/default-storage-class.ts';
import { deviceAdminAccess } from '../apiserver/admission/device-admin-access/device-admin-access.ts';
import { limitRanger } from '../apiserver/admission/limit-ranger/limit-ranger.ts';
import { namespaceLifecycle } from '../apiserver/admission/namespace-lifecycle/namespace-lifecycle.ts';
import { nodeRestriction } from '../apiserver/admission/node-restriction/node-restriction.ts';
import { persistentVolumeClaimResize } from '../apiserver/admission/persistent-volume-claim-resize/persistent-volume-claim-resize.ts';
import { runtimeClassAdmission } from '../apiserver/admission/runtime-class/runtime-class.ts';
import { policyParameters } from '../apiserver/admission/policy-parameters/policy-parameters.ts';
import { mutatingAdmissionPolicy } from '../apiserver/admission/policies/mutating-admission-policy.ts';
import { validatingAdmissionPolicy } from '../apiserver/admission/policies/validating-admission-policy.ts';
import { priorityAdmission } from '../apiserver/admission/priority/priority.ts';
import { rbacEscalation } from '../apiserver/admission/rbac-escalation/rbac-escalation.ts';
import { resourceQuotaAdmission } from '../apiserver/admission/resource-quota/resource-quota.ts';
import { serviceAccountAdmission } from '../apiserver/admission/service-account/service-account.ts';
import { storageObjectInUseProtection } from '../apiserver/admission/storage-object-in-use-protection/storage-object-in-use-protection.ts';
import { taintNodesByCondition } from '../apiserver/admission/taint-nodes-by-condition/taint-nodes-by-condition.ts';
import { mutatingWebhook } from '../apiserver/admission/webhooks/mutating-webhook.ts';
import { validatingWebhook } from '../apiserver/admission/webhooks/validating-webhook.ts';
import type { ApiServerParts } from '../apiserver/apiserver.ts';
import { certificateAuthenticator } from '../apiserver/authentication/authenticator.ts';
import { bootstrapTokenAuthenticator } from '../apiserver/authentication/bootstrap-token.ts';
import { NodeBootstrapHandler } from '../apiserver/authentication/node-bootstrap.ts';
import { OpenIdHandler } from '../apiserver/authentication/openid-handler.ts';
import {
  ISSUER,
  serviceAccountAuthenticator,
  ServiceAccountTokens,
} from '../apiserver/authentication/service-account-token.ts';
import { NodeAuthorizer, unionAuthorizer } from '../apiserver/authorization/node-authorizer.ts';
import { RbacAuthorizer, storeRoles } from '../apiserver/authorization/rbac.ts';
import type { HealthCheck } from '../apiserver/health.ts';
import type { Resources } from '../apiserver/resources.ts';
import { NODE_PORTS, ServiceAllocator } from '../apiserver/services/service-allocator.ts';
import { serviceNetworks } from '../apiserver/services/service-network.ts';
import {
  selfSubjectReviewHandler,
  tokenReviewHandler,
} from '../apiserver/subresources/authentication-reviews.ts';
import { accessReviewHandlers } from '../apiserver/subresources/authorization-reviews.ts';
import { componentStatusHandler } from '../apiserver/subresources/component-statuses.ts';
import { certificateApprovalHandler } from '../apiserver/subresources/certificate-approval.ts';
import { namespaceFinalizeHandler } from '../apiserver/subresources/namespace-finalize.ts';
import { bindingHandler, podBindingHandler } from '../apiserver/subresources/pod-binding.ts';
import { podEphemeralContainersHandler } from '../apiserver/subresources/pod-ephemeral-containers.ts';
import { podEvictionHandler } from '../apiserver/subresources/pod-eviction.ts';
import { podResizeHandler } from '../apiserver/subresources/pod-resize.ts';
import { scaleHandler } from '../apiserver/subresources/scale.ts';
import { serviceAccountTokenHandler } from '../apiserver/subresources/service-account-token-request.ts';
import type { SubresourceHandler } from '../apiserver/subresources/subresource.ts';
import type { CallWebhook } from '../apiserver/webhooks/webhook-caller.ts';
import type { ControlPlaneOptions } from './control-plane.ts';

type Decided = Pick<
  ApiServerParts,
  'admission' | 'companions' | 'authorizer' | 'authenticators' | 'subresources' | 'paths'
>;

/** `components` are the health checks of the other parts of the control plane. */
export function apiParts(
  options: ControlPlaneOptions,
  resources: Resources,
  components: () => readonly HealthCheck[],
  callWebhook: CallWebhook,
  /** Of virtual kinds that other parts of the control plane answer. */
  virtualKinds: readonly SubresourceHandler[],
): Decided {
  const { schemas } = resources;
  const { store, clock, random, networks, advertise, authority } = options;
  const roles = storeRoles(store);
  const rbac = new RbacAuthorizer(roles);
  const authorizer = unionAuthorizer(new NodeAuthorizer(store), rbac);
  const policies = { store, authorizer, resources };
  const { logger } = options;
  const hooks = { ...policies, schemas, callWebhook, uuid: () => random.uuid(), logger };
  const tokens = new ServiceAccountTokens({
    store,
    clock,
    random,
    keyPem: options.serviceAccountKeyPem,
    issuer: ISSUER,
    apiAudiences: [ISSUER],
  });
  const authenticators = [
    certificateAuthenticator,
    serviceAccountAuthenticator(tokens),
    bootstrapTokenAuthenticator(store, clock),
  ];
  return {
    // In upstream's order: what changes objects before what only judges them.
    admission: [
      namespaceLifecycle(store),
      limitRanger(store),
      serviceAccountAdmission({ store, clock }),
      nodeRestriction(store),
      taintNodesByCondition,
      priorityAdmission(store),
      defaultTolerationSeconds,
      defaultStorageClass(store),
      storageObjectInUseProtection,
      runtimeClassAdmission(store),
      certificateApproval(authorizer),
      certificateSigning(authorizer),
      certificateSubjectRestriction,
      persistentVolumeClaimResize(store),
      deviceAdminAccess(store),
      policyParameters({ store, authorizer, definitions: () => resources.definitions() }),
      rbacEscalation({ authorizer, rbac, roles }),
      mutatingAdmissionPolicy(policies),
      mutatingWebhook(hooks),
      validatingAdmissionPolicy(policies),
      validatingWebhook(hooks),
      resourceQuotaAdmission(store, clock),
    ],
    companions: new ServiceAllocator({
      store,
      serviceCidr: networks.serviceCidr,
      nodePorts: NODE_PORTS,
      random,
      clock,
    }),
    authorizer,
    authenticators,
    subresources: [
      bindingHandler(schemas),
      componentStatusHandler(components),
      certificateApprovalHandler,
      namespaceFinalizeHandler,
      podBindingHandler(schemas),
      podEphemeralContainersHandler,
      podEvictionHandler(schemas),
      podResizeHandler,
      scaleHandler(schemas),
      serviceAccountTokenHandler(schemas, tokens),
      tokenReviewHandler({ schemas, authenticators, tokens }),
      selfSubjectReviewHandler(schemas),
      ...accessReviewHandlers({ schemas, authorizer, rbac }),
      ...virtualKinds,
    ],
    paths: [
      new OpenIdHandler(tokens, `${advertise.address}:${advertise.port}`),
      new NodeBootstrapHandler({
        authority,
        clock,
        serviceNetworks: () => serviceNetworks(store, networks.serviceCidr).map(({ network }) => network),
        networks: { ...networks },
      }),
    ],
  };
}
