/**
 * A small protobuf codec driven by tables: `message<T>({ name: field(1, text), ... })`.
 *
 * Input and output: readonly objects of type `T` and bytes. The compiler proves that a table has exactly the
 * fields of its type. Rules are proto3's: zero values are not written, absent fields are read as zero values,
 * unknown fields are skipped, the last of repeated scalars wins, packed and unpacked lists are both read.
 */

/** How one value stands on the wire. */
export interface Kind<T> {
  readonly wireType: 0 | 2;
  /** What an absent field means; it is not written either. */
  readonly zero: T;
  /** Writes the value; for wire type 2, without its length. */
  write(out: Writer, value: T): void;
  /** For wire type 2, `input` ends with the value. */
  read(input: Reader): T;
}

export interface Field<T> {
  readonly number: number;
  readonly initial: T;
  write(out: Writer, value: T): void;
  read(input: Reader, wireType: number, previous: T): T;
}

export type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Field<T[K] | undefined> : Field<T[K]>;
};

export interface Message<T> extends Kind<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

export class Writer {
  readonly #bytes: number[] = [];
  readonly #chunks: Uint8Array[] = [];

  varint(value: number): void {
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) return this.#bigVarint(value);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes.push((rest & 0x7f) | 0x80);
    this.#bytes.push(rest);
  }

  /** Negative numbers as two's complement of 64 bits, as int32 and int64 have it. */
  #bigVarint(value: number): void {
    const limited = Math.min(Math.max(value, -(2 ** 63)), 2 ** 64 - 2048);
    let rest = BigInt.asUintN(64, BigInt(limited));
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes.push(Number(rest & 0x7fn) | 0x80);
    this.#bytes.push(Number(rest));
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  block(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.#chunks.push(Uint8Array.from(this.#bytes.splice(0)), bytes);
  }

  finish(): Uint8Array {
    return Buffer.concat([...this.#chunks, Uint8Array.from(this.#bytes)]);
  }
}

export class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#at = 0;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error('protobuf: the message ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('protobuf: a number is longer than 64 bits');
  }

  block(): Reader {
    return new Reader(this.#take(Number(this.varint())));
  }

  rest(): Uint8Array {
    return this.#take(this.#bytes.length - this.#at);
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#take(8);
    else if (wireType === 2) this.block();
    else if (wireType === 5) this.#take(4);
    else throw new Error(`protobuf: wire type ${wireType} is not in use`);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('protobuf: the message ends within a field');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

// Kinds

export const text: Kind<string> = {
  wireType: 2,
  zero: '',
  write: (out, value) => out.raw(Buffer.from(value)),
  read: (input) => Buffer.from(input.rest()).toString(),
};

export const bytes: Kind<Uint8Array> = {
  wireType: 2,
  zero: new Uint8Array(0),
  write: (out, value) => out.raw(value),
  read: (input) => input.rest(),
};

export const bool: Kind<boolean> = {
  wireType: 0,
  zero: false,
  write: (out, value) => out.varint(value ? 1 : 0),
  read: (input) => input.varint() !== 0n,
};

/** int32 and int64. */
export const integer: Kind<number> = {
  wireType: 0,
  zero: 0,
  write: (out, value) => out.varint(value),
  read: (input) => Number(BigInt.asIntN(64, input.varint())),
};

/** uint32 and uint64. */
export const unsigned: Kind<number> = {
  ...integer,
  read: (input) => Number(BigInt.asUintN(64, input.varint())),
};

/** Nanoseconds on the wire, milliseconds (with a fraction) here. */
export const instant: Kind<number> = {
  ...integer,
  write: (out, value) => out.varint(Math.round(value * 1e6)),
  read: (input) => Number(BigInt.asIntN(64, input.varint())) / 1e6,
};

/** An enum by its names; the first one is number 0, and stands for numbers that are not known. */
export function oneOf<T extends string>(first: T, ...more: readonly T[]): Kind<T> {
  const names = [first, ...more];
  return {
    wireType: 0,
    zero: first,
    write(out, value) {
      const number = names.indexOf(value);
      if (number < 0) throw new Error(`protobuf: ${value} is none of ${names.join(', ')}`);
      out.varint(number);
    },
    read: (input) => names[Number(input.varint())] ?? first,
  };
}

/** A message with one field that matters, such as `Int64Value`, taken for the field itself. */
export function wrapped<T>(number: number, kind: Kind<T>): Kind<T> {
  const inner = message<{ readonly value: T }>({ value: field(number, kind) });
  return {
    wireType: 2,
    zero: kind.zero,
    write: (out, value) => inner.write(out, { value }),
    read: (input) => inner.read(input).value,
  };
}

// Fields

function writeTagged<T>(out: Writer, number: number, kind: Kind<T>, value: T): void {
  out.tag(number, kind.wireType);
  if (kind.wireType === 0) return kind.write(out, value);
  const inner = new Writer();
  kind.write(inner, value);
  out.block(inner.finish());
}

const readOne = <T>(input: Reader, kind: Kind<T>): T =>
  kind.read(kind.wireType === 0 ? input : input.block());

export function field<T>(number: number, kind: Kind<T>): Field<T> {
  return {
    number,
    initial: kind.zero,
    write(out, value) {
      if (value !== kind.zero) writeTagged(out, number, kind, value);
    },
    read: (input) => readOne(input, kind),
  };
}

/** Absent and zero differ: for messages and for wrapped values. */
export function optional<T>(number: number, kind: Kind<T>): Field<T | undefined> {
  return {
    number,
    initial: undefined,
    write(out, value) {
      if (value !== undefined) writeTagged(out, number, kind, value);
    },
    read: (input) => readOne(input, kind),
  };
}

export function list<T>(number: number, kind: Kind<T>): Field<readonly T[]> {
  return {
    number,
    initial: [],
    write(out, values) {
      for (const value of values) writeTagged(out, number, kind, value);
    },
    read(input, wireType, previous) {
      if (wireType === kind.wireType) return [...previous, readOne(input, kind)];
      const packed = input.block();
      const values = [...previous];
      while (!packed.done) values.push(kind.read(packed));
      return values;
    },
  };
}

export function textMap(number: number): Field<Readonly<Record<string, string>>> {
  const pair = message<{ readonly key: string; readonly value: string }>({
    key: field(1, text),
    value: field(2, text),
  });
  return {
    number,
    initial: {},
    write(out, values) {
      for (const [key, value] of Object.entries(values)) writeTagged(out, number, pair, { key, value });
    },
    read(input, _wireType, previous) {
      const { key, value } = readOne(input, pair);
      return { ...previous, [key]: value };
    },
  };
}

// Messages

type AnyField = Field<unknown>;

export function message<T extends object>(fields: Fields<T>): Message<T> {
  const entries = Object.entries(fields) as readonly (readonly [string, AnyField])[];
  const byNumber = new Map(entries.map(([name, entry]) => [entry.number, [name, entry] as const]));
  const initial = Object.fromEntries(
    entries.filter(([, entry]) => entry.initial !== undefined).map(([name, entry]) => [name, entry.initial]),
  );
  const read = (input: Reader): T => {
    const value: Record<string, unknown> = { ...initial };
    while (!input.done) {
      const tag = Number(input.varint());
      const known = byNumber.get(tag >>> 3);
      if (known === undefined) input.skip(tag & 7);
      else value[known[0]] = known[1].read(input, tag & 7, value[known[0]]);
    }
    // The table has every field of T with its type, as `Fields<T>` demands.
    return value as T;
  };
  const write = (out: Writer, value: T): void => {
    const values = value as Readonly<Record<string, unknown>>;
    for (const [name, entry] of entries) {
      if (values[name] !== undefined) entry.write(out, values[name]);
    }
  };
  return {
    wireType: 2,
    zero: initial as T,
    write,
    read,
    encode(value) {
      const out = new Writer();
      write(out, value);
      return out.finish();
    },
    decode: (encoded) => read(new Reader(encoded)),
  };
}
