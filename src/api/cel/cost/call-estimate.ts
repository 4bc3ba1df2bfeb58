/** What calls can cost, from the sizes of what they are called with: the estimate beside `call-cost.ts`. */

import { type CelType, isSameType, parametersOf } from '../types/type.ts';
import { type CelValue, isInt } from '../values/value.ts';
import { selectorCost, setFactor } from './call-cost.ts';
import type { SizeEstimator } from './estimate.ts';
import {
  add,
  bounded,
  fixed,
  multiply,
  PER_CHARACTER,
  PER_PATTERN_CHARACTER,
  type Range,
  scale,
  UNBOUNDED,
  UNKNOWN,
} from './size.ts';

/** A part of a call. */
export interface Node {
  readonly path: readonly string[];
  readonly type: CelType;
  readonly size: Range | undefined;
  readonly constant: CelValue | undefined;
}

export interface CallEstimate {
  readonly cost: Range;
  /** Of the result, where it is known. */
  readonly size: Range | undefined;
}

const ONE = fixed(1);
const LIST_COST = 10;
const AUTHORIZATION_COST = 350_000;
const FORMAT_PATTERN_LENGTH_MAX = 128;
const FORMAT_NAME_LENGTH_MAX = 64;

/** The parts of a call, and sizes of them. */
interface CallParts {
  readonly name: string;
  readonly id: string;
  readonly target: Node | undefined;
  readonly args: readonly Node[];
  readonly sizeOf: SizeEstimator;
}

/** Without the cost of the arguments. */
export function estimateCall(
  name: string,
  id: string,
  target: Node | undefined,
  args: readonly Node[],
  sizeOf: SizeEstimator,
): CallEstimate {
  const parts: CallParts = { name, id, target, args, sizeOf };
  return listEstimate(parts) ?? kubernetesEstimate(parts) ?? standardEstimate(parts) ?? of(ONE);
}

function of(cost: Range, size?: Range): CallEstimate {
  return { cost, size };
}

function known({ sizeOf }: CallParts, node: Node | undefined): Range {
  if (node === undefined) return UNKNOWN;
  return node.size ?? sizeOf(node.path, node.type) ?? UNKNOWN;
}

function traversed(size: Range, times = 1): Range {
  return scale(size, times * PER_CHARACTER);
}

function matched(text: Range, pattern: Range): Range {
  return multiply(traversed(add(text, ONE)), scale(pattern, PER_PATTERN_CHARACTER));
}

function standardEstimate(parts: CallParts): CallEstimate | undefined {
  const { id, target, args } = parts;
  const [first, second] = args.map((arg) => arg.size ?? UNKNOWN);
  const receiver = target?.size ?? UNKNOWN;
  switch (id) {
    case 'string_format':
      return of(traversed(receiver));
    case 'string_to_bytes':
      return first && of(traversed(first), { min: first.min, max: bounded(first.max * 4) });
    case 'bytes_to_string':
      return first && of(traversed(first), { min: Math.trunc(first.min / 4), max: first.max });
    case 'strings_quote':
      return first && of(traversed(first), { min: first.min + 2, max: bounded(first.max * 2 + 2) });
    case 'starts_with_string':
    case 'ends_with_string':
      return first && of(traversed(first));
    case 'in_list':
      return second && of(second);
    case 'matches_string':
      return first && of(matched(receiver, first));
    case 'contains_string':
      return first && of(multiply(traversed(receiver), traversed(first)));
    case 'add_list':
      return first && second && of(ONE, add(first, second));
    case 'add_string':
    case 'add_bytes':
      return first && second && of(traversed(add(first, second)), add(first, second));
    default: {
      const compares = /^(?:equals|not_equals|(?:less|greater)(?:_equals)?_(?:string|bytes))$/.test(id);
      return compares && first && second ? of(compared(first, second)) : undefined;
    }
  }
}

