/** Deletes bootstrap tokens when they expire. Input: Secrets of kube-system from the informer. */

import { secrets } from '../../api/groups/core/secret/secret.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { splitKey } from '../../api/meta/object.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { expiryMs, isBootstrapToken } from '../bootstrap-token/bootstrap-token.ts';

export const tokenCleanerController: ControllerDefinition = {
  name: 'token-cleaner',
  permissions: [{ apiGroups: [''], resources: ['secrets'], verbs: ['delete', 'get', 'list', 'watch'] }],
  build: ({ client, informers, clock }, enqueue) => {
    const all = informers.of(secrets);
    all.subscribe((next, _old, key) => {
      if (next !== undefined && isBootstrapToken(next)) enqueue(key);
    });
    return {
      reconcile: async (key) => {
        const secret = all.getByKey(key);
        if (secret === undefined || !isBootstrapToken(secret)) return {};
        const expires = expiryMs(secret);
        if (expires === undefined) return {};
        const leftMs = expires - clock.now();
        if (leftMs > 0) return { requeueAfterMs: leftMs };
        const { uid = '', resourceVersion = '' } = secret.metadata;
        try {
          // Only as it was seen: it may have been prolonged since.
          await client.delete(secrets, splitKey(key), { preconditions: { uid, resourceVersion } });
        } catch (error) {
          if (!isApiError(error, 'NotFound')) throw error;
        }
        return {};
      },
    };
  },
};
