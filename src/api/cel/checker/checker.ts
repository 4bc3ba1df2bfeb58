/**
 * Types of all parts of an expression, and what its names and calls stand for.
 *
 * Inputs: a syntax tree and an environment. Outputs: `Checked`, or every problem that was found. Overloads are
 * resolved by type; a call whose arguments are dyn keeps all overloads that may fit, and the evaluator picks.
 */

import { candidates, type Environment } from '../environment.ts';
import type { Overload } from '../library/declare.ts';
import type { Call, Comprehension, Expr, List, MapLiteral, Select, Struct } from '../syntax/ast.ts';
import {
  BOOL,
  type CelType,
  DYN,
  ERROR,
  formatType,
  INT,
  listOf,
  mapOf,
  type ObjectType,
  optionalOf,
  optionalParameter,
  parameter,
  typeOfType,
} from '../types/type.ts';
import { isAssignable, isWild, moreGeneral, substitute, Substitution } from '../types/unify.ts';
import { typeOf } from '../values/kind.ts';
import { type CelValue, TypeValue } from '../values/value.ts';
import { resolveOverloads } from './overloads.ts';
import { type Scope, lookUp } from './scope.ts';

export type Reference =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: CelValue }
  | { readonly kind: 'object'; readonly type: ObjectType }
  /** `target` is undefined for `optional.of(x)`, where what looks like one is part of the name. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly target: Expr | undefined;
      readonly overloads: readonly Overload[];
    };

export interface Problem {
  readonly message: string;
  readonly at: number;
}

export interface Checked {
  readonly root: Expr;
  readonly typeOf: (expr: Expr) => CelType;
  readonly references: ReadonlyMap<Expr, Reference>;
  readonly problems: readonly Problem[];
}

export function check(root: Expr, environment: Environment): Checked {
  const checker = new Checker(environment);
  checker.check(root);
  const { bound, types, references, problems } = checker;
  return {
    root,
    typeOf: (expr) => substitute(bound, types.get(expr) ?? DYN, true),
    references,
    problems,
  };
}

/** Further messages about one expression help nobody. */
const PROBLEMS_MAX = 100;

