/**
 * The cluster DNS server of a node: UDP and TCP, cluster names answered from the view, everything else
 * forwarded. Bounds: questions in flight to upstream servers, TCP connections, message size, time per
 * forwarded question.
 */

import { aborted } from '../../base/abort.ts';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import packet from 'dns-packet';
import { notReady, READY, type Component, type Readiness } from '../../base/component.ts';
import { errorText, type Logger } from '../../base/log.ts';
import { answerQuestion, type DnsRecord, type DnsView } from '../answers.ts';
import { encodeMessage } from '../encode.ts';
import { Forwarder } from './forwarder.ts';

const UDP_PLAIN_MAX = 512;
const UDP_EDNS_MAX = 1232;
const TCP_MAX = 65_535;
const TCP_CONNECTIONS_MAX = 500;
const TCP_IDLE_MS = 10_000;

export interface DnsServerOptions {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly view: DnsView;
  /** Servers for names outside the cluster, in order of preference; none: such names fail. */
  readonly upstreams: readonly string[];
  readonly logger: Logger;
}

export class DnsServer implements Component {
  readonly name = 'dns';
  readonly #options: DnsServerOptions;
  readonly #forwarder: Forwarder;
  #listening = false;

  constructor(options: DnsServerOptions) {
    this.#options = options;
    this.#forwarder = new Forwarder(options.upstreams);
  }

  ready(): Readiness {
    return this.#listening ? READY : notReady('not listening yet');
  }

  /** Rejects when an address cannot be bound. */
  async start(signal: AbortSignal): Promise<void> {
    const { addresses, port } = this.#options;
    const udp = await Promise.all(addresses.map((address) => this.#listenUdp(address, port)));
    const tcp = await Promise.all(addresses.map((address) => this.#listenTcp(address, port)));
    this.#listening = true;
    await aborted(signal);
    this.#listening = false;
    for (const socket of udp) socket.close();
    for (const server of tcp) server.close();
    this.#forwarder.close();
  }

  #listenUdp(address: string, port: number): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.on('message', (message, from) => void this.#answerUdp(socket, message, from));
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, address, () => {
        socket.removeListener('error', reject);
        socket.on('error', (error) => this.#options.logger.warn(`DNS socket: ${errorText(error)}`));
        resolve(socket);
      });
    });
  }

  #listenTcp(address: string, port: number): Promise<Server> {
    const server = createServer((socket) => this.#serveTcp(socket));
    server.maxConnections = TCP_CONNECTIONS_MAX;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, () => resolve(server));
    });
  }

  async #answerUdp(socket: Socket, message: Buffer, { port, address }: RemoteInfo): Promise<void> {
    const answer = await this.#answer(message, false);
    if (answer !== undefined) socket.send(answer, port, address);
  }

  #serveTcp(socket: TcpSocket): void {
    let pending: Buffer = Buffer.alloc(0);
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= pending.readUInt16BE(0) + 2) {
        const end = pending.readUInt16BE(0) + 2;
        const message = pending.subarray(2, end);
        pending = pending.subarray(end);
        void this.#answer(message, true).then((answer) => {
          if (answer === undefined || socket.destroyed) return;
          const length = Buffer.alloc(2);
          length.writeUInt16BE(answer.length, 0);
          socket.write(Buffer.concat([length, answer]));
        });
      }
    });
  }

  /** Undefined for what is no question: silence, so that nobody can be flooded through us. */
  async #answer(message: Buffer, overTcp: boolean): Promise<Buffer | undefined> {
    let query: packet.DecodedPacket;
    try {
      query = packet.decode(message);
    } catch {
      return undefined;
    }
    const question = query.questions?.[0];
    if (query.type !== 'query' || question === undefined || message.length < 12) return undefined;
    const answer = answerQuestion(this.#options.view, question.name, question.type);
    if (answer.result === 'forward') return this.#forward(message, overTcp);
    const edns = (query.additionals ?? []).some((record) => record.type === 'OPT');
    const none: readonly DnsRecord[] = [];
    const negative = answer.result !== 'answer';
    return encodeMessage(
      {
        id: message.readUInt16BE(0),
        question: { name: question.name, type: packetType(message), class: 1 },
        rcode: answer.result === 'nxdomain' ? 3 : 0,
        authoritative: true,
        recursionDesired: (message.readUInt16BE(2) & 0x0100) !== 0,
        answers: negative ? none : answer.records,
        authority: negative ? [{ type: 'SOA', name: this.#options.view.domain }] : none,
        additional: negative ? none : answer.additional,
        edns,
        zone: this.#options.view.domain,
      },
      overTcp ? TCP_MAX : edns ? UDP_EDNS_MAX : UDP_PLAIN_MAX,
    );
  }

  async #forward(message: Buffer, overTcp: boolean): Promise<Buffer | undefined> {
    const answer = await this.#forwarder.ask(message, overTcp);
    return answer ?? serverFailure(message);
  }
}

/** The question's type as a number: the library only tells the names that it knows. */
function packetType(message: Buffer): number {
  let at = 12;
  while (at < message.length && message[at] !== 0) at += (message[at] ?? 0) + 1;
  return at + 3 <= message.length ? message.readUInt16BE(at + 1) : 0;
}

function serverFailure(message: Buffer): Buffer {
  const answer = Buffer.from(message);
  answer.writeUInt16BE(0x8082 | (message.readUInt16BE(2) & 0x0100), 2);
  // Only the question is repeated.
  answer.fill(0, 6, 12);
  return answer;
}
