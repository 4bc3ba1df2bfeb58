/**
 * Evaluating the expressions of a policy, several in a row under one budget of cost, as upstream's
 * `admission/plugin/cel` does it. Pure but for the authorizer that an expression may ask.
 *
 * Variables of the policy are computed when first named, once for a row, and what they cost is the row's. An
 * expression that fails is a result; a budget that is used up ends the row: `OutOfBudget`.
 */

import { COST_PER_CALL_MAX } from '../../../api/cel/kubernetes/environment.ts';
import type { ObjectType } from '../../../api/cel/types/type.ts';
import type { Binding } from '../../../api/cel/values/json.ts';
import { CelError, type CelValue, ObjectValue } from '../../../api/cel/values/value.ts';
import type { CompiledExpression } from '../../../api/groups/admissionregistration/expressions.ts';

/** For the validations, messages or mutations of a policy under one binding and parameter. */
export const BUDGET = 10_000_000;
export const MATCH_CONDITIONS_BUDGET = 2_500_000;

/** An expression with the text that messages quote. */
export interface Expression {
  readonly text: string;
  readonly compiled: CompiledExpression;
}

export interface Variables {
  readonly type: ObjectType;
  readonly compiled: ReadonlyMap<string, CompiledExpression>;
}

export type Result =
  | { readonly ok: true; readonly value: CelValue }
  | { readonly ok: false; readonly error: string };

/** Long work in pieces: between them somebody else may have a turn. */
export type Steps<T> = Generator<undefined, T>;

export type Bindings = Readonly<Record<string, Binding>>;

export class OutOfBudget extends Error {
  override readonly name = 'OutOfBudget';

  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** What was spent on a request so far, by all rows. */
export class Meter {
  cost = 0;
}

export class Row {
  readonly #bindings: Bindings;
  readonly #budget: number;
  readonly #meter: Meter;
  #spent = 0;

  constructor(variables: Variables, bindings: Bindings, budget: number, meter: Meter) {
    this.#budget = budget;
    this.#meter = meter;
    this.#bindings = { ...bindings, variables: new LazyVariables(variables, () => this.#bindings, this) };
  }

  get remaining(): number {
    return this.#budget - this.#spent;
  }

  /** Throws `OutOfBudget`. */
  charge(cost: number): void {
    this.#spent += cost;
    this.#meter.cost += cost;
    if (this.#spent > this.#budget) throw new OutOfBudget();
  }

  /** Throws `OutOfBudget`. */
  evaluate({ text, compiled }: Expression): Result {
    if (!compiled.ok) return { ok: false, error: `compilation error: ${compiled.problem}` };
    const evaluation = compiled.program.evaluate(this.#bindings, { costLimit: COST_PER_CALL_MAX });
    this.charge(evaluation.cost);
    if (evaluation.ok) return { ok: true, value: evaluation.value };
    return { ok: false, error: `expression '${text}' resulted in error: ${evaluation.error}` };
  }
}

/** Sooner stopped than upstream's, which counts what variables cost only when the expression is done. */
class LazyVariables extends ObjectValue {
  override readonly type: ObjectType;
  readonly #compiled: ReadonlyMap<string, CompiledExpression>;
  readonly #bindings: () => Bindings;
  readonly #row: Row;
  readonly #known = new Map<string, CelValue | CelError>();

  constructor({ type, compiled }: Variables, bindings: () => Bindings, row: Row) {
    super();
    this.type = type;
    this.#compiled = compiled;
    this.#bindings = bindings;
    this.#row = row;
  }

  override get(name: string): CelValue | undefined {
    const compiled = this.#compiled.get(name);
    if (compiled === undefined) return undefined;
    const value = this.#known.get(name) ?? this.#compute(name, compiled);
    if (value instanceof CelError) throw value;
    return value;
  }

  override has(name: string): boolean {
    return this.#compiled.has(name);
  }

  override entries(): ReadonlyMap<string, CelValue> {
    return new Map([...this.#compiled.keys()].map((name) => [name, this.get(name) ?? null]));
  }

  #compute(name: string, compiled: CompiledExpression): CelValue | CelError {
    const quoted = JSON.stringify(name);
    this.#known.set(name, new CelError(`composited variable ${quoted} names itself`));
    const value = this.#evaluate(quoted, compiled);
    this.#known.set(name, value);
    return value;
  }

  #evaluate(quoted: string, compiled: CompiledExpression): CelValue | CelError {
    if (!compiled.ok) {
      return new CelError(`composited variable ${quoted} fails to compile: ${compiled.problem}`);
    }
    const costLimit = Math.min(COST_PER_CALL_MAX, this.#row.remaining);
    const evaluation = compiled.program.evaluate(this.#bindings(), { costLimit });
    this.#row.charge(evaluation.cost);
    if (evaluation.ok) return evaluation.value;
    return new CelError(`composited variable ${quoted} fails to evaluate: ${evaluation.error}`);
  }
}

/** What the expressions of a row yield; undefined where there is none. */
export function* evaluateAll(
  row: Row,
  expressions: readonly (Expression | undefined)[],
): Steps<{ readonly results: readonly (Result | undefined)[] } | { readonly exhausted: string }> {
  const results: (Result | undefined)[] = [];
  for (const expression of expressions) {
    try {
      results.push(expression === undefined ? undefined : row.evaluate(expression));
    } catch (error) {
      if (error instanceof OutOfBudget) return { exhausted: error.message };
      throw error;
    }
    yield undefined;
  }
  return { results };
}
