/**
 * A checked expression to closures. Every closure charges for what it does exactly as cel-go's interpreter
 * does, whose numbers are part of the API:
 *
 * - a variable or a chain `a.b[c].d` costs 1, and 1 for each step; when it is a branch of `?:` or an index of
 *   another chain, the first 1 is not charged;
 * - calls cost what `../cost/call-cost.ts` says; `&&`, `||`, `?:` and loops cost nothing of their own;
 * - literals of lists, maps and objects cost 10, 30 and 40; constants nothing.
 */

import { callCost } from '../cost/call-cost.ts';
import type { Checked, Problem } from '../checker/checker.ts';
import type { Rules } from '../environment.ts';
import type { Call, Expr, Ident, List, MapLiteral, Select, Struct } from '../syntax/ast.ts';
import type { CelType } from '../types/type.ts';
import { fromJson, JsonObjectValue } from '../values/json.ts';
import { BuiltObject, LiteralMap } from '../values/map.ts';
import { CelError, type CelValue, NONE, OptionalValue } from '../values/value.ts';
import { find, get, has } from './access.ts';
import { callCode } from './call.ts';
import { foldCode } from './fold.ts';
import { type Code, type Frame, UNSET } from './frame.ts';
import { conditional, logical, valueOrError } from './logic.ts';
import { constantMembership, isConversion } from './constant.ts';

export const LIST_COST = 10;
export const MAP_COST = 30;
export const OBJECT_COST = 40;

/** A variable of a macro while its body is compiled. */
export interface Local {
  readonly name: string;
  readonly slot: number;
  /** Computed when first asked for. */
  readonly init: Code | undefined;
  readonly outer: Local | undefined;
}

export interface Compiled {
  readonly code: Code;
  readonly problems: readonly Problem[];
}

export function compileCode(
  checked: Checked,
  rules: Rules,
  variables: ReadonlyMap<string, CelType>,
): Compiled {
  const compiler = new Compiler(checked, rules, variables);
  return { code: compiler.value(checked.root), problems: compiler.problems };
}

export class Compiler {
  readonly checked: Checked;
  readonly rules: Rules;
  readonly problems: Problem[] = [];
  locals: Local | undefined;
  readonly #variables: ReadonlyMap<string, CelType>;
  readonly #globalSlots = new Map<string, number>();
  readonly #constants = new Map<Code, CelValue>();
  #slots = 0;

  constructor(checked: Checked, rules: Rules, variables: ReadonlyMap<string, CelType>) {
    this.checked = checked;
    this.rules = rules;
    this.#variables = variables;
  }

  newSlot(): number {
    return this.#slots++;
  }

  constant(value: CelValue): Code {
    const code = (): CelValue => value;
    this.#constants.set(code, value);
    return code;
  }

  constantOf(code: Code): CelValue | undefined {
    return this.#constants.get(code);
  }

  /** The value, everything charged. */
  value(expr: Expr): Code {
    const code = this.#parts(expr);
    if (!this.isChain(expr) || this.#isConditional(rootOf(expr)) || isTest(expr)) return code;
    return (frame) => {
      const value = code(frame);
      frame.charge(1);
      return value;
    };
  }

  /** As a branch of `?:`, an index or the operand of a step: chains are not charged for as a whole. */
  resolved(expr: Expr): Code {
    return this.#parts(expr);
  }

  #parts(expr: Expr): Code {
    const reference = this.checked.references.get(expr);
    if (reference?.kind === 'constant') return this.constant(reference.value);
    if (reference?.kind === 'variable') return this.#global(reference.name);
    switch (expr.kind) {
      case 'literal':
        return this.constant(expr.value);
      case 'ident':
        return this.#local(expr);
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
        return foldCode(this, expr);
    }
  }

  /** Variables and what is selected from them or from any other value: upstream's attributes. */
  isChain(expr: Expr): boolean {
    const reference = this.checked.references.get(expr);
    if (reference?.kind === 'constant') return false;
    return expr.kind === 'ident' || expr.kind === 'select' || (expr.kind === 'call' && isStep(expr));
  }

