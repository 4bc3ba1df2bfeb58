/**
 * The syntax tree, macros expanded. Nodes are immutable and compared by identity: what later passes find out
 * about a node they keep beside it, and a macro may let one node stand in two places.
 */

import type { CelValue } from '../values/value.ts';

interface Node {
  /** Offset into the expression of what messages point at: an operator, an opening bracket, a name. */
  readonly at: number;
}

export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: CelValue;
}

export interface Ident extends Node {
  readonly kind: 'ident';
  /** With a leading dot when the expression says so. */
  readonly name: string;
}

export interface Select extends Node {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  /** `has(operand.field)`. */
  readonly test: boolean;
}

export interface Call extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

export interface List extends Node {
  readonly kind: 'list';
  readonly elements: readonly Expr[];
  /** Indexes of `?element`. */
  readonly optional: ReadonlySet<number>;
}

export interface MapEntry extends Node {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapLiteral extends Node {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

export interface StructField extends Node {
  readonly field: string;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface Struct extends Node {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly StructField[];
}

/** A loop over `range`: `accumulator` starts as `init`, becomes `step` while `condition` holds. */
export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly range: Expr;
  readonly variable: string;
  /** Of loops with two variables: the value, while `variable` is the index or the key. */
  readonly variable2: string | undefined;
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export type Expr = Literal | Ident | Select | Call | List | MapLiteral | Struct | Comprehension;

/** The accumulator that macros use; no expression can write this name. */
export const ACCUMULATOR = '@result';

export function literal(at: number, value: CelValue): Literal {
  return { kind: 'literal', at, value };
}

export function ident(at: number, name: string): Ident {
  return { kind: 'ident', at, name };
}

export function call(at: number, name: string, ...args: readonly Expr[]): Call {
  return { kind: 'call', at, name, target: undefined, args };
}

export function memberCall(at: number, name: string, target: Expr, ...args: readonly Expr[]): Call {
  return { kind: 'call', at, name, target, args };
}

export function list(at: number, ...elements: readonly Expr[]): List {
  return { kind: 'list', at, elements, optional: NO_OPTIONALS };
}

const NO_OPTIONALS: ReadonlySet<number> = new Set();
