/** The state of one evaluation. */

import type { Binding } from '../values/json.ts';
import { CelError, type CelValue } from '../values/value.ts';

export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';
}

/** A variable of a macro whose value was not asked for yet. */
export const UNSET = Symbol('unset');

/** About a second: what costs little may take longest, and nothing else happens meanwhile. */
const WORK_MAX = 100_000_000;

export class Frame {
  cost = 0;
  #work = 0;
  readonly limit: number;
  /** Variables of macros, by slot. */
  readonly locals: (CelValue | typeof UNSET)[] = [];
  /** Variables of the environment that were looked at, by slot. */
  readonly globals: (CelValue | undefined)[] = [];
  readonly #bindings: Readonly<Record<string, Binding>>;

  constructor(bindings: Readonly<Record<string, Binding>>, limit: number) {
    this.#bindings = bindings;
    this.limit = limit;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new CostExceeded();
  }

  /** Before a call that takes longer than its cost tells: how many steps it will take (`cost/call-work.ts`). */
  toil(steps: number): void {
    this.#work += steps;
    if (this.#work > WORK_MAX) throw new CostExceeded();
  }

  binding(name: string): Binding {
    const value = Object.hasOwn(this.#bindings, name) ? this.#bindings[name] : undefined;
    if (value === undefined) throw new CelError(`no such attribute(s): ${name}`);
    return value;
  }
}

export type Code = (frame: Frame) => CelValue;
