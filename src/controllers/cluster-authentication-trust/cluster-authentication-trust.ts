/**
 * Publishes by what aggregated API servers recognise clients and this server: the ConfigMap
 * `extension-apiserver-authentication`. Upstream: `clusterauthenticationtrust`.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';
const KEY = `${NAMESPACE}/${NAME}`;
/** What is deleted again before the cache has shown it is never heard of when the cache is listed anew. */
const RECHECK_MS = 60_000;

export interface ClusterTrust {
  /** PEM. */
  readonly clientCa: string;
  readonly frontProxyCa: string;
  /** Common names of front proxies. */
  readonly allowedNames: readonly string[];
}

export function clusterAuthenticationTrustController(trust: ClusterTrust): ControllerDefinition {
  const data = {
    'client-ca-file': trust.clientCa,
    'requestheader-allowed-names': JSON.stringify(trust.allowedNames),
    'requestheader-client-ca-file': trust.frontProxyCa,
    'requestheader-extra-headers-prefix': JSON.stringify(['X-Remote-Extra-']),
    'requestheader-group-headers': JSON.stringify(['X-Remote-Group']),
    'requestheader-uid-headers': JSON.stringify(['X-Remote-Uid']),
    'requestheader-username-headers': JSON.stringify(['X-Remote-User']),
  };
  return {
    name: 'cluster-authentication-trust-controller',
    permissions: [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'get', 'list', 'update', 'watch'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    build: ({ client, informers }, enqueue) => {
      const maps = informers.of(configMaps);
      maps.subscribe((_next, _old, key) => {
        if (key === KEY) enqueue(key);
      });
      enqueue(KEY);
      return {
        reconcile: async () => {
          const present = maps.get(NAMESPACE, NAME);
          if (present !== undefined && deepEqual(present.data, data)) return {};
          try {
            if (present !== undefined) await client.update(configMaps, { ...present, data });
            else await client.create(configMaps, { metadata: { name: NAME, namespace: NAMESPACE }, data });
          } catch (error) {
            // The cache is behind.
            if (!isApiError(error, 'AlreadyExists')) throw error;
          }
          return { requeueAfterMs: RECHECK_MS };
        },
      };
    },
  };
}
