/** Calls of functions: arguments, the overload that fits them, what it costs. */

import type { CallCost } from '../cost/call-cost.ts';
import { workOf } from '../cost/call-work.ts';
import type { Overload } from '../library/declare.ts';
import { typeName } from '../types/type.ts';
import { type Guard, guardOf, typeOf } from '../values/kind.ts';
import { CelError, type CelValue, OptionalValue } from '../values/value.ts';
import { type Code, CostExceeded, type Frame } from './frame.ts';
import { NO_SUCH_OVERLOAD, valueOrError } from './logic.ts';

interface Candidate {
  readonly guards: readonly Guard[];
  readonly evaluate: Overload['evaluate'];
  readonly costBefore: Overload['costBefore'];
  readonly work: ReturnType<typeof workOf>;
}

export function callCode(
  name: string,
  overloads: readonly Overload[],
  args: readonly Code[],
  constants: readonly (CelValue | undefined)[],
  cost: CallCost,
): Code {
  const lazy = lazyCode(name, args);
  if (lazy !== undefined) return lazy;
  const candidates = overloads.map((overload): Candidate => ({
    guards: overload.args.map(guardOf),
    evaluate: prepared(overload, constants),
    costBefore: overload.costBefore,
    work: workOf(overload.id),
  }));
  const only = candidates.length === 1 ? candidates[0] : undefined;
  if (only?.costBefore === undefined && only !== undefined) {
    if (args.length === 1) return unary(name, only, args, cost);
    if (args.length === 2) return binary(name, only, args, cost);
  }
  return (frame) => {
    const values = args.map((arg) => arg(frame));
    const candidate = candidates.find(({ guards }) => guards.every((fits, i) => fits(values[i] ?? null)));
    if (candidate === undefined) throw noSuchOverload(name, values);
    if (candidate.costBefore !== undefined && candidate.costBefore(...values) > frame.limit - frame.cost) {
      throw new CostExceeded();
    }
    if (candidate.work !== undefined) frame.toil(candidate.work(values));
    const result = candidate.evaluate(...values);
    frame.charge(typeof cost === 'number' ? cost : cost(values, result));
    return result;
  };
}

function prepared(
  { prepare, evaluate }: Overload,
  constants: readonly (CelValue | undefined)[],
): Overload['evaluate'] {
  const constant = prepare === undefined ? undefined : constants[prepare.index];
  return typeof constant === 'string' && prepare !== undefined ? prepare.withConstant(constant) : evaluate;
}

function unary(
  name: string,
  { guards, evaluate, work }: Candidate,
  args: readonly Code[],
  cost: CallCost,
): Code {
  const [arg] = args;
  const [fits] = guards;
  if (arg === undefined || fits === undefined) throw new CelError(NO_SUCH_OVERLOAD);
  return (frame) => {
    const value = arg(frame);
    if (!fits(value)) throw noSuchOverload(name, [value]);
    if (work !== undefined) frame.toil(work([value]));
    const result = evaluate(value);
    frame.charge(typeof cost === 'number' ? cost : cost([value], result));
    return result;
  };
}

function binary(
  name: string,
  { guards, evaluate, work }: Candidate,
  args: readonly Code[],
  cost: CallCost,
): Code {
  const [left, right] = args;
  const [fitsLeft, fitsRight] = guards;
  if (left === undefined || right === undefined || fitsLeft === undefined || fitsRight === undefined) {
    throw new CelError(NO_SUCH_OVERLOAD);
  }
  return (frame) => {
    const first = left(frame);
    const second = right(frame);
    if (!fitsLeft(first) || !fitsRight(second)) throw noSuchOverload(name, [first, second]);
    if (work !== undefined) frame.toil(work([first, second]));
    const result = evaluate(first, second);
    frame.charge(typeof cost === 'number' ? cost : cost([first, second], result));
    return result;
  };
}

function noSuchOverload(name: string, values: readonly CelValue[]): CelError {
  if (!/^[a-z]/.test(name)) return new CelError(NO_SUCH_OVERLOAD);
  const types = values.map((value) => typeName(typeOf(value)));
  return new CelError(`${NO_SUCH_OVERLOAD}: ${name}(${types.join(', ')})`);
}

/** Functions that do not look at all their arguments. They cost nothing of their own. */
function lazyCode(name: string, [first, second]: readonly Code[]): Code | undefined {
  if (first === undefined) return undefined;
  if (name === '@not_strictly_false') {
    return (frame) => {
      const value = valueOrError(first, frame);
      frame.charge(1);
      return value !== false;
    };
  }
  if (second === undefined || (name !== 'or' && name !== 'orValue')) return undefined;
  return (frame: Frame) => {
    const optional = first(frame);
    if (!(optional instanceof OptionalValue)) throw new CelError(NO_SUCH_OVERLOAD);
    if (optional.value === undefined) return second(frame);
    return name === 'or' ? optional : optional.value;
  };
}
