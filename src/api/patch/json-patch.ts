/**
 * JSON patch (RFC 6902), with the liberties of the implementation that upstream uses: negative indices
 * count from the end, `replace` sets a key that is not there, a value that is left out is null, `copy` of
 * nothing copies null, and the whole document can be replaced and tested, but not added or removed.
 *
 * Input: a document and a patch, both parsed. Output: the patched document, or 400 for something that is no
 * patch and 422 for an operation that cannot be done; all or nothing. Bounds: 10,000 operations; 3 MiB of
 * copied values, as copies of copies would double without end.
 */

import { ApiError } from '../meta/api-error.ts';
import { deepEqual } from '../meta/equal.ts';
import { ownValue, setKey } from '../meta/own-key.ts';
import type { Literals } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { isList, isObject, malformed, patched, PatchRefusal, unprocessable, type Patched } from './patch.ts';
import { goKindOf } from '../schema/decode-scalar.ts';
import { WrittenNumbers } from './written-numbers.ts';

const OPERATIONS_MAX = 10_000;
const COPIED_BYTES_MAX = 3 * 1024 * 1024;

type MutableObject = { [key: string]: JsonValue | undefined };
type Container = MutableObject | JsonValue[];

/** `literals`: numbers of the patch that are not written as JavaScript writes them, by their paths in it. */
export function applyJsonPatch(document: JsonValue, patch: JsonValue, literals?: Literals): Patched {
  if (literals === undefined) return applyOperations(document, patch);
  const numbers = new WrittenNumbers();
  const outcome = applyOperations(document, numbers.marked(patch, literals));
  return outcome.ok ? { ok: true, ...numbers.resolved(outcome.value) } : outcome;
}

