/**
 * One HTTP/2 connection to an API server, opened when first needed and again after it broke. Many requests
 * and watches share it.
 */

import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';

export interface ServerAccess {
  /** `https://host:port` */
  readonly url: string;
  readonly authorityPem: string;
  /** A client certificate, or a bearer token. */
  readonly certificatePem?: string;
  readonly keyPem?: string;
  /** A client certificate that changes: asked for whenever a connection is made. */
  readonly client?: () => { readonly certificatePem: string; readonly keyPem: string };
  readonly token?: () => string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly stream: ClientHttp2Stream;
}

const CONNECT_MAX_MS = 10_000;
/** A silent peer is noticed after one ping without an answer. */
const PING_PERIOD_MS = 30_000;

export class Connection {
  readonly #access: ServerAccess;
  #session: ClientHttp2Session | undefined;
  #closed = false;

  constructor(access: ServerAccess) {
    this.#access = access;
  }

  /**
   * Resolves when the answer's headers are there; its body is `stream`. Rejects when the server is out of
   * reach.
   */
  request(
    method: string,
    path: string,
    headers: { readonly [name: string]: string },
    body: Uint8Array | string | undefined,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    if (this.#closed) return Promise.reject(new Error('the client is closed'));
    const session = this.#connected();
    const token = this.#access.token?.() ?? '';
    const stream = session.request(
      {
        ...headers,
        ':method': method,
        ':path': path,
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      { endStream: body === undefined, ...(signal === undefined ? {} : { signal }) },
    );
    if (body !== undefined) stream.end(body);
    return new Promise((resolve, reject) => {
      stream.once('response', (answer) =>
        resolve({ status: Number(answer[':status'] ?? 0), headers: answer, stream }),
      );
      stream.once('error', (cause) =>
        reject(new Error(`${method} ${this.#access.url}${path.split('?')[0] ?? ''} failed`, { cause })),
      );
      stream.once('close', () =>
        reject(new Error(`${method} ${path.split('?')[0] ?? ''}: the connection was closed`)),
      );
    });
  }

  close(): void {
    this.#closed = true;
    this.#session?.destroy();
  }

  #connected(): ClientHttp2Session {
    const present = this.#session;
    if (present !== undefined && !present.destroyed && !present.closed) return present;
    const { url, authorityPem, client } = this.#access;
    const { certificatePem, keyPem } = client?.() ?? this.#access;
    const session = connect(url, {
      ca: authorityPem,
      ...(certificatePem === undefined ? {} : { cert: certificatePem }),
      ...(keyPem === undefined ? {} : { key: keyPem }),
      ALPNProtocols: ['h2'],
      settings: { initialWindowSize: 4 << 20, enablePush: false },
    });
    this.#session = session;
    // Each request reports the failure to its caller; the session only has to be replaced.
    session.on('error', () => session.destroy());
    session.on('goaway', () => session.close());
    session.setTimeout(PING_PERIOD_MS, () => checkAlive(session));
    session.once('connect', () => session.setLocalWindowSize(16 << 20));
    return session;
  }
}

function checkAlive(session: ClientHttp2Session): void {
  if (session.destroyed) return;
  session.setTimeout(CONNECT_MAX_MS, () => session.destroy(undefined, constants.NGHTTP2_CANCEL));
  session.ping((error) => {
    if (error !== null) session.destroy();
    else session.setTimeout(PING_PERIOD_MS, () => checkAlive(session));
  });
}

/** The whole body as text. */
export async function bodyText(answer: HttpAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer.stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** The lines of a streamed body, in batches as they arrive. */
export async function* bodyLines(answer: HttpAnswer): AsyncGenerator<readonly string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of answer.stream) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const end = bytes.lastIndexOf(0x0a);
    if (end < 0) {
      rest = bytes;
      continue;
    }
    rest = bytes.subarray(end + 1);
    yield bytes.subarray(0, end).toString().split('\n');
  }
}
