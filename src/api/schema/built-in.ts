/**
 * Every group-version of the API, in the order in which their messages claim TypeScript names:
 * a name that an earlier one has taken is prefixed in a later one (`EventsV1Event`).
 */

import { admissionV1 } from './definitions/admission-v1.ts';
import { admissionregistrationV1 } from './definitions/admissionregistration-v1.ts';
import { admissionregistrationV1alpha1 } from './definitions/admissionregistration-v1alpha1.ts';
import { admissionregistrationV1beta1 } from './definitions/admissionregistration-v1beta1.ts';
import { apiextensionsV1 } from './definitions/apiextensions-v1.ts';
import { apiregistrationV1 } from './definitions/apiregistration-v1.ts';
import { apiserverinternalV1alpha1 } from './definitions/apiserverinternal-v1alpha1.ts';
import { appsV1 } from './definitions/apps-v1.ts';
import { authenticationV1 } from './definitions/authentication-v1.ts';
import { authorizationV1 } from './definitions/authorization-v1.ts';
import { autoscalingV1 } from './definitions/autoscaling-v1.ts';
import { autoscalingV2 } from './definitions/autoscaling-v2.ts';
import { batchV1 } from './definitions/batch-v1.ts';
import { certificatesV1 } from './definitions/certificates-v1.ts';
import { certificatesV1alpha1 } from './definitions/certificates-v1alpha1.ts';
import { certificatesV1beta1 } from './definitions/certificates-v1beta1.ts';
import { coordinationV1 } from './definitions/coordination-v1.ts';
import { coordinationV1alpha2 } from './definitions/coordination-v1alpha2.ts';
import { coordinationV1beta1 } from './definitions/coordination-v1beta1.ts';
import { coreV1 } from './definitions/core-v1.ts';
import { discoveryV1 } from './definitions/discovery-v1.ts';
import { eventsV1 } from './definitions/events-v1.ts';
import { explainV1alpha1 } from './definitions/explain-v1alpha1.ts';
import { flowcontrolV1 } from './definitions/flowcontrol-v1.ts';
import { metaV1 } from './definitions/meta-v1.ts';
import { metricsV1beta1 } from './definitions/metrics-v1beta1.ts';
import { networkingV1 } from './definitions/networking-v1.ts';
import { networkingV1beta1 } from './definitions/networking-v1beta1.ts';
import { nodeV1 } from './definitions/node-v1.ts';
import { policyV1 } from './definitions/policy-v1.ts';
import { rbacV1 } from './definitions/rbac-v1.ts';
import { resourceV1 } from './definitions/resource-v1.ts';
import { resourceV1alpha3 } from './definitions/resource-v1alpha3.ts';
import { resourceV1beta1 } from './definitions/resource-v1beta1.ts';
import { resourceV1beta2 } from './definitions/resource-v1beta2.ts';
import { schedulingV1 } from './definitions/scheduling-v1.ts';
import { schedulingV1alpha2 } from './definitions/scheduling-v1alpha2.ts';
import { storageV1 } from './definitions/storage-v1.ts';
import { storageV1beta1 } from './definitions/storage-v1beta1.ts';
import { storagemigrationV1beta1 } from './definitions/storagemigration-v1beta1.ts';
import { parseNotation } from './notation.ts';
import type { GroupVersionSchema } from './schema.ts';

const TEXTS: readonly string[] = [
  metaV1,
  coreV1,
  appsV1,
  batchV1,
  rbacV1,
  discoveryV1,
  coordinationV1,
  policyV1,
  networkingV1,
  storageV1,
  autoscalingV2,
  autoscalingV1,
  schedulingV1,
  eventsV1,
  authenticationV1,
  authorizationV1,
  admissionregistrationV1,
  certificatesV1,
  apiextensionsV1,
  apiregistrationV1,
  flowcontrolV1,
  nodeV1,
  resourceV1,
  storagemigrationV1beta1,
  admissionV1,
  schedulingV1alpha2,
  admissionregistrationV1alpha1,
  admissionregistrationV1beta1,
  apiserverinternalV1alpha1,
  certificatesV1alpha1,
  certificatesV1beta1,
  coordinationV1alpha2,
  coordinationV1beta1,
  networkingV1beta1,
  resourceV1alpha3,
  resourceV1beta1,
  resourceV1beta2,
  storageV1beta1,
  metricsV1beta1,
  explainV1alpha1,
];

/** The whole built-in API, keyed `apps/v1`, `core/v1`. Takes some ms; call it once per process. */
export function loadBuiltInSchemas(): ReadonlyMap<string, GroupVersionSchema> {
  return parseNotation(TEXTS);
}
