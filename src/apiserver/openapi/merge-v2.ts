/**
 * Version 2 documents of other servers in ours, as upstream merges them (kube-openapi/pkg/aggregator).
 * Pure.
 *
 * Input: documents, the first of which is ours. Output: one document. Where two describe the same path,
 * the first stands. A definition whose name another one has already taken is renamed, `x_v2`, unless both
 * say the same but for the kinds that they name: then there is one for all of these kinds.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { sentText } from '../../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { isList, isObject } from '../../api/structural/structural.ts';

type Writable = { [name: string]: JsonValue };
/** Members of a document that paths refer to by name. */
type Shared = 'definitions' | 'parameters';

const SHARED: readonly Shared[] = ['definitions', 'parameters'];
const KINDS = 'x-kubernetes-group-version-kind';

/** What of a document belongs to paths with the prefix. What nothing refers to any more goes. */
export function partBelow(document: JsonObject, prefix: string): JsonObject {
  return keepPaths(document, (path) => path.startsWith(prefix));
}

export function mergeV2(own: JsonObject, others: readonly JsonObject[]): JsonObject {
  const merged: Writable = { ...own } as Writable;
  for (const name of ['paths', ...SHARED]) {
    if (own[name] !== undefined) merged[name] = { ...membersOf(own, name) };
  }
  for (const other of others) mergeInto(merged, other);
  return merged;
}

function mergeInto(merged: Writable, other: JsonObject): void {
  const taken = membersOf(merged, 'paths');
  const paths = Object.keys(membersOf(other, 'paths'));
  const added = paths.filter((path) => taken[path] === undefined);
  if (added.length === 0) return;
  const wanted = new Set(added);
  let source = added.length === paths.length ? other : keepPaths(other, (path) => wanted.has(path));
  for (const name of SHARED) source = renamed(source, name, renames(merged, source, name));
  for (const name of SHARED) addShared(merged, source, name);
  merged['paths'] = { ...taken, ...membersOf(source, 'paths') };
}

function addShared(merged: Writable, source: JsonObject, name: Shared): void {
  const all: Writable = { ...membersOf(merged, name) };
  for (const [key, value] of Object.entries(membersOf(source, name))) {
    const there = all[key];
    all[key] = there === undefined ? value : withKindsOf(there, value);
  }
  if (Object.keys(all).length > 0) merged[name] = all;
}

/** Which names of the source mean something else in the merged document, and what they become. */
function renames(merged: JsonObject, source: JsonObject, name: Shared): ReadonlyMap<string, string> {
  const [there, here] = [membersOf(merged, name), membersOf(source, name)];
  const found = new Map<string, string>();
  const used = new Set(Object.keys(there));
  for (const [key, value] of Object.entries(here)) {
    if (there[key] === undefined || saysTheSame(there[key], value)) continue;
    let candidate = '';
    for (let i = 2; ; i++) {
      candidate = `${key}_v${i}`;
      const other = there[candidate];
      if (other !== undefined && saysTheSame(other, value)) break;
      if (!used.has(candidate) && here[candidate] === undefined) break;
    }
    used.add(candidate);
    found.set(key, candidate);
  }
  return found;
}

function renamed(document: JsonObject, name: Shared, names: ReadonlyMap<string, string>): JsonObject {
  if (names.size === 0) return document;
  const references = new Map([...names].map(([from, to]) => [`#/${name}/${from}`, `#/${name}/${to}`]));
  const changed = withReferences(document, references) as JsonObject;
  const members = Object.entries(membersOf(changed, name));
  return {
    ...changed,
    [name]: Object.fromEntries(members.map(([key, value]) => [names.get(key) ?? key, value])),
  };
}

/** The same value where no reference in it is renamed. */
function withReferences(value: JsonValue, names: ReadonlyMap<string, string>): JsonValue {
  if (isList(value)) {
    const copy = value.map((item) => withReferences(item, names));
    return copy.some((item, i) => item !== value[i]) ? copy : value;
  }
  if (!isObject(value)) return value;
  let copy: Writable | undefined;
  for (const [key, inner = null] of Object.entries(value)) {
    const next =
      key === '$ref' && typeof inner === 'string'
        ? (names.get(inner) ?? inner)
        : withReferences(inner, names);
    if (next !== inner) (copy ??= { ...value } as Writable)[key] = next;
  }
  return copy ?? value;
}

function keepPaths(document: JsonObject, keeps: (path: string) => boolean): JsonObject {
  const paths = Object.entries(membersOf(document, 'paths')).filter(([path]) => keeps(path));
  const before = referencesIn(document);
  const kept: JsonObject = { ...document, paths: Object.fromEntries(paths) };
  const after = referencesIn(kept);
  const definitions = Object.entries(membersOf(document, 'definitions')).filter(([name]) => {
    const reference = `#/definitions/${name}`;
    return after.has(reference) || !before.has(reference);
  });
  return { ...kept, definitions: Object.fromEntries(definitions) };
}

/** What paths refer to, and what that refers to in turn. */
function referencesIn(document: JsonObject): ReadonlySet<string> {
  const found = new Set<string>();
  const follow = (reference: string): void => {
    if (found.has(reference)) return;
    found.add(reference);
    const [, name = '', key = ''] = /^#\/(definitions|parameters)\/(.*)$/.exec(reference) ?? [];
    const target = membersOf(document, name)[key];
    if (target !== undefined) walk(target);
  };
  const walk = (value: JsonValue): void => {
    if (isList(value)) for (const item of value) walk(item);
    else if (isObject(value)) {
      for (const [key, inner = null] of Object.entries(value)) {
        if (key === '$ref' && typeof inner === 'string') follow(inner);
        else walk(inner);
      }
    }
  };
  walk(document['paths'] ?? {});
  return found;
}

function saysTheSame(a: JsonValue, b: JsonValue): boolean {
  return deepEqual(withoutKinds(a), withoutKinds(b));
}

function withoutKinds(value: JsonValue): JsonValue {
  if (!isObject(value)) return value;
  const { [KINDS]: _kinds, ...rest } = value;
  return rest;
}

function withKindsOf(value: JsonValue, other: JsonValue): JsonValue {
  if (!isObject(value) || !isObject(other) || other[KINDS] === undefined) return value;
  const [own, further] = [kindsOf(value), kindsOf(other)];
  const added = further.filter((kind) => !own.some((one) => kindText(one) === kindText(kind)));
  if (added.length === 0) return value;
  const all = [...own, ...added].toSorted((a, b) => (kindText(a) < kindText(b) ? -1 : 1));
  return { ...value, [KINDS]: all };
}

function kindsOf(definition: JsonObject): readonly JsonValue[] {
  const kinds = definition[KINDS];
  return isList(kinds) ? kinds : [];
}

function kindText(kind: JsonValue): string {
  const { group = '', version = '', kind: name = '' } = isObject(kind) ? kind : {};
  return `${sentText(group)}/${sentText(version)}.${sentText(name)}`;
}

function membersOf(document: JsonObject, name: string): { readonly [name: string]: JsonValue } {
  const members = document[name];
  return isObject(members) ? (members as { readonly [name: string]: JsonValue }) : {};
}