function compared(a: Range, b: Range): Range {
  const max = Math.min(a.max, b.max);
  return traversed({ min: max > 0 ? 1 : 0, max });
}

const ONES: ReadonlySet<string> = new Set([
  'serviceAccount', 'path', 'group', 'resource', 'subresource', 'namespace', 'name', 'allowed', 'reason', 'error',
  'errored', 'masked', 'prefixLength', 'family', 'isUnspecified', 'isLoopback', 'isLinkLocalMulticast',
  'isLinkLocalUnicast', 'isGlobalUnicast', 'format.named', 'sign', 'asInteger', 'isInteger', 'asApproximateFloat',
  'isGreaterThan', 'isLessThan', 'compareTo', 'add', 'sub', 'major', 'minor', 'patch', 'getScheme', 'getHostname',
  'getHost', 'getPort', 'getEscapedPath', 'getQuery',
]); // prettier-ignore

function kubernetesEstimate(parts: CallParts): CallEstimate | undefined {
  const { name, id, target, args } = parts;
  if (ONES.has(name)) return of(ONE);
  const size = known(parts, args[0]);
  switch (name) {
    case 'check':
      return of(fixed(AUTHORIZATION_COST));
    case 'fieldSelector':
    case 'labelSelector':
      return of({ min: selectorCost(size.min), max: bounded(selectorCost(size.max)) });
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
      return target && of(searched(parts, target));
    case 'url':
    case 'jsonpatch.escapeKey':
      return of(traversed(size), size);
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
      return target && of(traversed(known(parts, target)), known(parts, target));
    case 'replace':
      return target && of(traversed(known(parts, target), 2), replacedSize(parts));
    case 'split':
      return target && of(traversed(known(parts, target), 2), { min: 0, max: splitMax(parts) });
    case 'join':
      return target && joined(parts, target);
    case 'find':
    case 'findAll':
      return target && of(matched(known(parts, target), size), { min: 0, max: known(parts, target).max });
    case 'ip':
      return of(id === 'cidr_ip' ? ONE : traversed(size));
    case 'cidr':
    case 'isIP':
    case 'isCIDR':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
      return of(traversed(size));
    case 'ip.isCanonical':
      return of(traversed(size, 2));
    case 'containsIP':
    case 'containsCIDR':
      return of(networkCost(name, id, size));
    case 'validate':
      return of(scale(traversed(size), FORMAT_PATTERN_LENGTH_MAX * PER_PATTERN_CHARACTER));
    case '_==_':
      return equality(args);
    default:
      return undefined;
  }
}

/** One comparison for each item, and more for items that are texts. */
function searched(parts: CallParts, target: Node): Range {
  const size = known(parts, target);
  const item = itemOf(target);
  if (item === undefined) return traversed(size);
  const isText = item.type.kind === 'string' || item.type.kind === 'bytes';
  return multiply(size, isText ? add(ONE, traversed(known(parts, item))) : ONE);
}

function itemOf({ type, path }: Node): Node | undefined {
  const [items] = parametersOf(type);
  if (items === undefined) return undefined;
  return {
    path: path.length === 0 ? [] : [...path, '@items'],
    type: items,
    size: undefined,
    constant: undefined,
  };
}

/** How long a text can be after `replace`. */
function replacedSize(parts: CallParts): Range {
  const text = known(parts, parts.target);
  const old = known(parts, parts.args[0]);
  const replacement = known(parts, parts.args[1]);
  const longest = (): readonly [number, number] => {
    if (old.min === 0) return [text.max < UNBOUNDED ? text.max + 1 : text.max, text.max];
    if (replacement.max <= old.min) return [0, text.max];
    return [Math.ceil(text.max / old.min), 0];
  };
  const shortest = (): readonly [number, number] => {
    if (old.max === 0) return [text.min < UNBOUNDED ? text.min + 1 : text.min, text.min];
    if (old.max <= replacement.min) return [0, text.min];
    return [Math.ceil(text.min / old.max), 0];
  };
  const [maxCount, maxKept] = longest();
  const [minCount, minKept] = shortest();
  return {
    min: bounded(bounded(minCount * replacement.min) + minKept),
    max: bounded(bounded(maxCount * replacement.max) + maxKept),
  };
}

