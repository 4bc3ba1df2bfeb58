/**
 * Port-forwarding as kubectl speaks it: SPDY streams tunnelled through a WebSocket (KEP-4006). For every
 * connection the client opens a pair of streams, one for data and one for an error, joined by their request
 * id.
 */

import type { WebSocket } from 'ws';
import { errorText, type Logger } from '../../base/log.ts';
import type { ContainerRef, NodeOperations } from '../../client/node-operations.ts';
import { SpdySession, type SpdyStream } from '../../client/streams/spdy/session.ts';

export const PORT_FORWARD_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';

/** Streams that wait for their other half; a client that never sends it must not fill memory. */
const HALVES_MAX = 256;

interface Pair {
  data?: SpdyStream;
  error?: SpdyStream;
}

export function servePortForward(
  socket: WebSocket,
  pod: Omit<ContainerRef, 'container'>,
  operations: NodeOperations,
  logger: Logger,
): void {
  const abort = new AbortController();
  const halves = new Map<string, Pair>();
  const session = new SpdySession(
    {
      send: (bytes) => new Promise((resolve) => socket.send(bytes, { binary: true }, () => resolve())),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      close: () => socket.close(1000),
    },
    (stream) => {
      const id = stream.headers.get('requestid') ?? stream.headers.get('port') ?? '';
      const pair = halves.get(id) ?? {};
      if (stream.headers.get('streamtype') === 'error') pair.error = stream;
      else pair.data = stream;
      if (pair.data === undefined || pair.error === undefined) {
        if (halves.size < HALVES_MAX) halves.set(id, pair);
        return;
      }
      halves.delete(id);
      void forward(pair.data, pair.error, pod, operations, abort.signal, logger);
    },
  );
  socket.on('message', (data: Buffer) => session.receive(data));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    abort.abort();
    session.close();
  });
}

async function forward(
  data: SpdyStream,
  error: SpdyStream,
  pod: Omit<ContainerRef, 'container'>,
  operations: NodeOperations,
  signal: AbortSignal,
  logger: Logger,
): Promise<void> {
  const port = Number(data.headers.get('port') ?? 0);
  try {
    const connection = await operations.portForward(pod, port, signal);
    const upstream = (async (): Promise<void> => {
      for await (const chunk of data.incoming) await connection.write(chunk);
      connection.end();
    })();
    for await (const chunk of connection.incoming) await data.write(chunk);
    await data.end();
    await error.end();
    // The client ends its side when it has read everything.
    void upstream.catch((cause) => logger.debug(`port-forward: ${errorText(cause)}`));
  } catch (cause) {
    const text = `an error occurred forwarding ${port} -> ${port}: ${errorText(cause)}`;
    await error.write(Buffer.from(text));
    await error.end();
    await data.end();
  }
}
