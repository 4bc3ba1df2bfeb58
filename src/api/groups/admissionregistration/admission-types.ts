/**
 * What expressions of admission may name beside the objects: the request, the namespace, the user's permissions.
 * Upstream's `admission/plugin/cel/compile.go`; fields that it leaves out are left out here.
 */

import { AUTHORIZER, RESOURCE_CHECK } from '../../cel/kubernetes/authorizer.ts';
import {
  BOOL, type CelType, DYN, type FieldDeclaration, INT, listOf, mapOf, type ObjectType, STRING, TIMESTAMP,
} from '../../cel/types/type.ts'; // prettier-ignore

const STRINGS = listOf(STRING);
const TEXTS = mapOf(STRING, STRING);

export function objectOf(name: string, types: Readonly<Record<string, CelType>>): ObjectType {
  const fields = new Map<string, FieldDeclaration>(
    Object.entries(types).map(([field, type]) => [field, { name: field, type }]),
  );
  const field = (wanted: string): FieldDeclaration | undefined => fields.get(wanted);
  return { kind: 'object', name: `kubernetes.${name}`, field, jsonField: field };
}

const GROUP_VERSION_KIND = objectOf('GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const GROUP_VERSION_RESOURCE = objectOf('GroupVersionResource', {
  ...{ group: STRING, version: STRING, resource: STRING },
});

const REQUEST = objectOf('AdmissionRequest', {
  kind: GROUP_VERSION_KIND,
  resource: GROUP_VERSION_RESOURCE,
  subResource: STRING,
  requestKind: GROUP_VERSION_KIND,
  requestResource: GROUP_VERSION_RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: objectOf('UserInfo', {
    username: STRING,
    uid: STRING,
    groups: STRINGS,
    extra: mapOf(STRING, STRINGS),
  }),
  dryRun: BOOL,
  options: DYN,
});

const CONDITION = objectOf('NamespaceCondition', {
  status: STRING,
  type: STRING,
  lastTransitionTime: TIMESTAMP,
  message: STRING,
  reason: STRING,
});

const NAMESPACE = objectOf('Namespace', {
  metadata: objectOf('NamespaceMetadata', {
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
  spec: objectOf('NamespaceSpec', { finalizers: STRINGS }),
  status: objectOf('NamespaceStatus', { conditions: listOf(CONDITION), phase: STRING }),
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
    variables.set('variables', objectOf('variables', Object.fromEntries(has.defined)));
  }
  return variables;
}