  #isConditional(expr: Expr): boolean {
    return expr.kind === 'call' && expr.name === '_?_:_';
  }

  #global(name: string): Code {
    const slot = this.#globalSlots.get(name) ?? this.#globalSlots.size;
    this.#globalSlots.set(name, slot);
    const type = this.#variables.get(name);
    return (frame) => {
      const known = frame.globals[slot];
      if (known !== undefined) return known;
      const binding = frame.binding(name);
      const value = type === undefined ? null : fromJson(binding, type);
      frame.globals[slot] = value;
      return value;
    };
  }

  #local({ name }: Ident): Code {
    let local = this.locals;
    while (local !== undefined && local.name !== name) local = local.outer;
    if (local === undefined) throw new CelError(`no such attribute(s): ${name}`);
    const { slot, init } = local;
    return (frame) => {
      const value = frame.locals[slot];
      if (value !== UNSET && value !== undefined) return value;
      const first = init === undefined ? null : init(frame);
      frame.locals[slot] = first;
      return first;
    };
  }

  #select({ operand, field, test }: Select): Code {
    const container = this.#operand(operand);
    if (test) {
      return (frame) => {
        const value = container(frame);
        const inner = value instanceof OptionalValue ? value.value : value;
        frame.charge(1);
        return inner !== undefined && has(inner, field);
      };
    }
    const type = this.checked.typeOf(operand);
    const declared = type.kind === 'object' ? type.field(field) : undefined;
    return (frame) => {
      const value = container(frame);
      if (value instanceof OptionalValue) return optionalStep(frame, value, field);
      frame.charge(1);
      if (declared !== undefined && value instanceof JsonObjectValue && value.type === type) {
        if (!Object.hasOwn(value.json, declared.name)) throw new CelError(`no such key: ${field}`);
        return fromJson(value.json[declared.name], declared.type);
      }
      return get(value, field);
    };
  }

  #operand(expr: Expr): Code {
    return this.isChain(expr) && !isTest(expr) ? this.resolved(expr) : this.value(expr);
  }

  #step(expr: Call): Code {
    const [operand, key] = expr.args;
    if (operand === undefined || key === undefined) return this.constant(null);
    const container = this.#operand(operand);
    const isOptional = expr.name !== '_[_]';
    const index = this.resolved(key);
    return (frame) => {
      const value = container(frame);
      if (value === NONE) return NONE;
      const at = index(frame);
      if (value instanceof OptionalValue) return optionalStep(frame, value, at);
      if (isOptional) return optionalStep(frame, new OptionalValue(value), at);
      frame.charge(1);
      return get(value, at);
    };
  }

  #call(expr: Call): Code {
    if (isStep(expr)) return this.#step(expr);
    const reference = this.checked.references.get(expr);
    if (reference?.kind !== 'call') throw new CelError(`no such overload: ${expr.name}`);
    const { name, target, overloads } = reference;
    const args = target === undefined ? expr.args : [target, ...expr.args];
    if (name === '_&&_' || name === '_||_')
      return logical(
        args.map((arg) => this.value(arg)),
        name === '_&&_',
      );
    if (name === '_?_:_') {
      const [condition, yes, no] = args;
      if (condition === undefined || yes === undefined || no === undefined) return this.constant(null);
      return conditional(this.value(condition), this.resolved(yes), this.resolved(no));
    }
    const codes = args.map((arg) => this.value(arg));
    const constants = codes.map((code) => this.constantOf(code));
    if (this.rules.foldsConstants && overloads.length === 1 && overloads[0]?.id === 'in_list') {
      const folded = constantMembership(this, codes, constants[1]);
      if (folded !== undefined) return folded;
    }
    const id = overloads.length === 1 ? (overloads[0]?.id ?? '') : '';
    try {
      const code = callCode(name, overloads, codes, constants, callCost(name, id));
      if (!this.rules.foldsConstants || !isConversion(name) || constants[0] === undefined) return code;
      return codes.length === 1 ? this.constant(code(NO_FRAME)) : code;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      this.problems.push({ at: expr.at, message: error.message });
      return this.constant(null);
    }
  }

  #list({ elements, optional }: List): Code {
    const codes = elements.map((element) => this.value(element));
    const isPlain = optional.size === 0;
    const constants = codes.map((code) => this.constantOf(code));
    if (this.rules.foldsConstants && isPlain && constants.every((value) => value !== undefined)) {
      return this.constant(constants);
    }
    return (frame) => {
      const items: CelValue[] = [];
      for (let i = 0; i < codes.length; i++) {
        const value = codes[i]?.(frame) ?? null;
        if (isPlain || !optional.has(i)) items.push(value);
        else if (!(value instanceof OptionalValue)) {
          throw new CelError('cannot initialize optional list element from non-optional value');
        } else if (value.value !== undefined) items.push(value.value);
      }
      frame.charge(LIST_COST);
      return items;
    };
  }

  #map({ entries }: MapLiteral): Code {
    const codes = entries.map(({ key, value, optional }) => ({
      key: this.value(key),
      value: this.value(value),
      optional,
    }));
    const build = (frame: Frame): CelValue => {
      const map = new LiteralMap();
      for (const { key, value, optional } of codes) {
        const at = key(frame);
        const entry = perhapsOptional(value(frame), optional, at);
        if (entry !== undefined) map.insert(at, entry, () => 'Failed with repeated key');
      }
      return map;
    };
    const isConstant = codes.every(
      ({ key, value, optional }) =>
        !optional && this.constantOf(key) !== undefined && this.constantOf(value) !== undefined,
    );
    const folded = this.rules.foldsConstants && isConstant ? valueOrError(build, NO_FRAME) : undefined;
    // A wrong key is an error of the evaluation.
    if (folded !== undefined && !(folded instanceof CelError)) return this.constant(folded);
    return (frame) => {
      const map = build(frame);
      frame.charge(MAP_COST);
      return map;
    };
  }

  #struct(expr: Struct): Code {
    const reference = this.checked.references.get(expr);
    if (reference?.kind !== 'object') throw new CelError(`unknown type: ${expr.name}`);
    const fields = expr.fields.map(({ field, value, optional }) => ({
      field,
      value: this.value(value),
      optional,
    }));
    return (frame) => {
      const values = new Map<string, CelValue>();
      for (const { field, value, optional } of fields) {
        const set = perhapsOptional(value(frame), optional, field);
        if (set !== undefined) values.set(field, set);
      }
      frame.charge(OBJECT_COST);
      return new BuiltObject(reference.type, values);
    };
  }
}

/** For what is computed while compiling: constants touch nothing of it. */
const NO_FRAME = Object.freeze({
  cost: 0, limit: 0, locals: [], globals: [], charge: () => undefined,
}) as unknown as Frame; // prettier-ignore

function perhapsOptional(value: CelValue, optional: boolean, key: CelValue): CelValue | undefined {
  if (!optional) return value;
  if (value instanceof OptionalValue) return value.value;
  throw new CelError(`cannot initialize optional entry '${String(key)}' from non-optional value`);
}

function optionalStep(frame: Frame, optional: OptionalValue, key: CelValue): CelValue {
  const found = optional.value === undefined ? undefined : find(optional.value, key);
  if (found === undefined) return NONE;
  frame.charge(1);
  return new OptionalValue(found);
}

function isStep({ name }: Call): boolean {
  return name === '_[_]' || name === '_?._' || name === '_[?_]';
}

function isTest(expr: Expr): boolean {
  return expr.kind === 'select' && expr.test;
}

function rootOf(expr: Expr): Expr {
  let root = expr;
  for (;;) {
    if (root.kind === 'select' && !root.test) root = root.operand;
    else if (root.kind === 'call' && isStep(root) && root.args[0] !== undefined) root = root.args[0];
    else return root;
  }
}
