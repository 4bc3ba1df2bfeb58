/**
 * Questions for other servers: asked over UDP (TCP when the client came so), next server when one is
 * silent.
 */

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

const TIMEOUT_MS = 2_000;
/** Beyond this, questions fail at once: the client asks again, and memory stays bounded. */
const IN_FLIGHT_MAX = 1_000;

export class Forwarder {
  readonly #upstreams: readonly string[];
  #inFlight = 0;
  #closed = false;

  constructor(upstreams: readonly string[]) {
    this.#upstreams = upstreams;
  }

  close(): void {
    this.#closed = true;
  }

  /** The answer as it came; undefined when no server gave one. */
  async ask(message: Buffer, overTcp: boolean): Promise<Buffer | undefined> {
    if (this.#inFlight >= IN_FLIGHT_MAX || this.#closed) return undefined;
    this.#inFlight++;
    try {
      for (const upstream of this.#upstreams) {
        const answer = overTcp ? await askTcp(upstream, message) : await askUdp(upstream, message);
        if (answer !== undefined) return answer;
      }
      return undefined;
    } finally {
      this.#inFlight--;
    }
  }
}

function askUdp(upstream: string, message: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    // A socket of its own has a random source port, which makes forged answers hard.
    const socket = createSocket(upstream.includes(':') ? 'udp6' : 'udp4');
    const finish = (answer?: Buffer): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(finish, TIMEOUT_MS);
    socket.once('error', () => finish());
    socket.on('message', (answer) => {
      if (answer.length >= 12 && answer.readUInt16BE(0) === message.readUInt16BE(0)) finish(answer);
    });
    socket.connect(53, upstream, () => socket.send(message));
  });
}

function askTcp(upstream: string, message: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(53, upstream);
    let received: Buffer = Buffer.alloc(0);
    const finish = (answer?: Buffer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(TIMEOUT_MS, () => finish());
    socket.once('error', () => finish());
    socket.once('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length, 0);
      socket.write(Buffer.concat([length, message]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 2 && received.length >= received.readUInt16BE(0) + 2)
        finish(received.subarray(2));
    });
  });
}
