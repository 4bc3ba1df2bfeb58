/**
 * Sets of fields of an object, as server-side apply keeps them per manager, and their wire form `fieldsV1`.
 *
 * A set is a tree: a node says whether its own path is in the set (`self`) and leads to longer paths by
 * steps in their wire form: `f:name` a field or map key, `k:{"name":"a"}` an item of a list with keys,
 * `v:"x"` an item of a set, `i:0` a position. Nodes are immutable and shared between sets; no node but the
 * root is empty.
 *
 * Worked example: {"f:spec":{"f:ports":{".":{},"k:{\"port\":80}":{"f:name":{}}}}} holds the two paths
 * .spec.ports and .spec.ports[port=80].name, and neither .spec nor .spec.ports[port=80].
 */

import { Recurring } from '../../base/recurring.ts';
import { remembered } from '../../base/remembered.ts';
import { withRoom } from '../../base/room.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';

export interface FieldSet {
  /** Whether the path that ends at this node is in the set. */
  readonly self: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

const NO_CHILDREN: ReadonlyMap<string, FieldSet> = new Map();

/** The empty set; also what an operation returns when nothing is left. */
export const EMPTY_SET: FieldSet = { self: false, children: NO_CHILDREN };

/** A node whose path is in the set and that leads nowhere. */
export const LEAF: FieldSet = { self: true, children: NO_CHILDREN };

export function isEmptySet(set: FieldSet): boolean {
  return !set.self && set.children.size === 0;
}

/** A node, or undefined when it would be empty. */
export function nodeOf(self: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet | undefined {
  if (children.size > 0) return { self, children };
  return self ? LEAF : undefined;
}

/** The set of the given paths, each a list of steps: `setOf([['f:spec', 'f:replicas']])`. */
export function setOf(paths: readonly (readonly string[])[]): FieldSet {
  let set = EMPTY_SET;
  for (const path of paths) {
    const branch = path.reduceRight<FieldSet>(
      (child, step) => ({ self: false, children: new Map([[step, child]]) }),
      LEAF,
    );
    set = union(set, branch);
  }
  return set;
}

export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const step of path) node = node?.children.get(step);
  return node?.self ?? false;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  let children: Map<string, FieldSet> | undefined;
  for (const [step, right] of b.children) {
    const left = a.children.get(step);
    const both = left === undefined ? right : union(left, right);
    if (both !== left) (children ??= new Map(a.children)).set(step, both);
  }
  const self = a.self || b.self;
  return self === a.self && children === undefined ? a : { self, children: children ?? a.children };
}

/** The paths of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, differenceNode) ?? EMPTY_SET;
}

function differenceNode(a: FieldSet, b: FieldSet): FieldSet | undefined {
  return combine(a, b, differenceNode, a.self && !b.self);
}

/** The paths of `a` that neither are in `b` nor lie below one that is. */
export function differenceBelow(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, differenceBelowNode) ?? EMPTY_SET;
}

function differenceBelowNode(a: FieldSet, b: FieldSet): FieldSet | undefined {
  return b.self ? undefined : combine(a, b, differenceBelowNode);
}

/** `a` with the children that `b` has too replaced by `merge`; the others stay. */
function combine(
  a: FieldSet,
  b: FieldSet,
  merge: (a: FieldSet, b: FieldSet) => FieldSet | undefined,
  self = a.self,
): FieldSet | undefined {
  let children: Map<string, FieldSet> | undefined;
  for (const [step, right] of b.children) {
    const left = a.children.get(step);
    if (left === undefined) continue;
    const merged = merge(left, right);
    if (merged === left) continue;
    children ??= new Map(a.children);
    if (merged === undefined) children.delete(step);
    else children.set(step, merged);
  }
  return self === a.self && children === undefined ? a : nodeOf(self, children ?? a.children);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return a === b ? a : (intersectionNode(a, b) ?? EMPTY_SET);
}

