/**
 * Answers as bytes, with name compression: without it twenty SRV records do not fit a UDP answer. Pure.
 * What does not fit the limit is left out and the truncation bit is set, so that the client asks over TCP.
 */

import type { DnsRecord } from './answers.ts';

/** Upstream's default for records of the cluster; short, since endpoints come and go. */
export const TTL_SECONDS = 5;

const TYPES: { readonly [T in DnsRecord['type']]: number } = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
};
const OPT = 41;
const CLASS_IN = 1;

export interface DnsMessage {
  readonly id: number;
  /** The question as it came, repeated in the answer. */
  readonly question: { readonly name: string; readonly type: number; readonly class: number };
  readonly rcode: 0 | 2 | 3 | 4 | 5;
  readonly authoritative: boolean;
  readonly recursionDesired: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  /** Whether the client spoke EDNS, so that the answer must. */
  readonly edns: boolean;
  /** The zone of SOA records. */
  readonly zone: string;
}

export function encodeMessage(message: DnsMessage, limitBytes: number): Buffer {
  const writer = new MessageWriter(limitBytes - (message.edns ? 11 : 0));
  writer.header(message);
  writer.question(message.question);
  const counts = [message.answers, message.authority, message.additional].map((section) => {
    let written = 0;
    for (const record of section) {
      if (!writer.record(record, message.zone)) break;
      written++;
    }
    return written;
  });
  const truncated = (counts[0] ?? 0) < message.answers.length;
  if (message.edns) writer.edns();
  return writer.finish(message, truncated, counts, message.edns ? 1 : 0);
}

class MessageWriter {
  readonly #bytes: Buffer;
  readonly #limit: number;
  readonly #names = new Map<string, number>();
  #at = 12;

  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = Buffer.alloc(limit + 11 + 600);
  }

  header({ id }: DnsMessage): void {
    this.#bytes.writeUInt16BE(id, 0);
  }

  question({ name, type, class: questionClass }: DnsMessage['question']): void {
    this.#name(name);
    this.#u16(type);
    this.#u16(questionClass);
  }

  /** False, and nothing written, when the record does not fit. */
  record(record: DnsRecord, zone: string): boolean {
    const start = this.#at;
    this.#name(record.type === 'SOA' ? zone : record.name);
    this.#u16(TYPES[record.type]);
    this.#u16(CLASS_IN);
    this.#u32(TTL_SECONDS);
    const lengthAt = this.#at;
    this.#u16(0);
    this.#data(record, zone);
    this.#bytes.writeUInt16BE(this.#at - lengthAt - 2, lengthAt);
    if (this.#at <= this.#limit) return true;
    this.#at = start;
    for (const [name, offset] of this.#names) if (offset >= start) this.#names.delete(name);
    return false;
  }

  edns(): void {
    this.#bytes[this.#at++] = 0;
    this.#u16(OPT);
    this.#u16(1232);
    this.#u32(0);
    this.#u16(0);
  }

  finish(message: DnsMessage, truncated: boolean, counts: readonly number[], opt: number): Buffer {
    const flags =
      0x8000 |
      (message.authoritative ? 0x0400 : 0) |
      (truncated ? 0x0200 : 0) |
      (message.recursionDesired ? 0x0100 : 0) |
      0x0080 |
      message.rcode;
    this.#bytes.writeUInt16BE(flags, 2);
    this.#bytes.writeUInt16BE(1, 4);
    this.#bytes.writeUInt16BE(counts[0] ?? 0, 6);
    this.#bytes.writeUInt16BE(counts[1] ?? 0, 8);
    this.#bytes.writeUInt16BE((counts[2] ?? 0) + opt, 10);
    return this.#bytes.subarray(0, this.#at);
  }

  #data(record: DnsRecord, zone: string): void {
    switch (record.type) {
      case 'A':
        for (const part of record.data.split('.')) this.#bytes[this.#at++] = Number(part);
        return;
      case 'AAAA':
        for (const group of expandIpv6(record.data)) this.#u16(group);
        return;
      case 'NS':
      case 'CNAME':
      case 'PTR':
        return this.#name(record.data);
      case 'TXT': {
        const text = Buffer.from(record.data).subarray(0, 255);
        this.#bytes[this.#at++] = text.length;
        this.#at += text.copy(this.#bytes, this.#at);
        return;
      }
      case 'SRV':
        this.#u16(0);
        this.#u16(record.weight);
        this.#u16(record.port);
        return this.#name(record.target);
      case 'SOA':
        this.#name(`ns.dns.${zone}`);
        this.#name(`hostmaster.${zone}`);
        for (const value of [1, 7200, 1800, 86_400, TTL_SECONDS]) this.#u32(value);
        return;
    }
  }

  #name(name: string): void {
    let rest = name.replace(/\.$/, '');
    while (rest !== '') {
      const known = this.#names.get(rest.toLowerCase());
      if (known !== undefined) return this.#u16(0xc000 | known);
      if (this.#at < 0x4000) this.#names.set(rest.toLowerCase(), this.#at);
      const dot = rest.indexOf('.');
      const label = Buffer.from(dot < 0 ? rest : rest.slice(0, dot)).subarray(0, 63);
      this.#bytes[this.#at++] = label.length;
      this.#at += label.copy(this.#bytes, this.#at);
      rest = dot < 0 ? '' : rest.slice(dot + 1);
    }
    this.#bytes[this.#at++] = 0;
  }

  #u16(value: number): void {
    this.#at = this.#bytes.writeUInt16BE(value & 0xffff, this.#at);
  }
  #u32(value: number): void {
    this.#at = this.#bytes.writeUInt32BE(value >>> 0, this.#at);
  }
}

function expandIpv6(address: string): readonly number[] {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((g) => Number.parseInt(g, 16));
  const left = groups(head);
  const right = address.includes('::') ? groups(tail) : [];
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}
