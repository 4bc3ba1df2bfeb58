/**
 * What expressions of admission may name beside the objects: the request, the namespace, the user's permissions.
 * Upstream's `admission/plugin/cel/compile.go`; fields that it leaves out are left out here.
 */

import { AUTHORIZER, RESOURCE_CHECK } from '../../cel/kubernetes/authorizer.ts';
import {
  BOOL, type CelType, DYN, INT, listOf, mapOf, objectOf, type ObjectType, STRING, TIMESTAMP,
} from '../../cel/types/type.ts'; // prettier-ignore

const STRINGS = listOf(STRING);
const TEXTS = mapOf(STRING, STRING);

const GROUP_VERSION_KIND = objectOf('kubernetes.GroupVersionKind', {
  group: STRING,
  version: STRING,
  kind: STRING,
});
const GROUP_VERSION_RESOURCE = objectOf('kubernetes.GroupVersionResource', {
  group: STRING,
  version: STRING,
  resource: STRING,
});

const REQUEST = objectOf('kubernetes.AdmissionRequest', {
  kind: GROUP_VERSION_KIND,
  resource: GROUP_VERSION_RESOURCE,
  subResource: STRING,
  requestKind: GROUP_VERSION_KIND,
  requestResource: GROUP_VERSION_RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: objectOf('kubernetes.UserInfo', {
    username: STRING,
    uid: STRING,
    groups: STRINGS,
    extra: mapOf(STRING, STRINGS),
  }),
  dryRun: BOOL,
  options: DYN,
});

const CONDITION = objectOf('kubernetes.NamespaceCondition', {
  status: STRING,
  type: STRING,
  lastTransitionTime: TIMESTAMP,
  message: STRING,
  reason: STRING,
});

const NAMESPACE = objectOf('kubernetes.Namespace', {
  metadata: objectOf('kubernetes.NamespaceMetadata', {
    ...{
      name: STRING,
      generateName: STRING,
      namespace: STRING,
      labels: TEXTS,
      annotations: TEXTS,
      UID: STRING,
    },
    ...{ creationTimestamp: TIMESTAMP, deletionGracePeriodSeconds: INT, deletionTimestamp: TIMESTAMP },
    ...{ generation: INT, resourceVersion: STRING, finalizers: STRINGS },
  }),
  spec: objectOf('kubernetes.NamespaceSpec', { finalizers: STRINGS }),
  status: objectOf('kubernetes.NamespaceStatus', { conditions: listOf(CONDITION), phase: STRING }),
});

export interface AdmissionVariables {
  readonly params: boolean;
  readonly authorizer: boolean;
  /** The variables that a policy defines, so far as they are known. */
  readonly defined: ReadonlyMap<string, CelType> | undefined;
}

export function admissionVariables(has: AdmissionVariables): ReadonlyMap<string, CelType> {
  const variables = new Map<string, CelType>([
    ['object', DYN],
    ['oldObject', DYN],
    ['request', REQUEST],
    ['namespaceObject', NAMESPACE],
  ]);
  if (has.params) variables.set('params', DYN);
  if (has.authorizer) {
    variables.set('authorizer', AUTHORIZER);
    variables.set('authorizer.requestResource', RESOURCE_CHECK);
  }
  if (has.defined !== undefined) {
    variables.set('variables', variablesType(has.defined));
  }
  return variables;
}

export function variablesType(defined: ReadonlyMap<string, CelType>): ObjectType {
  return objectOf('kubernetes.variables', Object.fromEntries(defined));
}
