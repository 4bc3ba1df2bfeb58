/**
 * JSON patch (RFC 6902), with the liberties of the implementation that upstream uses: negative indices
 * count from the end, `test` for null passes where nothing is.
 *
 * Input: a document and a patch, both parsed. Output: the patched document, or 400 for something that is no
 * patch and 422 for an operation that cannot be done; all or nothing. Bounds: 10,000 operations; 3 MiB of
 * copied values, as copies of copies would double without end.
 */

import { ApiError } from '../meta/api-error.ts';
import { deepEqual } from '../meta/equal.ts';
import type { Literals } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import {
  isList,
  isObject,
  malformed,
  oversized,
  patched,
  PatchRefusal,
  unprocessable,
  type Patched,
} from './patch.ts';
import { WrittenNumbers } from './written-numbers.ts';

const OPERATIONS_MAX = 10_000;
const COPIED_BYTES_MAX = 3 * 1024 * 1024;

type MutableObject = { [key: string]: JsonValue | undefined };
type Container = MutableObject | JsonValue[];

/** `literals`: integers of the patch that are written as if they were none, by their paths in it. */
export function applyJsonPatch(document: JsonValue, patch: JsonValue, literals?: Literals): Patched {
  if (literals === undefined) return applyOperations(document, patch);
  const numbers = new WrittenNumbers();
  const outcome = applyOperations(document, numbers.marked(patch, literals));
  return outcome.ok ? { ok: true, ...numbers.resolved(outcome.value) } : outcome;
}

