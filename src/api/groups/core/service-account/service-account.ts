/** ServiceAccount: who a pod is. Its tokens are issued on request and bound to the pod. */

import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ServiceAccount } from '../../../types.gen.ts';

export const serviceAccounts: ResourceDefinition<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  categories: [],
  namespaced: true,
  message: 'core/v1.ServiceAccount',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  subresources: [
    { name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
  ],
  columns: [NAME_COLUMN, AGE_COLUMN],
};
