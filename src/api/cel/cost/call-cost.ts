/**
 * What calls cost when they run: cel-go's rules, with Kubernetes' own for the functions that it adds. The
 * numbers are API: a rule that ran within its budget yesterday has to do so tomorrow.
 */

import { Format } from '../kubernetes/format-value.ts';
import { utf8Length } from '../values/text.ts';
import {
  type CelValue,
  isInt,
  isList,
  itemAt,
  itemsOf,
  MapValue,
  ObjectValue,
  OpaqueValue,
} from '../values/value.ts';
import { PER_CHARACTER, PER_PATTERN_CHARACTER, sizeOf } from './size.ts';

type Args = readonly CelValue[];

/** A constant, or computed from the call. */
export type CallCost = number | ((args: Args, result: CelValue) => number);

const LIST_COST = 10;
const OBJECT_COST = 40;
const AUTHORIZATION_COST = 350_000;

export function callCost(name: string, overloadId: string): CallCost {
  return listCost(overloadId) ?? kubernetesCost(name, overloadId) ?? standardCost(overloadId) ?? 1;
}

function size(args: Args, index: number): number {
  return sizeOf(args[index] ?? null);
}

/** Looking once at all characters of an argument, `times` over. */
function traversal(index: number, times = 1): CallCost {
  return (args) => Math.ceil(size(args, index) * times * PER_CHARACTER);
}

const matching: CallCost = (args) =>
  Math.ceil((1 + size(args, 0)) * PER_CHARACTER) * Math.ceil(size(args, 1) * PER_PATTERN_CHARACTER);

const containment: CallCost = (args) =>
  Math.ceil(size(args, 0) * PER_CHARACTER) * Math.ceil(size(args, 1) * PER_CHARACTER);

const comparison: CallCost = (args) => Math.ceil(Math.min(size(args, 0), size(args, 1)) * PER_CHARACTER);

const concatenation: CallCost = (args) => Math.ceil((size(args, 0) + size(args, 1)) * PER_CHARACTER);

function standardCost(overloadId: string): CallCost | undefined {
  switch (overloadId) {
    // Upstream charges for what is looked in, not for what is looked for.
    case 'starts_with_string':
    case 'ends_with_string':
    case 'string_to_bytes':
    case 'bytes_to_string':
    case 'strings_quote':
    case 'string_format':
      return traversal(0);
    case 'in_list':
      return (args) => size(args, 1);
    case 'equals':
    case 'not_equals':
      return comparison;
    case 'add_string':
    case 'add_bytes':
      return concatenation;
    case 'matches_string':
      return matching;
    case 'contains_string':
      return containment;
    default:
      return /^(less|greater)(_equals)?_(string|bytes)$/.test(overloadId) ? comparison : undefined;
  }
}

const ONE: ReadonlySet<string> = new Set([
  'serviceAccount', 'path', 'group', 'resource', 'subresource', 'namespace', 'name', 'allowed', 'reason', 'error',
  'errored', 'masked', 'prefixLength', 'family', 'isUnspecified', 'isLoopback', 'isLinkLocalMulticast',
  'isLinkLocalUnicast', 'isGlobalUnicast', 'format.named', 'sign', 'asInteger', 'isInteger', 'asApproximateFloat',
  'isGreaterThan', 'isLessThan', 'compareTo', 'add', 'sub', 'major', 'minor', 'patch', 'getScheme', 'getHostname',
  'getHost', 'getPort', 'getEscapedPath', 'getQuery',
]); // prettier-ignore

function kubernetesCost(name: string, overloadId: string): CallCost | undefined {
  if (ONE.has(name)) return 1;
  switch (name) {
    case 'check':
      return AUTHORIZATION_COST;
    case 'fieldSelector':
    case 'labelSelector':
      return (args) => selectorCost(size(args, 1));
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
      return (args) => treeCost(args[0] ?? null);
    case 'url':
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
    case 'jsonpatch.escapeKey':
    case 'cidr':
    case 'isIP':
    case 'isCIDR':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
      return traversal(0);
    case 'ip':
      return overloadId === 'cidr_ip' ? 1 : traversal(0);
    case 'replace':
    case 'split':
    case 'ip.isCanonical':
      return traversal(0, 2);
    case 'join':
      return (_, result) => Math.ceil(sizeOf(result) * 2 * PER_CHARACTER);
    case 'find':
    case 'findAll':
      return matching;
    case 'containsIP':
    case 'containsCIDR':
      return networkCost(name, overloadId);
    case 'validate':
      return formatCost;
    case '_==_':
      return (args, result) => {
        if (args[0] instanceof OpaqueValue) return 1;
        return typeof comparison === 'number' ? comparison : comparison(args, result);
      };
    default:
      return undefined;
  }
}