function applyOperations(document: JsonValue, patch: JsonValue): Patched {
  return patched(() => {
    if (!isList(patch))
      throw malformed('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
    if (patch.length > OPERATIONS_MAX) {
      const text = `The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}, got ${patch.length}`;
      throw new PatchRefusal(new ApiError(413, 'RequestEntityTooLarge', text));
    }
    const run = new JsonPatchRun(document);
    for (const operation of patch) {
      if (!isObject(operation))
        throw malformed('json: cannot unmarshal value into Go value of type jsonpatch.Operation');
      run.apply(operation);
    }
    return run.document;
  });
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
    const { op } = operation;
    const path = textOf(operation, 'path');
    switch (op) {
      case 'add':
        return this.#add(path, valueOf(operation, 'add'));
      case 'replace':
        this.#read(path, 'replace');
        return this.#set(path, valueOf(operation, 'replace'));
      case 'remove':
        this.#remove(path, 'remove');
        return undefined;
      case 'move': {
        const from = textOf(operation, 'from');
        if (path.startsWith(`${from}/`))
          throw unprocessable(`move operation: ${from} cannot move into itself`);
        return this.#add(path, this.#remove(from, 'move'));
      }
      case 'copy':
        return this.#add(path, this.#copied(this.#read(textOf(operation, 'from'), 'copy')));
      case 'test':
        return this.#test(path, operation['value'] ?? null);
      default:
        throw unprocessable(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`);
    }
  }

  #test(path: string, expected: JsonValue): void {
    const steps = stepsOf(path, 'test');
    const actual =
      steps.length === 0 ? this.document : childOf(this.#parent(steps, path, 'test'), steps.at(-1) ?? '');
    if (!deepEqual(actual ?? null, expected))
      throw unprocessable(`testing value ${path} failed: test failed`, true);
  }

  #read(path: string, op: string): JsonValue {
    const steps = stepsOf(path, op);
    if (steps.length === 0) return this.document;
    const value = childOf(this.#parent(steps, path, op), steps.at(-1) ?? '');
    if (value === undefined) throw missing(op, path, 'doc is missing key');
    return value;
  }

  #add(path: string, value: JsonValue): void {
    const steps = stepsOf(path, 'add');
    if (steps.length === 0) {
      this.document = value;
      return;
    }
    const parent = this.#ownedParent(steps, path, 'add');
    const key = steps.at(-1) ?? '';
    if (!Array.isArray(parent)) setKey(parent, key, value);
    else parent.splice(key === '-' ? parent.length : indexIn(key, parent.length + 1, path), 0, value);
  }

  #set(path: string, value: JsonValue): void {
    const steps = stepsOf(path, 'replace');
    if (steps.length === 0) {
      this.document = value;
      return;
    }
    const parent = this.#ownedParent(steps, path, 'replace');
    const key = steps.at(-1) ?? '';
    if (Array.isArray(parent)) parent[indexIn(key, parent.length, path)] = value;
    else setKey(parent, key, value);
  }

  #remove(path: string, op: string): JsonValue {
    const value = this.#read(path, op);
    const steps = stepsOf(path, op);
    if (steps.length === 0) throw missing(op, path, 'the whole document cannot be removed');
    const parent = this.#ownedParent(steps, path, op);
    const key = steps.at(-1) ?? '';
    if (Array.isArray(parent)) parent.splice(indexIn(key, parent.length, path), 1);
    else delete parent[key];
    return value;
  }

  /** A value that stands in two places may no longer be changed in place. */
  #copied(value: JsonValue): JsonValue {
    this.#copiedBytes += JSON.stringify(value).length;
    if (this.#copiedBytes > COPIED_BYTES_MAX) throw oversized(COPIED_BYTES_MAX);
    this.#owned = new Set();
    return value;
  }

  #parent(steps: readonly string[], path: string, op: string): JsonValue {
    let at: JsonValue | undefined = this.document;
    for (const step of steps.slice(0, -1)) {
      at = childOf(at, step);
      if (at === undefined) throw missing(op, path, 'doc is missing path');
    }
    if (!isList(at) && !isObject(at)) throw missing(op, path, 'doc is missing path');
    return at;
  }

  /** The container of the last step, with every container on the way to it made this run's own. */
  #ownedParent(steps: readonly string[], path: string, op: string): Container {
    this.#parent(steps, path, op);
    let at = this.#own(this.document, (copy) => (this.document = copy));
    for (const step of steps.slice(0, -1)) {
      const container: Container = at;
      const child = childOf(container, step) ?? null;
      at = this.#own(child, (copy) => {
        if (Array.isArray(container)) container[indexIn(step, container.length, path)] = copy;
        else setKey(container, step, copy);
      });
    }
    return at;
  }

  #own(value: JsonValue, put: (copy: JsonValue) => void): Container {
    if (!isList(value) && !isObject(value)) throw unprocessable('doc is missing path');
    if (this.#owned.has(value)) return value as Container;
    const copy: Container = isList(value) ? [...value] : { ...value };
    this.#owned.add(copy);
    put(copy);
    return copy;
  }
}

function textOf(operation: JsonObject, member: 'path' | 'from'): string {
  const text = operation[member];
  if (typeof text === 'string') return text;
  const op = typeof operation['op'] === 'string' ? operation['op'] : 'unknown';
  throw unprocessable(`${op} operation failed to decode ${member}: missing value`);
}

function valueOf(operation: JsonObject, op: string): JsonValue {
  const value = operation['value'];
  if (value === undefined) throw unprocessable(`${op} operation: missing value`);
  return value;
}

function stepsOf(path: string, op: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw missing(op, path, 'doc is missing path');
  return path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function childOf(container: JsonValue, step: string): JsonValue | undefined {
  if (isList(container)) {
    if (!/^-?\d+$/.test(step)) return undefined;
    return container.at(Number(step));
  }
  return isObject(container) && Object.hasOwn(container, step) ? container[step] : undefined;
}

function indexIn(step: string, length: number, path: string): number {
  const index = /^-?\d+$/.test(step) ? Number(step) : Number.NaN;
  if (Number.isNaN(index)) throw unprocessable(`value was not a proper array index: '${step}' in ${path}`);
  if (index >= length || index < -length) {
    throw unprocessable(`Unable to access invalid index: ${step}: invalid index referenced`);
  }
  return index < 0 ? index + length : index;
}

/** `__proto__` is a key like any other. */
function setKey(object: MutableObject, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  } else object[key] = value;
}

function missing(op: string, path: string, what: string): PatchRefusal {
  return unprocessable(`${op} operation does not apply: ${what}: ${path}: missing value`);
}