function intersectionNode(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const children = new Map<string, FieldSet>();
  for (const [step, left] of a.children) {
    const right = b.children.get(step);
    const both = right === undefined ? undefined : intersectionNode(left, right);
    if (both !== undefined) children.set(step, both);
  }
  return nodeOf(a.self && b.self, children);
}

/** The set, with the nodes of `model` for equal ones; `model` itself when the two are equal. */
export function withNodesOf(set: FieldSet, model: FieldSet): FieldSet {
  if (set === model) return model;
  let children: Map<string, FieldSet> | undefined;
  let isEqual = set.self === model.self && set.children.size === model.children.size;
  for (const [step, child] of set.children) {
    const other = model.children.get(step);
    const shared = other === undefined ? child : withNodesOf(child, other);
    if (shared !== other) isEqual = false;
    if (shared !== child) (children ??= new Map(set.children)).set(step, shared);
  }
  if (isEqual) return model;
  return children === undefined ? set : { self: set.self, children };
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.self !== b.self || a.children.size !== b.children.size) return false;
  for (const [step, left] of a.children) {
    const right = b.children.get(step);
    if (right === undefined || !equalSets(left, right)) return false;
  }
  return true;
}

/** Parsed and written sets by each other: most objects share theirs with others of their kind. */
const KNOWN_MAX = 1024;
const parsed = new Recurring<JsonObject, FieldSet>(KNOWN_MAX);
const written = new Recurring<FieldSet, JsonObject>(KNOWN_MAX);

/** The set of a `fieldsV1`; undefined when it is not well formed. */
export function parseFieldsV1(fields: JsonObject): FieldSet | undefined {
  const known = parsed.get(fields);
  if (known !== undefined) return known;
  const set = parseNode(fields, true);
  if (set !== undefined) {
    parsed.set(fields, set);
    written.set(set, fields);
  }
  return set;
}

function parseNode(fields: JsonObject, isRoot: boolean): FieldSet | undefined {
  const children = new Map<string, FieldSet>();
  let isMember = false;
  for (const [step, below] of Object.entries(fields)) {
    if (step === '.') {
      isMember = true;
      continue;
    }
    const canonical = canonicalStep(step);
    if (canonical === undefined || typeof below !== 'object' || below === null || Array.isArray(below))
      return undefined;
    const child = parseNode(below as JsonObject, false);
    if (child === undefined) return undefined;
    children.set(canonical, child);
  }
  if (children.size === 0) return isRoot && !isMember ? EMPTY_SET : LEAF;
  return { self: isMember, children };
}

/** The step as this program writes it, so that equal steps are equal texts. */
function canonicalStep(step: string): string | undefined {
  return step.startsWith('f:') ? step : canonicalItemStep(step);
}

/** Steps name conditions, ports and containers, which are the same few in most objects. */
const REMEMBERED_MAX = 4096;

