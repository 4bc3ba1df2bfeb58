/**
 * The service account controller: every active namespace has a service account `default`, which pods that
 * name no other one run under. A deleted one comes back.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { serviceAccounts } from '../../api/groups/core/service-account/service-account.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { CATCH_UP_MS } from '../own-writes/own-writes.ts';

const NAME = 'default';

export const serviceAccountController: ControllerDefinition = {
  name: 'service-account-controller',
  permissions: [
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['create', 'get', 'list', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  build: ({ client, informers }, enqueue) => {
    const spaces = informers.of(namespaces);
    const accounts = informers.of(serviceAccounts);
    spaces.subscribe((next, _old, key) => {
      if (next !== undefined) enqueue(key);
    });
    accounts.subscribe((next, old) => {
      if (next === undefined && old?.metadata.name === NAME) enqueue(old.metadata.namespace ?? '');
    });
    return {
      reconcile: async (namespace) => {
        if (spaces.getByKey(namespace)?.status.phase !== 'Active') return {};
        if (accounts.get(namespace, NAME) !== undefined) return {};
        try {
          await client.create(serviceAccounts, { metadata: { name: NAME, namespace } });
        } catch (error) {
          // The namespace began to terminate meanwhile.
          if (isApiError(error, 'Forbidden')) return {};
          if (!isApiError(error, 'AlreadyExists')) throw error;
        }
        // Until the cache shows it: what goes again while a stream is broken is never heard of.
        return { requeueAfterMs: CATCH_UP_MS };
      },
    };
  },
};