/** A selector is a list of requirements, the shortest of two characters. */
export function selectorCost(length: number): number {
  const requirements = Math.ceil(length * 0.5);
  return LIST_COST + Math.ceil(length * PER_CHARACTER) + requirements * (LIST_COST + OBJECT_COST);
}

function networkCost(name: string, overloadId: string): CallCost {
  return (args) => {
    const network = size(args, 0);
    let cost = Math.ceil(2 * network * PER_CHARACTER);
    if (name === 'containsCIDR') cost += Math.ceil(network * PER_CHARACTER) + 1;
    if (overloadId.endsWith('_string')) cost += Math.ceil(size(args, 1) * PER_CHARACTER);
    return cost;
  };
}

const formatCost: CallCost = ([format, text]) => {
  if (!(format instanceof Format)) return 1;
  const length = Math.ceil((1 + sizeOf(text ?? null)) * PER_CHARACTER);
  return length * Math.ceil(format.patternLength * PER_PATTERN_CHARACTER);
};

/** Looking at everything inside of a value. */
function treeCost(value: CelValue): number {
  if (typeof value === 'string') return Math.trunc(utf8Length(value) * PER_CHARACTER);
  if (value instanceof Uint8Array) return Math.trunc(value.length * PER_CHARACTER);
  if (typeof value !== 'object' || value === null) return 1;
  let cost = 0;
  if (isList(value)) {
    for (let i = 0; i < value.length; i++) cost += treeCost(itemAt(value, i));
  } else if (value instanceof MapValue) {
    for (const key of value.keys()) cost += treeCost(key) + treeCost(value.get(key) ?? null);
  } else if (value instanceof ObjectValue) {
    for (const [name, field] of value.entries()) cost += treeCost(name) + treeCost(field);
  } else return 1;
  return cost;
}

/** Of cel-go's list functions, which make a list. */
function listCost(overloadId: string): CallCost | undefined {
  if (/^list_[a-z.A-Z]+_sort$/.test(overloadId)) return (args) => pairwiseCost(args[0] ?? null);
  if (overloadId.endsWith('_sortByAssociatedKeys')) return (args) => pairwiseCost(args[1] ?? null);
  const sets = setFactor(overloadId);
  if (sets !== undefined) return (args) => size(args, 0) * size(args, 1) * sets + 1;
  switch (overloadId) {
    case 'list_slice':
    case 'lists_range':
    case 'list_reverse':
      return (_, result) => sizeOf(result) + 1 + LIST_COST;
    case 'list_flatten':
      return (args) => size(args, 0) + 1 + LIST_COST;
    case 'list_flatten_int':
      return (args) => size(args, 0) * depthOf(args[1] ?? null) + 1 + LIST_COST;
    case 'list_distinct':
      return (args) => pairwiseCost(args[0] ?? null);
    default:
      return undefined;
  }
}

/** How often functions of sets compare each item of the one to each of the other. */
export function setFactor(overloadId: string): number | undefined {
  if (overloadId === 'list_sets_equivalent_list') return 2;
  return overloadId === 'list_sets_contains_list' || overloadId === 'list_sets_intersects_list'
    ? 1
    : undefined;
}

function depthOf(value: CelValue): number {
  return isInt(value) ? Number(value) : 1;
}

/** Every item is compared to every other. */
function pairwiseCost(list: CelValue): number {
  if (!isList(list)) return 1 + LIST_COST;
  const first = itemsOf(list)[0];
  const isText = typeof first === 'string' || first instanceof Uint8Array;
  const factor = isText ? 2 + PER_CHARACTER : 2;
  return Math.trunc(list.length * list.length * factor) + 1 + LIST_COST;
}
