/**
 * Streams of the container runtime, over the SPDY session that its streaming server offers at the URL it
 * gave: the streams of a process, or one connection to a port.
 */

import { whenAborted } from '../../base/abort.ts';
import type { ExecResult, PortStream, ProcessStreams } from '../../client/node-operations.ts';
import { resultOf } from '../../client/streams/channel-protocol.ts';
import { connectSpdy, type SpdyClient, type SpdyClientStream } from './spdy-client.ts';

/** v5 only adds to WebSockets; with SPDY streams always end by themselves. */
const PROCESS_PROTOCOLS = ['v4.channel.k8s.io'];
const PORT_PROTOCOLS = ['portforward.k8s.io'];

/** A command or an attachment; resolves with its end. */
export async function runRuntimeStream(
  url: string,
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<ExecResult> {
  const session = await connectSpdy(url, PROCESS_PROTOCOLS);
  const stop = whenAborted(signal, () => session.close());
  try {
    return await runProcess(session, streams);
  } finally {
    stop();
    session.close();
  }
}

async function runProcess(
  session: SpdyClient,
  { stdin, stdout, stderr, resizes }: ProcessStreams,
): Promise<ExecResult> {
  const open = (type: string): Promise<SpdyClientStream> => session.open(new Map([['streamtype', type]]));
  const errors = await open('error');
  const input = stdin === undefined ? undefined : await open('stdin');
  const outputs = [
    stdout === undefined ? undefined : pump((await open('stdout')).incoming, stdout),
    stderr === undefined ? undefined : pump((await open('stderr')).incoming, stderr),
  ];
  const sizes = resizes === undefined ? undefined : await open('resize');
  // Input may never end; the process does.
  ignoreFailure(feedInput(input, stdin));
  ignoreFailure(feedSizes(sizes, resizes));
  const [status] = await Promise.all([textOf(errors.incoming), ...outputs]);
  if (status !== '') return resultOf(status);
  return { error: 'the connection to the runtime was closed before the command ended' };
}

async function pump(
  chunks: AsyncIterable<Uint8Array>,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  for await (const chunk of chunks) await write(chunk);
}

async function feedInput(input: SpdyClientStream | undefined, stdin: ProcessStreams['stdin']): Promise<void> {
  if (input === undefined || stdin === undefined) return;
  for await (const chunk of stdin) await input.write(chunk);
  await input.end();
}

async function feedSizes(
  sizes: SpdyClientStream | undefined,
  resizes: ProcessStreams['resizes'],
): Promise<void> {
  if (sizes === undefined || resizes === undefined) return;
  for await (const { width, height } of resizes)
    await sizes.write(Buffer.from(JSON.stringify({ Width: width, Height: height })));
}

/** A caller whose input breaks off has gone, which its signal tells as well. */
function ignoreFailure(work: Promise<void>): void {
  work.catch(() => {});
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

/** Rejects, while it is read, when nothing listens there. */
export async function openRuntimePort(url: string, port: number, signal: AbortSignal): Promise<PortStream> {
  const session = await connectSpdy(url, PORT_PROTOCOLS);
  void session.closed.then(whenAborted(signal, () => session.close()));
  const open = (type: string): Promise<SpdyClientStream> =>
    session.open(new Map([['streamtype', type], ['port', String(port)], ['requestid', '0']])); // prettier-ignore
  const errors = await open('error');
  await errors.end();
  const data = await open('data');
  return {
    incoming: failing(data.incoming, textOf(errors.incoming), session),
    write: (chunk) => data.write(chunk),
    end: () => void data.end(),
    destroy: () => session.close(),
  };
}

async function* failing(
  chunks: AsyncIterable<Uint8Array>,
  failure: Promise<string>,
  session: SpdyClient,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
  const text = await failure;
  session.close();
  if (text !== '') throw new Error(text);
}