function applyOperations(document: JsonValue, patch: JsonValue): Patched {
  return patched(() => {
    if (patch === null) return document;
    if (!isList(patch)) throw notGo(patch, 'jsonpatch.Patch');
    for (const operation of patch) {
      if (operation !== null && !isObject(operation)) throw notGo(operation, 'jsonpatch.Operation');
    }
    if (patch.length > OPERATIONS_MAX) {
      const text = `The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}, got ${patch.length}`;
      throw new PatchRefusal(new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: ${text}`));
    }
    const run = new JsonPatchRun(document);
    for (const operation of patch) run.apply((operation ?? {}) as JsonObject);
    return run.document;
  });
}

function notGo(value: JsonValue, type: string): PatchRefusal {
  return malformed(`json: cannot unmarshal ${goKindOf(value)} into Go value of type ${type}`);
}

/** Where an operation is to be done: a container and a key or index in it. */
interface Place {
  readonly path: string;
  /** The way to the container; the last step is the key in it. */
  readonly steps: readonly string[];
  readonly key: string;
  readonly container: JsonObject | readonly JsonValue[];
}

class JsonPatchRun {
  document: JsonValue;
  #copiedBytes = 0;
  /** Containers that this run made, which it may change in place. */
  #owned = new Set<object>();

  constructor(document: JsonValue) {
    this.document = document;
  }

  apply(operation: JsonObject): void {
    const op = typeof operation['op'] === 'string' ? operation['op'] : 'unknown';
    switch (op) {
      case 'add':
        return this.#add(operation);
      case 'replace':
        return this.#replace(operation);
      case 'remove':
        return this.#remove(operation);
      case 'move':
        return this.#move(operation);
      case 'copy':
        return this.#copy(operation);
      case 'test':
        return this.#test(operation);
      default:
        throw unprocessable(`Unexpected kind: ${op}`);
    }
  }

  #add(operation: JsonObject): void {
    const path = textOf(operation, 'path', 'add', true);
    const place =
      this.#place(path) ?? missing(`add operation does not apply: doc is missing path: "${path}"`);
    said(`error in add for path: '${path}'`, () => this.#insert(place, operation['value'] ?? null));
  }

  #remove(operation: JsonObject): void {
    const path = textOf(operation, 'path', 'remove', true);
    const place =
      this.#place(path) ?? missing(`remove operation does not apply: doc is missing path: "${path}"`);
    said(`error in remove for path: '${path}'`, () => this.#delete(place));
  }

  #replace(operation: JsonObject): void {
    const path = textOf(operation, 'path', 'replace');
    const value = operation['value'] ?? null;
    if (path === '') {
      if (!isObject(value) && !isList(value)) {
        throw unprocessable('replace operation value must be object or array: %!w(<nil>)');
      }
      this.document = value;
      return;
    }
    const place =
      this.#place(path) ?? missing(`replace operation does not apply: doc is missing path: ${path}`);
    const { container, key } = place;
    if (isList(container) && typeof indexOf(key, container.length) !== 'number') {
      missing(`replace operation does not apply: doc is missing key: ${path}`);
    }
    const own = this.#ownContainer(place);
    if (Array.isArray(own)) own[indexIn(key, own.length)] = value;
    else setKey(own, key, value);
  }

  #move(operation: JsonObject): void {
    const from = textOf(operation, 'from', 'move');
    const source =
      this.#place(from) ?? missing(`move operation does not apply: doc is missing from path: ${from}`);
    const value = said(`error in move for path: '${source.key}'`, () => {
      const found = childIn(source);
      this.#delete(source);
      return found ?? null;
    });
    const path = textOf(operation, 'path', 'move');
    const place =
      this.#place(path) ?? missing(`move operation does not apply: doc is missing destination path: ${path}`);
    said(`error in move for path: '${path}'`, () => this.#insert(place, value));
  }

  #copy(operation: JsonObject): void {
    const from = textOf(operation, 'from', 'copy');
    const source =
      this.#place(from) ?? missing(`copy operation does not apply: doc is missing from path: ${from}`);
    const value = said(`error in copy for from: '${from}'`, () => childIn(source) ?? null);
    const path = textOf(operation, 'path', 'copy', true);
    const place =
      this.#place(path) ?? missing(`copy operation does not apply: doc is missing destination path: ${path}`);
    this.#countCopy(value);
    said('error while adding value during copy', () => this.#insert(place, value));
  }

  #test(operation: JsonObject): void {
    const path = textOf(operation, 'path', 'test');
    const expected = operation['value'] ?? null;
    const differ = (): PatchRefusal => unprocessable(`testing value ${path} failed: test failed`, true);
    if (path === '') {
      if (!deepEqual(this.document, expected)) throw differ();
      return;
    }
    const place = this.#place(path) ?? missing(`test operation does not apply: is missing path: ${path}`);
    const actual = said(`error in test for path: '${path}'`, () => childIn(place));
    if (!deepEqual(actual ?? null, expected)) throw differ();
  }

  /** Undefined: there is no container there. What stands before the first slash does not count. */
  #place(path: string): Place | undefined {
    const [, ...steps] = path.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const key = steps.at(-1);
    if (key === undefined) return undefined;
    let at: JsonValue | undefined = this.document;
    for (const step of steps.slice(0, -1)) {
      if (isList(at)) {
        const index = indexOf(step, at.length);
        at = typeof index === 'number' ? at[index] : undefined;
      } else at = isObject(at) ? ownValue(at, step) : undefined;
    }
    return isList(at) || isObject(at) ? { path, steps, key, container: at } : undefined;
  }

  #insert(place: Place, value: JsonValue): void {
    const { container, key } = place;
    if (!isList(container)) {
      setKey(this.#ownContainer(place) as MutableObject, key, value);
      return;
    }
    const length = container.length;
    const at =
      key === '-' ? length : indexIn(key, length + 1, `value was not a proper array index: '${key}': `);
    (this.#ownContainer(place) as JsonValue[]).splice(at, 0, value);
  }

  #delete(place: Place): void {
    const { container, key } = place;
    if (isList(container)) {
      const at = indexIn(key, container.length);
      (this.#ownContainer(place) as JsonValue[]).splice(at, 1);
      return;
    }
    if (!Object.hasOwn(container, key)) missing(`Unable to remove nonexistent key: ${key}`);
    delete (this.#ownContainer(place) as MutableObject)[key];
  }

  /** A value that stands in two places may no longer be changed in place. */
  #countCopy(value: JsonValue): void {
    this.#copiedBytes += JSON.stringify(value).length;
    if (this.#copiedBytes > COPIED_BYTES_MAX) {
      const what = 'Unable to complete the copy, the accumulated size increase of copy is';
      throw unprocessable(`${what} ${this.#copiedBytes}, exceeding the limit ${COPIED_BYTES_MAX}`);
    }
    this.#owned = new Set();
  }

  /** The container of a place, with every container on the way to it made this run's own. */
  #ownContainer({ steps }: Place): Container {
    let at = this.#own(this.document, (copy) => (this.document = copy));
    for (const step of steps.slice(0, -1)) {
      const container: Container = at;
      if (Array.isArray(container)) {
        const index = indexIn(step, container.length);
        at = this.#own(container[index] ?? null, (copy) => (container[index] = copy));
      } else {
        at = this.#own(ownValue(container, step) ?? null, (copy) => setKey(container, step, copy));
      }
    }
    return at;
  }

  #own(value: JsonValue, put: (copy: JsonValue) => void): Container {
    if (!isList(value) && !isObject(value)) missing('doc is missing path');
    if (this.#owned.has(value)) return value as Container;
    const copy: Container = isList(value) ? [...value] : { ...value };
    this.#owned.add(copy);
    put(copy);
    return copy;
  }
}

/** `isMissing`: whatever is wrong with it, it counts as missing. */
function textOf(operation: JsonObject, member: 'path' | 'from', op: string, isMissing = false): string {
  const text = operation[member] ?? undefined;
  if (typeof text === 'string') return text;
  const head = `${op} operation failed to decode ${member}`;
  if (isMissing) missing(head);
  if (text === undefined)
    missing(`${head}: operation${member === 'from' ? ',' : ''} missing ${member} field`);
  throw unprocessable(`${head}: json: cannot unmarshal ${goKindOf(text)} into Go value of type string`);
}

function childIn({ container, key }: Place): JsonValue | undefined {
  return isList(container) ? container[indexIn(key, container.length)] : ownValue(container, key);
}

/** An index, or why it is none: as text, or counting beyond the list. */
function indexOf(step: string, length: number): number | 'syntax' | 'range' | 'index' {
  if (!/^[-+]?\d+$/.test(step)) return 'syntax';
  const index = Number(step);
  if (Math.abs(index) >= 2 ** 63) return 'range';
  if (index >= length || index < -length) return 'index';
  return index < 0 ? index + length : index + 0;
}

/** `head`: what is said of a text that is no number. */
function indexIn(step: string, length: number, head = ''): number {
  const index = indexOf(step, length);
  if (typeof index === 'number') return index;
  if (index === 'index') {
    throw unprocessable(`Unable to access invalid index: ${Number(step)}: invalid index referenced`);
  }
  const why = index === 'syntax' ? 'invalid syntax' : 'value out of range';
  throw unprocessable(`${head}strconv.Atoi: parsing ${JSON.stringify(step)}: ${why}`);
}

/** What goes wrong meanwhile is said with these words before it. */
function said<T>(head: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PatchRefusal) throw unprocessable(`${head}: ${error.message}`, error.isTest);
    throw error;
  }
}

function missing(what: string): never {
  throw unprocessable(`${what}: missing value`);
}
