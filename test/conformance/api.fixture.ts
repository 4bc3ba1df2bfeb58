/**
 * For tests that go the way of the official conformance tests: a whole cluster in this process, asked over
 * HTTP as any client asks it, under virtual time.
 *
 * Bodies are plain JSON. What comes back is read loosely (`Fields`), because these tests look at what is on
 * the wire and not at what our types say.
 */

import assert from 'node:assert/strict';
import type { Exchange, Headers } from '../../src/apiserver/http/exchange.ts';
import { startCluster, type TestCluster, type TestClusterOptions } from '../../src/testing/start-cluster.ts';

/** Any JSON value, to be read field by field. */
export interface Fields {
  readonly [field: string]: Fields;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: Fields;
}

export interface Watch {
  /** What has come so far. */
  readonly events: readonly WatchEvent[];
  /** `ADDED name`, `MODIFIED name`, … of what has come so far. */
  readonly seen: () => readonly string[];
  readonly stop: () => void;
}

export interface Request {
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
}

type PatchType = 'merge' | 'strategic' | 'json' | 'apply';
const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** What the server refused, with its `Status`. */
export class Refused extends Error {
  readonly code: number;
  readonly status: Fields;

  constructor(request: string, code: number, text: string) {
    super(`${request}: ${code} ${text}`);
    this.code = code;
    this.status = JSON.parse(text.startsWith('{') ? text : '{}') as Fields;
  }
}

export class Api {
  readonly cluster: TestCluster;
  readonly #user: { readonly CN: string; readonly O: string };

  constructor(cluster: TestCluster, user = { CN: 'admin', O: 'system:masters' }) {
    this.cluster = cluster;
    this.#user = user;
  }

