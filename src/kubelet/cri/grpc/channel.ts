/**
 * The socket to a runtime: unary calls and event streams over gRPC, with deadlines, cancellation and errors
 * turned into `CriError`. The only file that knows the gRPC library, which it loads when first used.
 */

import type { Client, Metadata, ServiceError, StatusObject } from '@grpc/grpc-js';

import { CriError, type CriErrorCode } from '../cri.ts';
import type { Call } from './wire-calls.ts';

export interface Channel {
  /** `timeoutMs` absent: no deadline, as for pulls, which only the signal ends. */
  call<Q, R>(call: Call<Q, R>, request: Q, options?: CallOptions): Promise<R>;
  /** Resolves when the signal aborts or the runtime ends the stream; rejects when it fails. */
  stream<Q, R>(
    call: Call<Q, R>,
    request: Q,
    onMessage: (message: R) => void,
    signal: AbortSignal,
  ): Promise<void>;
  close(): void;
}

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** As the kubelet has it: a list of many containers is long. */
const messageBytesMax = 16 * 2 ** 20;

/** In the order of gRPC's numbers, from 1 on. */
const codes: readonly CriErrorCode[] = [
  'Cancelled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];

/**
 * Connects when first used, and again after the runtime came back. `socketPath` is an absolute path; `headers`
 * go with every unary call.
 */
export async function openChannel(
  socketPath: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Channel> {
  const grpc = await import('@grpc/grpc-js');
  const client = new grpc.Client(`unix://${socketPath}`, grpc.credentials.createInsecure(), {
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
    // The kubelet repeats what failed; a runtime that restarts is back within a second or two.
    'grpc.enable_retries': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 3000,
  });
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return {
    call: (call, request, options) => unary(client, metadata, call, request, options),
    stream: (call, request, onMessage, signal) => serverStream(client, call, request, onMessage, signal),
    close: () => client.close(),
  };
}

function unary<Q, R>(
  client: Client,
  metadata: Metadata,
  { path, request: codec, response }: Call<Q, R>,
  request: Q,
  { timeoutMs, signal }: CallOptions = {},
): Promise<R> {
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  if (signal?.aborted === true) return Promise.reject(cancelled(signal));
  const ongoing = client.makeUnaryRequest(
    path,
    (value: Q) => Buffer.from(codec.encode(value)),
    (bytes: Buffer) => response.decode(bytes),
    request,
    metadata,
    timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
    (error: ServiceError | null, answer?: R) => {
      signal?.removeEventListener('abort', cancel);
      if (error !== null) reject(signal?.aborted === true ? cancelled(signal) : criError(error));
      else if (answer === undefined)
        reject(new CriError('Internal', `${path} was answered without a message`));
      else resolve(answer);
    },
  );
  const cancel = (): void => ongoing.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return promise;
}

function serverStream<Q, R>(
  client: Client,
  { path, request: codec, response }: Call<Q, R>,
  request: Q,
  onMessage: (message: R) => void,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const stream = client.makeServerStreamRequest(
    path,
    (value: Q) => Buffer.from(codec.encode(value)),
    (bytes: Buffer) => response.decode(bytes),
    request,
  );
  const cancel = (): void => stream.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  stream.on('data', onMessage);
  // A failed stream says `error` and then `end`; one that is over says `end` only.
  stream.on('error', (error: ServiceError) => (signal.aborted ? resolve() : reject(criError(error))));
  stream.on('end', () => resolve());
  return promise.finally(() => signal.removeEventListener('abort', cancel));
}

function criError(error: ServiceError | StatusObject): CriError {
  return new CriError(codes[error.code - 1] ?? 'Unknown', error.details, error);
}

function cancelled(signal: AbortSignal): CriError {
  return new CriError('Cancelled', 'context canceled', signal.reason);
}
