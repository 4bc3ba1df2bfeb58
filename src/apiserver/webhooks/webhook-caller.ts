/** Calls webhooks: by URL, or through the Service that their configuration names. */

import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { WebhookClientConfig } from '../../api/types.gen.ts';
import type { HttpsRequest, Network } from '../../host/host.ts';
import type { Store } from '../../store/store.ts';
import { serviceAddress } from './service-address.ts';

/** As upstream's limit of what is read from a webhook. */
const ANSWER_MAX_BYTES = 3 * 1024 * 1024;
const DEFAULT_PORT = 443;

export interface WebhookCallerParts {
  readonly network: Network;
  readonly store: Store<KubernetesObject>;
  readonly randomInteger: (bound: number) => number;
}

/** Posts JSON and gives the answer's JSON; rejects with a text for people. */
export type CallWebhook = (
  config: WebhookClientConfig,
  body: JsonObject,
  timeoutMs: number,
) => Promise<JsonValue>;

export function webhookCaller(parts: WebhookCallerParts): CallWebhook {
  return async (config, body, timeoutMs) => {
    const { url, connectTo } = target(parts, config);
    const caPem =
      config.caBundle === undefined || config.caBundle === '' ? undefined : pemOf(config.caBundle);
    const request: HttpsRequest = {
      method: 'POST',
      url: `${url}${url.includes('?') ? '&' : '?'}timeout=${Math.ceil(timeoutMs / 1000)}s`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
      timeoutMs,
      answerMaxBytes: ANSWER_MAX_BYTES,
      ...(connectTo === undefined ? {} : { connectTo }),
      ...(caPem === undefined ? {} : { caPem }),
    };
    const answer = await parts.network.request(request);
    const text = Buffer.from(answer.body).toString();
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(
        `the server responded with the status code ${answer.status} but did not return more information: ${text.slice(0, 256)}`,
      );
    }
    return JSON.parse(text) as JsonValue;
  };
}

function pemOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

function target(
  { store, randomInteger }: WebhookCallerParts,
  { url, service }: WebhookClientConfig,
): { readonly url: string; readonly connectTo?: { readonly host: string; readonly port: number } } {
  if (service === undefined) return { url: url ?? '' };
  const { namespace, name, path = '', port = DEFAULT_PORT } = service;
  const found = serviceAddress(store, namespace, name, port, randomInteger);
  if (!found.ok) throw new Error(`failed to call webhook: ${found.reason}`);
  const route = path.startsWith('/') || path === '' ? path : `/${path}`;
  return { url: `https://${name}.${namespace}.svc:${port}${route}`, connectTo: found.address };
}