const canonicalItemStep = remembered(REMEMBERED_MAX, (step: string): string | undefined => {
  const kind = step.slice(0, 2);
  if (kind === 'i:') return /^i:-?\d+$/.test(step) ? step : undefined;
  if (kind !== 'k:' && kind !== 'v:') return undefined;
  try {
    const value = JSON.parse(step.slice(2)) as JsonValue;
    if (kind === 'v:') return valueStep(value);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? keyStep(value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
});

export const fieldStep = remembered(REMEMBERED_MAX, (name: string) => `f:${name}`);

export function valueStep(value: JsonValue): string {
  return `v:${JSON.stringify(value)}`;
}

export function oneKeyStep(name: string, value: JsonValue): string {
  return `k:{${JSON.stringify(name)}:${JSON.stringify(value)}}`;
}

/** Keys in the order of their names. */
export function keyStep(keys: JsonObject): string {
  const names = Object.keys(keys);
  const [only] = names;
  if (names.length === 1 && only !== undefined) return oneKeyStep(only, keys[only] ?? null);
  return `k:${JSON.stringify(Object.fromEntries(names.toSorted().map((name) => [name, keys[name]])))}`;
}

export function writeFieldsV1(set: FieldSet): JsonObject {
  const fields = writeNode(set);
  parsed.set(fields, set);
  return fields;
}

const LEAF_FIELDS: JsonObject = {};

function writeNode(node: FieldSet): JsonObject {
  if (node.children.size === 0) return LEAF_FIELDS;
  const known = written.get(node);
  if (known !== undefined) return known;
  const steps = sortedSteps(node);
  const fields = isLowest(node) ? writeLowest(node, steps) : writeSteps(node, steps);
  written.set(node, fields);
  return fields;
}

/** What is lowest is the same few in all objects, whatever the item is called that they are fields of. */
const lowest = new Recurring<string, JsonObject>(KNOWN_MAX);

function writeLowest(node: FieldSet, steps: readonly string[]): JsonObject {
  const text = `${node.self ? '.' : ''}\n${steps.join('\n')}`;
  const known = lowest.get(text);
  if (known !== undefined) return known;
  const fields = writeSteps(node, steps);
  if (!steps.some((step) => step.includes('\n'))) lowest.set(text, fields);
  return fields;
}

function writeSteps(node: FieldSet, steps: readonly string[]): JsonObject {
  const fields = withRoom(steps.length + (node.self ? 1 : 0)) as { [step: string]: JsonValue };
  if (node.self) fields['.'] = LEAF_FIELDS;
  for (const step of steps) fields[step] = writeNode(node.children.get(step) ?? EMPTY_SET);
  return fields;
}

const LOWEST_STEPS_MAX = 8;

/** Has only a few leaves below it. */
function isLowest({ children }: FieldSet): boolean {
  if (children.size > LOWEST_STEPS_MAX) return false;
  for (const child of children.values()) if (child.children.size > 0) return false;
  return true;
}

const STEP_KINDS = 'fkvi';

/** Fields, keyed items, values, positions; among themselves by content, numbers as numbers. */
export function sortedSteps(node: FieldSet): readonly string[] {
  const steps = [...node.children.keys()];
  return steps.length < 2 ? steps : steps.sort(compareSteps);
}

export function compareSteps(a: string, b: string): number {
  const byKind = STEP_KINDS.indexOf(a.charAt(0)) - STEP_KINDS.indexOf(b.charAt(0));
  if (byKind !== 0) return byKind;
  if (a.startsWith('f:')) return compareValues(a, b);
  if (!a.startsWith('k:'))
    return compareValues(JSON.parse(a.slice(2)) as JsonValue, JSON.parse(b.slice(2)) as JsonValue);
  const left = keysOf(a);
  const right = keysOf(b);
  for (const [i, [name, value]] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const order = compareValues(name, other[0]) || compareValues(value ?? null, other[1] ?? null);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** The keys that an item's step names. */
const keysOf = remembered(REMEMBERED_MAX, (step: string) =>
  Object.entries(JSON.parse(step.slice(2)) as JsonObject),
);

function compareValues(a: JsonValue, b: JsonValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const left = String(a);
  const right = String(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The paths of a set as people read them: `.spec.ports[port=80].name`, `.metadata.finalizers[="x"]`. */
export function pathTexts(set: FieldSet): string[] {
  const texts: string[] = [];
  collectPaths(set, '', texts);
  return texts;
}

function collectPaths(node: FieldSet, path: string, texts: string[]): void {
  const steps = sortedSteps(node);
  for (const step of steps) if (node.children.get(step)?.self === true) texts.push(path + stepText(step));
  for (const step of steps) {
    const child = node.children.get(step);
    if (child !== undefined) collectPaths(child, path + stepText(step), texts);
  }
}

export function stepText(step: string): string {
  const content = step.slice(2);
  if (step.startsWith('f:')) return `.${content}`;
  if (step.startsWith('v:')) return `[=${content}]`;
  if (step.startsWith('i:')) return `[${content}]`;
  const keys = Object.entries(JSON.parse(content) as JsonObject);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}