function splitMax(parts: CallParts): number {
  const limit = parts.args[1]?.constant;
  return limit !== undefined && isInt(limit) ? asUnsigned(Number(limit)) : known(parts, parts.target).max;
}

function joined(parts: CallParts, target: Node): CallEstimate {
  const count = known(parts, target);
  let size = multiply(count, known(parts, itemOf(target)));
  if (parts.args.length > 0) {
    const separators = { min: Math.max(count.min - 1, 0), max: Math.max(count.max - 1, 0) };
    size = add(size, multiply(known(parts, parts.args[0]), separators));
  }
  return of(traversed(size), size);
}

function networkCost(name: string, id: string, size: Range): Range {
  const address: Range = { min: 4, max: 16 };
  let cost = traversed(add(address, address));
  if (name === 'containsCIDR') cost = add(add(cost, traversed(address)), ONE);
  return id.endsWith('_string') ? add(cost, traversed(size)) : cost;
}

const OF_ONE: ReadonlySet<string> = new Set([
  'net.IP', 'net.CIDR', 'kubernetes.Quantity', 'kubernetes.Semver', 'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck', 'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck', 'kubernetes.authorization.Decision',
]); // prettier-ignore

function equality([left, right]: readonly Node[]): CallEstimate | undefined {
  if (left === undefined || right === undefined || !isSameType(left.type, right.type)) return undefined;
  if (left.type.kind !== 'opaque' && left.type.kind !== 'object') return undefined;
  const { name } = left.type;
  if (OF_ONE.has(name)) return of(ONE);
  if (name === 'kubernetes.NamedFormat') return of(traversed({ min: 1, max: FORMAT_NAME_LENGTH_MAX }));
  if (name !== 'kubernetes.URL') return undefined;
  // Upstream looks at the right side alone.
  return of(traversed({ min: 1, max: right.size?.max ?? 1 }));
}

/** Of cel-go's list functions. */
function listEstimate(parts: CallParts): CallEstimate | undefined {
  const { id, target, args } = parts;
  const size = known(parts, target);
  if (/^list_[a-z.A-Z]+_sort$/.test(id)) return sorted(id, size);
  if (id.endsWith('_sortByAssociatedKeys')) return sorted(id, known(parts, args[0]));
  const sets = setFactor(id);
  if (sets !== undefined) {
    return of(add(scale(multiply(known(parts, args[0]), known(parts, args[1])), sets), ONE));
  }
  switch (id) {
    case 'list_slice': {
      const length = constantOr(args[1], size.max) - constantOr(args[0], 0);
      return allocated(1, fixed(asUnsigned(length)));
    }
    case 'lists_range':
      return allocated(1, fixed(constantOr(args[0], UNBOUNDED)));
    case 'list_reverse':
    case 'list_flatten':
      return allocated(1, size);
    case 'list_flatten_int':
      return allocated(constantOr(args[0], UNBOUNDED), size);
    case 'list_distinct':
      return allocated(2, multiply(size, size));
    default:
      return undefined;
  }
}

function sorted(id: string, size: Range): CallEstimate {
  return allocated(/_(string|bytes)_/.test(id) ? 2 + PER_CHARACTER : 2, multiply(size, size));
}

function allocated(factor: number, size: Range): CallEstimate {
  return of(add(scale(size, factor), fixed(1 + LIST_COST)), size);
}

function constantOr(node: Node | undefined, otherwise: number): number {
  const constant = node?.constant;
  return constant !== undefined && isInt(constant) ? Math.max(Number(constant), 0) : otherwise;
}

/** Upstream computes without sign: below zero is close to the top. */
function asUnsigned(value: number): number {
  return value < 0 ? bounded(2 ** 64 + value) : value;
}
