/** Calls webhooks: by URL, or through the Service that their configuration names. */

import type { KubernetesObject } from '../../api/meta/object.ts';
import { parseJson } from '../../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { Status, WebhookClientConfig } from '../../api/types.gen.ts';
import type { HttpsAnswer, HttpsRequest, Network } from '../../host/host.ts';
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
    const query = `timeout=${Math.ceil(timeoutMs / 1000)}s`;
    const { url, connectTo } = target(parts, config, query);
    const caPem =
      config.caBundle === undefined || config.caBundle === '' ? undefined : pemOf(config.caBundle);
    const request: HttpsRequest = {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
      timeoutMs,
      answerMaxBytes: ANSWER_MAX_BYTES,
      ...(connectTo === undefined ? {} : { connectTo }),
      ...(caPem === undefined ? {} : { caPem }),
    };
    const answer = await followed(parts.network, request);
    const text = Buffer.from(answer.body).toString();
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(statusText(answer.status, text));
    }
    if (text === '') throw new Error(emptyText(answer));
    const parsed = parseJson(text);
    if (parsed.ok) return parsed.value;
    throw new Error(`couldn't get version/kind; json parse error: ${parsed.error}`);
  };
}

const REDIRECTS_MAX = 10;

/**
 * The answer behind redirects, as clients in Go find it: 307 and 308 send the same again, the others turn the
 * request into a GET without a body.
 */
async function followed(network: Network, first: HttpsRequest): Promise<HttpsAnswer> {
  let request = first;
  for (let count = 0; ; count++) {
    const answer = await network.request(request);
    const location = String(answer.headers['location'] ?? '');
    if (!REDIRECTS.has(answer.status)) return answer;
    const keeps = answer.status >= 307;
    if (location === '' && keeps) return answer;
    const fail = (why: string): Error => new Error(`Post ${JSON.stringify(first.url)}: ${why}`);
    if (location === '') throw fail(`${answer.status} response missing Location header`);
    if (count === REDIRECTS_MAX - 1) throw fail(`stopped after ${REDIRECTS_MAX} redirects`);
    if (!URL.canParse(location, request.url))
      throw fail(`failed to parse Location header ${JSON.stringify(location)}`);
    const url = new URL(location, request.url);
    if (url.protocol !== 'https:') throw fail(`a redirect to ${url.protocol}//${url.host} is not followed`);
    request = redirected(request, url, keeps);
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function redirected(request: HttpsRequest, url: URL, keeps: boolean): HttpsRequest {
  const { connectTo, body, ...rest } = request;
  // The address of a Service is that of its name only.
  const isThere = connectTo !== undefined && url.host === new URL(request.url).host;
  return {
    ...rest,
    url: url.href,
    method: keeps ? request.method : 'GET',
    ...(isThere ? { connectTo } : {}),
    ...(keeps && body !== undefined ? { body } : {}),
  };
}

function emptyText({ status, headers }: HttpsAnswer): string {
  const type = headers['content-type'] ?? '';
  return `0-length response with status code: ${status} and content type: ${String(type)}`;
}

function pemOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

/** What clients in Go say of an answer that is no success. */
function statusText(status: number, body: string): string {
  const said = messageIn(body);
  const known = STATUS_TEXTS[status];
  if (said.status !== undefined) return said.status;
  if (known !== undefined) return known;
  const shown = said.text.trim().slice(0, SHOWN_MAX);
  if (status === 403) return shown === '' ? 'forbidden' : shown;
  if (status >= 500) {
    return `an error on the server (${JSON.stringify(shown === '' ? 'unknown' : shown)}) has prevented the request from succeeding`;
  }
  return `the server responded with the status code ${status} but did not return more information`;
}

const SHOWN_MAX = 2048;
const STATUS_TEXTS: { readonly [status: number]: string | undefined } = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  406: 'the server was unable to respond with a content type that the client supports',
  409: 'the server reported a conflict',
  415: 'the body of the request was in an unknown format - accepted media types include: ',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** A `Status` speaks for itself. */
function messageIn(body: string): { readonly status?: string; readonly text: string } {
  try {
    const json = JSON.parse(body) as Partial<Status> | null;
    if (json?.kind === 'Status' && typeof json.message === 'string')
      return { status: json.message, text: body };
  } catch {
    // A page or a line for people.
  }
  return { text: body };
}

function target(
  { store, randomInteger }: WebhookCallerParts,
  { url, service }: WebhookClientConfig,
  query: string,
): { readonly url: string; readonly connectTo?: { readonly host: string; readonly port: number } } {
  if (service === undefined) return { url: withQuery(url ?? '', query) };
  const { namespace, name, path = '', port = DEFAULT_PORT } = service;
  const route = path.startsWith('/') ? path : `/${path}`;
  const named = withQuery(`https://${name}.${namespace}.svc:${port}${route}`, query);
  const found = serviceAddress(store, namespace, name, port, randomInteger);
  if (!found.ok) throw new Error(`Post ${JSON.stringify(named)}: ${found.reason}`);
  return { url: named, connectTo: found.address };
}

function withQuery(url: string, query: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}
