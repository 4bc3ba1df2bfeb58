/**
 * The cost that an expression can have at most and at least, from its checked form and from what schemas say
 * about sizes. It decides which rules a CustomResourceDefinition may carry, so the numbers are cel-go's.
 */

import type { Checked } from '../checker/checker.ts';
import { ACCUMULATOR, type Call, type Comprehension, type Expr } from '../syntax/ast.ts';
import { type CelType, optionalParameter } from '../types/type.ts';
import { lengthOf } from '../values/text.ts';
import type { CelValue } from '../values/value.ts';
import { type CallEstimate, estimateCall, type Node } from './call-estimate.ts';
import { add, fixed, multiply, type Range, UNBOUNDED, union, UNKNOWN } from './size.ts';

/**
 * What is known of the size of a value: its path from a variable (`self`, `spec`, `@items`, `@keys`, `@values`),
 * empty when it is not part of a variable, and its type.
 */
export type SizeEstimator = (path: readonly string[], type: CelType) => Range | undefined;

/** Sizes of what is inside of a list or a map. */
interface Entries {
  readonly container: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly entries: Entries | undefined;
}

export function estimateCost(checked: Checked, sizeOf: SizeEstimator): Range {
  return new Estimate(checked, sizeOf).cost(checked.root);
}

const ONE = fixed(1);
const ZERO = fixed(0);

