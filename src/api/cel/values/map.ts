/** Maps and objects that expressions build. Keys of different numeric types that are equal are one key. */

import type { ObjectType } from '../types/type.ts';
import { CelError, type CelValue, Double, isInt, MapValue, ObjectValue, Uint } from './value.ts';

type Canonical = string | number | bigint | boolean;

/** What JavaScript's `Map` compares as CEL compares keys; undefined when no key can be equal to it. */
function canonicalKey(key: CelValue): Canonical | undefined {
  if (typeof key === 'string' || typeof key === 'boolean' || isInt(key)) return key;
  if (key instanceof Uint) {
    return key.value <= 9007199254740991n ? Number(key.value) : key.value;
  }
  if (key instanceof Double && Number.isInteger(key.value)) {
    return Number.isSafeInteger(key.value) ? key.value + 0 : BigInt(key.value);
  }
  return undefined;
}

export class LiteralMap extends MapValue {
  readonly #entries: Map<Canonical, readonly [CelValue, CelValue]> = new Map();

  override get size(): number {
    return this.#entries.size;
  }

  override get(key: CelValue): CelValue | undefined {
    const canonical = canonicalKey(key);
    return canonical === undefined ? undefined : this.#entries.get(canonical)?.[1];
  }

  override keys(): readonly CelValue[] {
    return Array.from(this.#entries.values(), ([key]) => key);
  }

  /** Only while the map is being built. */
  insert(key: CelValue, value: CelValue, onRepeated: (key: CelValue) => string): void {
    const canonical = canonicalKey(key);
    if (canonical === undefined || key instanceof Double) throw new CelError('unsupported key type');
    if (this.#entries.has(canonical)) throw new CelError(onRepeated(key));
    this.#entries.set(canonical, [key, value]);
  }
}

export function mapFrom(entries: Iterable<readonly [CelValue, CelValue]>): LiteralMap {
  const map = new LiteralMap();
  for (const [key, value] of entries) map.insert(key, value, () => 'Failed with repeated key');
  return map;
}

/** `Object.spec{replicas: 3}`. */
export class BuiltObject extends ObjectValue {
  override readonly type: ObjectType;
  readonly #fields: ReadonlyMap<string, CelValue>;

  constructor(type: ObjectType, fields: ReadonlyMap<string, CelValue>) {
    super();
    this.type = type;
    this.#fields = fields;
  }

  override get(escapedName: string): CelValue | undefined {
    return this.#fields.get(escapedName);
  }

  override entries(): ReadonlyMap<string, CelValue> {
    return new Map(Array.from(this.#fields, ([name, value]) => [this.type.field(name)?.name ?? name, value]));
  }
}
