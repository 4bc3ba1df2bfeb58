/** For tests: the HTTP front end on a test pipeline, asked without a socket. */

import { ADMIN, createTestPipeline, type TestContext, type TestParts } from '../pipeline.fixture.ts';
import { silentLogger } from '../../base/log.ts';
import { FlowControl } from '../flow-control/flow-control.ts';
import { bodyDecoders } from './body-decoders.ts';
import { createCodecs } from './codecs.ts';
import type { Exchange, Headers, ResponseStream } from './exchange.ts';
import { Front } from './front.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface TestRequest {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Uint8Array | string;
  /** The body never comes to its end. */
  readonly isStalled?: boolean;
  /** Ends a stream after so many writes. */
  readonly writesMax?: number;
}

export type Ask = (url: string, request?: TestRequest) => Promise<TestAnswer>;

/** Everybody is the administrator. */
export function createTestFront(parts: (context: TestContext) => Partial<TestParts> = () => ({})): {
  readonly ask: Ask;
  readonly handle: (exchange: Exchange) => Promise<void>;
  readonly test: ReturnType<typeof createTestPipeline>;
  readonly flow: FlowControl;
} {
  const test = createTestPipeline(parts);
  const flow = new FlowControl({ store: test.store, clock: test.host.clock, logger: silentLogger });
  const front = new Front({
    executor: test.pipeline,
    resources: test.resources,
    frontProxy: { issued: () => false, userOf: () => undefined },
    authenticators: [{ name: 'all', authenticate: () => ({ result: 'user', user: ADMIN }) }],
    flow,
    authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
    paths: [],
    streams: [],
    decoders: bodyDecoders(test.resources.schemas),
    codecs: createCodecs(test.resources.schemas),
    clock: test.host.clock,
    randomInteger: () => 0,
    logger: silentLogger,
  });
  const ask: Ask = async (url, request = {}) => {
    const { promise, resolve } = Promise.withResolvers<TestAnswer>();
    void front.handle(exchangeOf(url, request, resolve));
    return promise;
  };
  return { ask, handle: (exchange) => front.handle(exchange), test, flow };
}

export function exchangeOf(
  url: string,
  request: TestRequest,
  answer: (answer: TestAnswer) => void,
): Exchange {
  const {
    method = 'GET',
    headers = {},
    body = '',
    isStalled = false,
    writesMax = Number.POSITIVE_INFINITY,
  } = request;
  const abort = new AbortController();
  return {
    method,
    url,
    headers,
    remoteAddress: '127.0.0.1',
    certificate: undefined,
    signal: abort.signal,
    whenClosed: (run) => abort.signal.addEventListener('abort', run),
    body: async () => (isStalled ? new Promise(() => {}) : Buffer.from(body)),
    bodyStream: async function* () {
      yield Buffer.from(body);
    },
    respond: (status, sent, content) => answer({ status, headers: sent, body: Buffer.from(content) }),
    startStream: (status, sent): ResponseStream => {
      const chunks: Buffer[] = [];
      const end = (): void => answer({ status, headers: sent, body: Buffer.concat(chunks) });
      return {
        write: (chunk) => {
          chunks.push(Buffer.from(chunk));
          if (chunks.length < writesMax) return true;
          abort.abort();
          end();
          return true;
        },
        drained: async () => undefined,
        end,
        destroy: end,
      };
    },
  };
}