  ask(method: string, url: string, request: Request = {}): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const chunks: Buffer[] = [];
    const exchange = this.#exchange(method, url, request, {
      answer: (status, headers, body) => resolve({ status, headers, text: body.toString() }),
      chunk: (bytes) => chunks.push(bytes),
      end: (status, headers) => resolve({ status, headers, text: Buffer.concat(chunks).toString() }),
    });
    void this.cluster.handle(exchange.exchange);
    return promise;
  }

  async #send(method: string, url: string, body?: unknown, type = 'application/json'): Promise<Fields> {
    const { status, text } = await this.ask(method, url, { headers: { 'content-type': type }, body });
    if (status >= 300) throw new Refused(`${method} ${url}`, status, text);
    return JSON.parse(text) as Fields;
  }

  get(url: string): Promise<Fields> {
    return this.#send('GET', url);
  }

  async list(url: string): Promise<readonly Fields[]> {
    return each((await this.get(url)).items);
  }

  post(url: string, body: unknown): Promise<Fields> {
    return this.#send('POST', url, body);
  }

  put(url: string, body: unknown): Promise<Fields> {
    return this.#send('PUT', url, body);
  }

  patch(url: string, body: unknown, type: PatchType = 'merge'): Promise<Fields> {
    return this.#send('PATCH', url, body, PATCH_TYPES[type]);
  }

  delete(url: string, options?: unknown): Promise<Fields> {
    return this.#send('DELETE', url, options);
  }

  /** Reads, changes and replaces, again whenever somebody else was faster. */
  async change(url: string, change: (object: Fields) => unknown): Promise<Fields> {
    for (;;) {
      try {
        return await this.put(
          url,
          change(await this.get(url.replace(/\/(status|ephemeralcontainers)$/, ''))),
        );
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== 409) throw error;
      }
    }
  }

  /** `url` without `watch=true`. */
  watch(url: string): Watch {
    const events: WatchEvent[] = [];
    let rest = '';
    const take = (bytes: Buffer): void => {
      const lines = (rest + bytes.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) events.push(JSON.parse(line) as WatchEvent);
    };
    const watching = `${url}${url.includes('?') ? '&' : '?'}watch=true`;
    const { exchange, abort } = this.#exchange(
      'GET',
      watching,
      {},
      {
        answer: (status, _headers, body) => events.push({ type: `${status}`, object: JSON.parse(`${body}`) }),
        chunk: take,
        end: () => undefined,
      },
    );
    void this.cluster.handle(exchange);
    const seen = (): readonly string[] =>
      events.map(({ type, object }) => `${type} ${object.metadata?.name}`);
    return { events, seen, stop: () => abort.abort() };
  }

  /** A namespace of its own, ready for pods. */
  async namespace(name: string): Promise<string> {
    await this.post('/api/v1/namespaces', { metadata: { name } });
    await this.eventually(() => this.get(`/api/v1/namespaces/${name}/serviceaccounts/default`));
    return name;
  }

  /** Lets time pass until `check` neither throws nor says false; fails as it last did. */
  async eventually<T>(check: () => T | Promise<T>, withinMs = 180_000): Promise<T> {
    for (let passedMs = 0; ; passedMs += STEP_MS) {
      try {
        const result = await check();
        assert.notEqual(result, false, 'not yet so');
        return result;
      } catch (error) {
        if (passedMs >= withinMs) throw error;
        await this.cluster.clock.advance(STEP_MS);
      }
    }
  }

  /** Until it is not there any more. */
  async gone(url: string, withinMs?: number): Promise<void> {
    await this.eventually(async () => assert.equal((await refusal(this.get(url))).code, 404), withinMs);
  }

  #exchange(method: string, url: string, { headers = {}, body }: Request, take: Taker): Opened {
    const abort = new AbortController();
    const content = Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
    const exchange: Exchange = {
      method,
      url,
      headers: { accept: 'application/json', ...headers },
      remoteAddress: '127.0.0.1',
      certificate: { subject: this.#user } as never,
      signal: abort.signal,
      whenClosed: (run) => abort.signal.addEventListener('abort', run),
      body: async () => content,
      bodyStream: async function* () {
        yield content;
      },
      respond: (status, sent, bytes) => take.answer(status, sent, Buffer.from(bytes)),
      startStream: (status, sent) => {
        const end = (): void => take.end(status, sent);
        return {
          write: (chunk) => {
            take.chunk(Buffer.from(chunk));
            return true;
          },
          drained: async () => undefined,
          end,
          destroy: end,
        };
      },
    };
    return { exchange, abort };
  }
}

interface Opened {
  readonly exchange: Exchange;
  readonly abort: AbortController;
}

interface Taker {
  answer(status: number, headers: Headers, body: Buffer): void;
  chunk(bytes: Buffer): void;
  end(status: number, headers: Headers): void;
}

const STEP_MS = 250;

export async function startApi(options: TestClusterOptions = {}): Promise<Api> {
  const cluster = await startCluster({ nodes: 2, ...options });
  await cluster.settle();
  return new Api(cluster);
}

export async function refusal(request: Promise<unknown>): Promise<{
  readonly code: number;
  readonly reason: unknown;
  readonly message: string;
  readonly status: Fields;
}> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, status } = error;
    return { code, reason: status.reason, message: String(status.message), status };
  }
  return assert.fail('nothing was refused');
}

/** The elements of a list that may be absent. */
export function each(list: Fields | undefined): readonly Fields[] {
  return Array.isArray(list) ? (list as readonly Fields[]) : [];
}

export function condition(object: Fields, type: string): Fields | undefined {
  return each(object.status?.conditions).find((one) => String(one.type) === type);
}

export function nameOf(object: Fields | undefined): string {
  return String(object?.metadata?.name);
}

/** The object contains at least this. */
export function includes(object: unknown, part: object): void {
  assert.partialDeepStrictEqual(object as object, part);
}

/** A pod template that runs until it is stopped. */
export function template(labels: { readonly [key: string]: string }, image = 'agnhost:2.53'): object {
  return {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image }] },
  };
}