class Estimate {
  readonly #checked: Checked;
  readonly #sizeOf: SizeEstimator;
  readonly #paths = new Map<Expr, readonly string[]>();
  readonly #sizes = new Map<Expr, Range>();
  readonly #entries = new Map<Expr, Entries>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, sizeOf: SizeEstimator) {
    this.#checked = checked;
    this.#sizeOf = sizeOf;
  }

  cost(expr: Expr): Range {
    const reference = this.#checked.references.get(expr);
    if (expr.kind === 'select' && (reference?.kind === 'variable' || reference?.kind === 'constant')) {
      if (reference.kind === 'variable') this.#paths.set(expr, [reference.name]);
      return ONE;
    }
    switch (expr.kind) {
      case 'literal':
        return ZERO;
      case 'ident':
        this.#paths.set(expr, this.#local(expr)?.path ?? [expr.name]);
        return ONE;
      case 'select':
        return this.#selectCost(expr);
      case 'call':
        return this.#callCost(expr);
      case 'list':
        return this.#listCost(expr, expr.elements);
      case 'map':
        return this.#mapCost(expr, expr.entries);
      case 'struct':
        return expr.fields.reduce((sum, { value }) => add(sum, this.cost(value)), fixed(40));
      case 'comprehension':
        return isBinding(expr) ? this.#bindingCost(expr) : this.#loopCost(expr);
    }
  }

  #local(expr: Expr): Local | undefined {
    return expr.kind === 'ident' ? this.#locals.get(expr.name)?.at(-1) : undefined;
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name);
    if (stack === undefined) this.#locals.set(name, [local]);
    else stack.push(local);
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop();
  }

  #path(expr: Expr): readonly string[] {
    return this.#local(expr)?.path ?? this.#paths.get(expr) ?? [];
  }

  #selectCost(expr: Expr & { kind: 'select' }): Range {
    const operand = this.cost(expr.operand);
    if (expr.test) return operand;
    const { kind } = this.#checked.typeOf(expr.operand);
    this.#paths.set(expr, [...this.#path(expr.operand), expr.field]);
    return kind === 'map' || kind === 'object' ? add(operand, ONE) : operand;
  }

  #listCost(expr: Expr, elements: readonly Expr[]): Range {
    let cost = fixed(10);
    for (const element of elements) cost = add(cost, this.cost(element));
    this.#entries.set(expr, { container: 'list', key: ONE, value: this.#largest(elements) });
    return cost;
  }

  #mapCost(expr: Expr, entries: readonly { readonly key: Expr; readonly value: Expr }[]): Range {
    let cost = fixed(30);
    for (const { key, value } of entries) cost = add(cost, add(this.cost(key), this.cost(value)));
    const key = this.#largest(entries.map((entry) => entry.key));
    const value = this.#largest(entries.map((entry) => entry.value));
    this.#entries.set(expr, { container: 'map', key, value });
    return cost;
  }

  #largest(exprs: readonly Expr[]): Range {
    if (exprs.length === 0) return ZERO;
    return exprs.reduce<Range>((all, expr) => union(all, this.size(expr)), { min: UNBOUNDED, max: 0 });
  }

  #callCost(expr: Call): Range {
    const reference = this.#checked.references.get(expr);
    if (reference?.kind !== 'call') return ZERO;
    const { name, target, overloads } = reference;
    if (name === 'dyn' && expr.args[0] !== undefined) return this.#dynCost(expr, expr.args[0]);
    const costs = expr.args.map((arg) => this.cost(arg));
    const args = expr.args.map((arg) => this.#node(arg));
    const targetCost = target === undefined ? ZERO : this.cost(target);
    const targetNode = target === undefined ? undefined : this.#node(target);
    const ids = name === '_?._' ? ['select_optional_field'] : overloads.map(({ id }) => id);
    if (ids.length === 0) return ZERO;
    let cost: Range = { min: UNBOUNDED, max: 0 };
    let size: Range | undefined;
    for (const id of ids) {
      const estimate = this.#functionCost(expr, name, id, targetNode, args, costs);
      cost = union(cost, estimate.cost);
      if (estimate.size !== undefined) size = size === undefined ? estimate.size : union(size, estimate.size);
      const step = id === 'index_list' ? '@items' : id === 'index_map' ? '@values' : undefined;
      if (step !== undefined && expr.args[0] !== undefined) {
        size = this.#entriesOf(expr.args[0])?.value;
        this.#paths.set(expr, [...this.#path(expr.args[0]), step]);
      }
      size ??= this.#knownSize(expr);
    }
    if (size !== undefined) this.#sizes.set(expr, size);
    return add(targetCost, cost);
  }

  #dynCost(expr: Expr, arg: Expr): Range {
    const cost = add(ONE, this.cost(arg));
    this.#copySizes(expr, arg);
    return cost;
  }

  #functionCost(
    expr: Call,
    name: string,
    id: string,
    target: Node | undefined,
    args: readonly Node[],
    costs: readonly Range[],
  ): CallEstimate {
    const [first = ZERO, second = ZERO, third = ZERO] = costs;
    const [left, right, last] = expr.args;
    if (name === '_&&_' || name === '_||_') {
      return { cost: { min: first.min, max: add(first, second).max }, size: undefined };
    }
    if (name === '_?_:_' && right !== undefined && last !== undefined) {
      this.#setEntries(expr, unionOf(this.#entriesOf(right), this.#entriesOf(last)));
      const size = union(this.size(right), this.size(last));
      return { cost: add(first, union(second, third)), size };
    }
    if (/^add_(string|bytes|list)$/.test(id) && left !== undefined && right !== undefined) {
      this.#setEntries(expr, unionOf(this.#entriesOf(left), this.#entriesOf(right)));
    }
    const { cost, size } = estimateCall(name, id, target, args, this.#sizeOf);
    return { cost: costs.reduce(add, cost), size };
  }

  #bindingCost(expr: Comprehension): Range {
    const cost = add(this.cost(expr.range), this.cost(expr.init));
    this.#pushAccumulator(expr);
    const result = this.cost(expr.result);
    // While the variable is in scope: the result may be the variable itself.
    this.#copySizes(expr, expr.result);
    this.#pop(expr.accumulator);
    return add(cost, result);
  }

  #pushAccumulator({ accumulator, init }: Comprehension): void {
    const local = { path: this.#path(init), size: this.#knownSize(init), entries: this.#entriesOf(init) };
    this.#push(accumulator, local);
  }

  #loopCost(expr: Comprehension): Range {
    const { range, variable, variable2, accumulator, init } = expr;
    let cost = add(this.cost(range), this.cost(init));
    this.#pushAccumulator(expr);
    const entries = this.#entriesOf(range);
    const isList = (entries?.container ?? this.#checked.typeOf(range).kind) === 'list';
    const path = this.#path(range);
    const key = { path: [...path, isList ? '@indices' : '@keys'], size: entries?.key, entries: undefined };
    const value = {
      path: [...path, isList ? '@items' : '@values'],
      size: entries?.value,
      entries: undefined,
    };
    this.#push(variable, variable2 === undefined && isList ? value : key);
    if (variable2 !== undefined) this.#push(variable2, value);
    const each = add(this.cost(expr.condition), this.cost(expr.step));
    this.#pop(variable);
    if (variable2 !== undefined) this.#pop(variable2);
    cost = add(cost, this.cost(expr.result));
    this.#pop(accumulator);
    const count = this.size(range);
    if (init.kind === 'literal') this.#setSize(expr, this.#knownSize(init));
    if (init.kind === 'list' || init.kind === 'map') {
      this.#setSize(expr, count);
      this.#setEntries(expr, this.#entriesOf(expr.step));
    }
    return add(cost, multiply(count, each));
  }

  #node(expr: Expr): Node {
    const path = this.#path(expr);
    return {
      path: path[0] === ACCUMULATOR ? [] : path,
      type: this.#checked.typeOf(expr),
      size: this.#knownSize(expr),
      constant: expr.kind === 'literal' ? expr.value : undefined,
    };
  }

  size(expr: Expr): Range {
    return this.#knownSize(expr) ?? UNKNOWN;
  }

  #knownSize(expr: Expr): Range | undefined {
    const computed = this.#sizes.get(expr) ?? literalSize(expr);
    if (computed !== undefined) return computed;
    const type = this.#checked.typeOf(expr);
    const declared = this.#sizeOf(this.#path(expr), type);
    if (declared !== undefined) {
      this.#sizes.set(expr, declared);
      return declared;
    }
    return isScalar(type) ? ONE : this.#local(expr)?.size;
  }

  #setSize(expr: Expr, size: Range | undefined): void {
    if (size !== undefined) this.#sizes.set(expr, size);
  }

  #entriesOf(expr: Expr): Entries | undefined {
    return this.#entries.get(expr) ?? this.#local(expr)?.entries;
  }

  #setEntries(expr: Expr, entries: Entries | undefined): void {
    if (entries !== undefined) this.#entries.set(expr, entries);
  }

  #copySizes(to: Expr, from: Expr): void {
    this.#setSize(to, this.#knownSize(from));
    this.#setEntries(to, this.#entriesOf(from));
  }
}

function unionOf(a: Entries | undefined, b: Entries | undefined): Entries | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { container: a.container, key: union(a.key, b.key), value: union(a.value, b.value) };
}

function isBinding({ range, condition, accumulator }: Comprehension): boolean {
  const isEmpty = range.kind === 'list' && range.elements.length === 0;
  const never = condition.kind === 'literal' && condition.value === false;
  return isEmpty && never && accumulator !== ACCUMULATOR;
}

function literalSize(expr: Expr): Range | undefined {
  if (expr.kind === 'list') return fixed(expr.elements.length);
  if (expr.kind === 'map') return fixed(expr.entries.length);
  return expr.kind === 'literal' ? fixed(constantSize(expr.value)) : undefined;
}

function constantSize(value: CelValue): number {
  if (typeof value === 'string') return lengthOf(value);
  return value instanceof Uint8Array ? value.length : 1;
}

export function isScalar(type: CelType): boolean {
  switch (type.kind) {
    case 'bool':
    case 'int':
    case 'uint':
    case 'double':
    case 'duration':
    case 'timestamp':
      return true;
    default: {
      const inner = optionalParameter(type);
      return inner !== undefined && isScalar(inner);
    }
  }
}
