/**
 * Service account tokens for pods, through the `token` subresource: bound to the pod, cached, and renewed
 * after 80 % of their life (or 24 h), as upstream's token manager does.
 */

import { timeMs } from '../../api/time/time.ts';
import type { Pod, ServiceAccountTokenProjection } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';
import { podName } from '../pods/pod-names.ts';
import { SERVICE_ACCOUNTS } from '../resource-types.ts';

const LIFE_SECONDS = 3600;
const AGE_MAX_MS = 24 * 3_600_000;
const RENEW_AT = 0.8;

export interface Token {
  readonly token: string;
  readonly renewAtMs: number;
}

export class TokenSource {
  readonly #client: Client;
  readonly #clock: Clock;
  /** By pod, then by what was asked for. */
  readonly #tokens = new Map<string, Map<string, Token>>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async get(
    pod: Pod,
    { audience = '', expirationSeconds = LIFE_SECONDS }: ServiceAccountTokenProjection,
  ): Promise<Token> {
    const { uid, namespace, name } = podName(pod);
    const key = `${audience} ${expirationSeconds}`;
    const cached = this.#tokens.get(uid)?.get(key);
    const nowMs = this.#clock.now();
    if (cached !== undefined && nowMs < cached.renewAtMs) return cached;
    const account = { namespace, name: pod.spec.serviceAccountName ?? 'default' };
    const answer = await this.#client.createSubresource(SERVICE_ACCOUNTS, account, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: audience === '' ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    });
    const { token, expirationTimestamp } = statusOf(answer['status']);
    const lifeMs = Math.max(0, timeMs(expirationTimestamp) - nowMs);
    const fresh = { token, renewAtMs: nowMs + Math.min(lifeMs * RENEW_AT, AGE_MAX_MS) };
    const tokens = this.#tokens.get(uid) ?? new Map<string, Token>();
    this.#tokens.set(uid, tokens.set(key, fresh));
    return fresh;
  }

  release(podUid: string): void {
    this.#tokens.delete(podUid);
  }
}

function statusOf(status: unknown): { readonly token: string; readonly expirationTimestamp: string } {
  if (typeof status === 'object' && status !== null && 'token' in status && 'expirationTimestamp' in status) {
    const { token, expirationTimestamp } = status;
    if (typeof token === 'string' && typeof expirationTimestamp === 'string')
      return { token, expirationTimestamp };
  }
  throw new Error('the server answered a token request without a token');
}
