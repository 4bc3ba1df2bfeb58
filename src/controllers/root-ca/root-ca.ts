/**
 * The root CA publisher: every active namespace has a ConfigMap `kube-root-ca.crt` with the certificates by
 * which pods recognise the API server. A changed or deleted one is put right.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import type { ConfigMap } from '../../api/types.gen.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { CATCH_UP_MS } from '../own-writes/own-writes.ts';

const NAME = 'kube-root-ca.crt';
const KEY = 'ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of ' +
  'Kubernetes clusters.';

/** `caBundle`: PEM certificates. */
export function rootCaController(caBundle: string): ControllerDefinition {
  const data = { [KEY]: caBundle };
  const annotations = { [DESCRIPTION]: DESCRIPTION_TEXT };
  return {
    name: 'root-ca-cert-publisher',
    permissions: [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'get', 'list', 'update', 'watch'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    build: ({ client, informers }, enqueue) => {
      const spaces = informers.of(namespaces);
      const maps = informers.of(configMaps);
      spaces.subscribe((next, _old, key) => {
        if (next !== undefined) enqueue(key);
      });
      maps.subscribe((next, old) => {
        const { name, namespace = '' } = (next ?? old)?.metadata ?? {};
        if (name === NAME) enqueue(namespace);
      });
      return {
        reconcile: async (namespace) => {
          if (spaces.getByKey(namespace)?.status.phase !== 'Active') return {};
          const present = maps.get(namespace, NAME);
          if (present !== undefined && isRight(present, caBundle)) return {};
          try {
            if (present === undefined) {
              await client.create(configMaps, { metadata: { name: NAME, namespace, annotations }, data });
            } else {
              const metadata = {
                ...present.metadata,
                annotations: { ...present.metadata.annotations, ...annotations },
              };
              await client.update(configMaps, { ...present, metadata, data });
            }
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
}

function isRight({ data = {}, metadata }: ConfigMap, caBundle: string): boolean {
  const keys = Object.keys(data);
  const described = metadata.annotations?.[DESCRIPTION] === DESCRIPTION_TEXT;
  return described && keys.length === 1 && data[KEY] === caBundle;
}
