/**
 * Signs the ConfigMap `kube-public/cluster-info` with every bootstrap token that is meant for it. A machine
 * that has such a token reads the ConfigMap before it can trust anybody, and knows by the signature that the
 * server and the certificates in it are the cluster's.
 *
 * Inputs: the ConfigMap and the token Secrets of kube-system. Outputs: keys `jws-kubeconfig-<token id>`, a
 * JWS without its content (RFC 7515, appendix F). Signatures of tokens that are gone or expired go too.
 */

import { createHmac } from 'node:crypto';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { objectKey } from '../../api/meta/object.ts';
import type { ConfigMap, Secret } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { isBootstrapToken, signingToken, type SigningToken } from '../bootstrap-token/bootstrap-token.ts';

const CLUSTER_INFO = 'kube-public/cluster-info';
const CONTENT = 'kubeconfig';
const SIGNATURE_PREFIX = 'jws-kubeconfig-';

export const bootstrapSignerController: ControllerDefinition = {
  name: 'bootstrap-signer',
  permissions: [
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['cluster-info'], verbs: ['update'] },
  ],
  build: (context, enqueue) => new BootstrapSigner(context, enqueue),
};

class BootstrapSigner implements Reconciler {
  readonly #context: ControllerContext;
  readonly #maps: Informer<ConfigMap>;
  readonly #secrets: Informer<Secret>;
  /** Keys of the tokens; kube-system may have many other Secrets. */
  readonly #tokens = new Set<string>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    this.#context = context;
    this.#maps = context.informers.of(configMaps);
    this.#secrets = context.informers.of(secrets);
    this.#maps.subscribe((next, _old, key) => {
      if (next !== undefined && key === CLUSTER_INFO) enqueue(CLUSTER_INFO);
    });
    this.#secrets.subscribe((next, old) => {
      for (const secret of [next, old]) {
        if (secret === undefined || !isBootstrapToken(secret)) continue;
        this.#tokens.add(objectKey(secret));
        enqueue(CLUSTER_INFO);
      }
    });
  }

  async reconcile(): Promise<ReconcileResult> {
    const { client, clock } = this.#context;
    const map = this.#maps.getByKey(CLUSTER_INFO);
    const content = map?.data?.[CONTENT];
    if (map === undefined || content === undefined) return {};
    const tokens = this.#signingTokens();
    const data = signed(map, content, tokens);
    if (!deepEqual(data, map.data)) {
      try {
        await client.update(configMaps, { ...map, data });
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    }
    const ends = tokens.flatMap(({ expiresMs }) => expiresMs ?? []);
    return ends.length === 0 ? {} : { requeueAfterMs: Math.min(...ends) - clock.now() };
  }

  #signingTokens(): readonly SigningToken[] {
    const nowMs = this.#context.clock.now();
    return [...this.#tokens].flatMap((key) => {
      const secret = this.#secrets.getByKey(key);
      if (secret === undefined || !isBootstrapToken(secret)) {
        this.#tokens.delete(key);
        return [];
      }
      return signingToken(secret, nowMs) ?? [];
    });
  }
}

function signed(
  map: ConfigMap,
  content: string,
  tokens: readonly SigningToken[],
): NonNullable<ConfigMap['data']> {
  const others = Object.entries(map.data ?? {}).filter(([key]) => !key.startsWith(SIGNATURE_PREFIX));
  const signatures = tokens.map((token) => [SIGNATURE_PREFIX + token.id, detachedSignature(content, token)]);
  return Object.fromEntries([...others, ...signatures]);
}

/** `<header>..<signature>`; at once, so that virtual time need not wait for a library. */
export function detachedSignature(
  content: string,
  { id, secret }: { readonly id: string; readonly secret: string },
): string {
  const encoded = (text: string): string => Buffer.from(text).toString('base64url');
  const header = encoded(JSON.stringify({ alg: 'HS256', kid: id }));
  const signature = createHmac('sha256', secret).update(`${header}.${encoded(content)}`);
  return `${header}..${signature.digest('base64url')}`;
}