class Checker {
  readonly bound = new Substitution();
  readonly types = new Map<Expr, CelType>();
  readonly references = new Map<Expr, Reference>();
  readonly problems: Problem[] = [];
  readonly #environment: Environment;
  #scope: Scope | undefined;
  #variables = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.types.set(expr, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return typeOf(expr.value);
      case 'ident':
        return this.#ident(expr, expr.name) ?? this.#undeclared(expr, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  problem(at: number, message: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ at, message });
  }

  #undeclared(expr: Expr, name: string): CelType {
    const { container } = this.#environment;
    this.problem(expr.at, `undeclared reference to '${name}' (in container '${container}')`);
    return ERROR;
  }

  #mismatch(at: number, expected: CelType, found: CelType): void {
    this.problem(at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
  }

  #newParameter(): CelType {
    return parameter(`_var${this.#variables++}`);
  }

  /** A variable or the name of a type; undefined when there is none of this name. */
  #ident(expr: Expr, name: string): CelType | undefined {
    const local = lookUp(this.#scope, name);
    if (local !== undefined) {
      this.references.set(expr, { kind: 'local', name });
      return local;
    }
    for (const candidate of candidates(this.#environment, name)) {
      const variable = this.#environment.variables.get(candidate);
      if (variable !== undefined) {
        this.references.set(expr, { kind: 'variable', name: candidate });
        return variable;
      }
      const type = this.#environment.typeNamed(candidate);
      if (type !== undefined) {
        this.references.set(expr, { kind: 'constant', value: new TypeValue(type) });
        return typeOfType(type);
      }
    }
    return undefined;
  }

  #select(expr: Select): CelType {
    const name = expr.test ? undefined : qualifiedName(expr);
    const isLocal = name !== undefined && lookUp(this.#scope, name.split('.')[0] ?? '') !== undefined;
    const type = name === undefined || isLocal ? undefined : this.#ident(expr, name);
    if (type !== undefined) return type;
    const field = this.#field(expr, expr.operand, expr.field, false);
    return expr.test ? BOOL : substitute(this.bound, field, false);
  }

  #field(expr: Expr, operand: Expr, field: string, isOptional: boolean): CelType {
    const operandType = substitute(this.bound, this.check(operand), false);
    const inner = optionalParameter(operandType);
    const type = this.#fieldOf(expr, inner ?? operandType, field);
    return inner !== undefined || isOptional ? optionalOf(type) : type;
  }

  #fieldOf(expr: Expr, type: CelType, field: string): CelType {
    switch (type.kind) {
      case 'map':
        return type.values;
      case 'object': {
        const declared = type.field(field);
        if (declared === undefined) this.problem(expr.at, `undefined field '${field}'`);
        return declared?.type ?? ERROR;
      }
      case 'parameter':
        isAssignable(this.bound, DYN, type);
        return DYN;
      case 'dyn':
      case 'error':
        return DYN;
      default:
        this.problem(expr.at, `type '${formatType(type)}' does not support field selection`);
        return DYN;
    }
  }

  #call(expr: Call): CelType {
    if (expr.name === '_?._') return this.#optionalSelect(expr);
    for (const arg of expr.args) this.check(arg);
    if (expr.target !== undefined) {
      const prefix = qualifiedName(expr.target);
      const namespaced = prefix === undefined ? undefined : this.#function(`${prefix}.${expr.name}`);
      if (namespaced !== undefined) return this.#resolve(expr, namespaced, undefined);
      this.check(expr.target);
    }
    const found = this.#function(expr.name);
    if (found === undefined) return this.#undeclared(expr, expr.name);
    return this.#resolve(expr, found, expr.target);
  }

  #optionalSelect(expr: Call): CelType {
    const [operand, field] = expr.args;
    if (operand === undefined || field?.kind !== 'literal' || typeof field.value !== 'string') return ERROR;
    this.types.set(field, typeOf(field.value));
    const type = this.#field(expr, operand, field.value, true);
    this.references.set(expr, { kind: 'call', name: expr.name, target: undefined, overloads: [] });
    return substitute(this.bound, type, false);
  }

  #function(name: string): { readonly name: string; readonly overloads: readonly Overload[] } | undefined {
    for (const candidate of candidates(this.#environment, name)) {
      const overloads = this.#environment.functions.get(candidate);
      if (overloads !== undefined) return { name: candidate, overloads };
    }
    return undefined;
  }

  #resolve(
    expr: Call,
    { name, overloads }: { readonly name: string; readonly overloads: readonly Overload[] },
    target: Expr | undefined,
  ): CelType {
    const args = target === undefined ? expr.args : [target, ...expr.args];
    const types = args.map((arg) => this.types.get(arg) ?? ERROR);
    if (name === '_&&_' || name === '_||_') return this.#logical(expr, name, overloads, types);
    const isMember = target !== undefined;
    const resolved = resolveOverloads(this.bound, overloads, isMember, types, () => this.#newParameter());
    if (resolved === undefined) {
      const final = types.map((type) => formatType(substitute(this.bound, type, true)));
      const signature = isMember
        ? `${final[0] ?? ''}.(${final.slice(1).join(', ')})`
        : `(${final.join(', ')})`;
      this.problem(expr.at, `found no matching overload for '${name}' applied to '${signature}'`);
      return ERROR;
    }
    this.references.set(expr, { kind: 'call', name, target, overloads: resolved.overloads });
    return resolved.type;
  }

  #logical(expr: Call, name: string, overloads: readonly Overload[], types: readonly CelType[]): CelType {
    for (const [i, type] of types.entries()) {
      const at = expr.args[i]?.at ?? expr.at;
      if (!isAssignable(this.bound, type, BOOL)) this.#mismatch(at, BOOL, type);
    }
    this.references.set(expr, { kind: 'call', name, target: undefined, overloads });
    return BOOL;
  }

  #list(expr: List): CelType {
    let items: CelType | undefined;
    for (const [i, element] of expr.elements.entries()) {
      const type = this.#perhapsOptional(element, this.check(element), expr.optional.has(i));
      items = this.#join(element, items, type);
    }
    return listOf(items ?? this.#newParameter());
  }

  #perhapsOptional(expr: Expr, type: CelType, isOptional: boolean): CelType {
    if (!isOptional) return type;
    const inner = optionalParameter(type);
    if (inner === undefined && !isWild(type)) this.#mismatch(expr.at, optionalOf(type), type);
    return inner ?? type;
  }

  /** The type of elements that stand side by side in a literal. */
  #join(expr: Expr, before: CelType | undefined, type: CelType): CelType {
    if (before === undefined) return type;
    if (isAssignable(this.bound, before, type)) return moreGeneral(before, type);
    if (!this.#environment.rules.homogeneousLiterals) return DYN;
    this.#mismatch(expr.at, before, type);
    return ERROR;
  }

  #map(expr: MapLiteral): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, optional } of expr.entries) {
      keys = this.#join(key, keys, this.check(key));
      values = this.#join(value, values, this.#perhapsOptional(value, this.check(value), optional));
    }
    return mapOf(keys ?? this.#newParameter(), values ?? this.#newParameter());
  }

  #struct(expr: Struct): CelType {
    const type = candidates(this.#environment, expr.name)
      .map((name) => this.#environment.typeNamed(name))
      .find((found) => found !== undefined);
    for (const { value } of expr.fields) this.check(value);
    if (type === undefined) return this.#undeclared(expr, expr.name);
    if (type.kind !== 'object') {
      this.problem(expr.at, `'${formatType(type)}' is not a message type`);
      return ERROR;
    }
    for (const { field, value, optional, at } of expr.fields) {
      const declared = type.field(field);
      const found = this.#perhapsOptional(value, this.types.get(value) ?? ERROR, optional);
      if (declared === undefined) this.problem(at, `undefined field '${field}'`);
      else if (!isAssignable(this.bound, declared.type, found)) {
        const expected = `expected type of field '${field}' is '${formatType(declared.type)}'`;
        this.problem(at, `${expected} but provided type is '${formatType(found)}'`);
      }
    }
    this.references.set(expr, { kind: 'object', type });
    return type;
  }

  #comprehension(expr: Comprehension): CelType {
    const range = substitute(this.bound, this.check(expr.range), false);
    const accumulator = this.check(expr.init);
    const outer = this.#scope;
    const within: Scope = { name: expr.accumulator, type: accumulator, outer };
    const [first, second] = this.#loopVariables(expr, range);
    this.#scope = { name: expr.variable, type: first, outer: within };
    if (expr.variable2 !== undefined) {
      this.#scope = { name: expr.variable2, type: second, outer: this.#scope };
    }
    this.#assert(expr.condition, BOOL);
    this.#assert(expr.step, accumulator);
    this.#scope = within;
    const result = this.check(expr.result);
    this.#scope = outer;
    return substitute(this.bound, result, false);
  }

  #assert(expr: Expr, expected: CelType): void {
    const found = this.check(expr);
    if (!isAssignable(this.bound, expected, found)) this.#mismatch(expr.at, expected, found);
  }

  #loopVariables({ range, variable2 }: Comprehension, type: CelType): readonly [CelType, CelType] {
    switch (type.kind) {
      case 'list':
        return variable2 === undefined ? [type.items, ERROR] : [INT, type.items];
      case 'map':
        return [type.keys, type.values];
      case 'dyn':
      case 'error':
      case 'parameter':
        isAssignable(this.bound, DYN, type);
        return [DYN, DYN];
      default:
        this.problem(
          range.at,
          `expression of type '${formatType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [ERROR, ERROR];
    }
  }
}

/** `a.b.c` as one name, if the expression has that form. */
function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.test) return undefined;
  const operand = qualifiedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}
