/** Loops: what macros expand to. */

import type { Call, Comprehension, Expr } from '../syntax/ast.ts';
import { ACCUMULATOR } from '../syntax/ast.ts';
import { LiteralMap } from '../values/map.ts';
import { CelError, type CelValue, isList, itemAt, itemsOf, MapValue } from '../values/value.ts';
import { type Compiler, LIST_COST, MAP_COST } from './compiler.ts';
import { type Code, type Frame, UNSET } from './frame.ts';
import { NO_SUCH_OVERLOAD, valueOrError } from './logic.ts';

export function foldCode(compiler: Compiler, expr: Comprehension): Code {
  const range = compiler.value(expr.range);
  const init = freshInit(compiler, expr.init) ?? compiler.value(expr.init);
  const outer = compiler.locals;
  const slot = compiler.newSlot();
  const isBinding = expr.accumulator !== ACCUMULATOR;
  const accumulator = { name: expr.accumulator, slot, init: isBinding ? init : undefined, outer };
  const first = compiler.newSlot();
  const second = compiler.newSlot();
  compiler.locals = { name: expr.variable, slot: first, init: undefined, outer: accumulator };
  if (expr.variable2 !== undefined) {
    compiler.locals = { name: expr.variable2, slot: second, init: undefined, outer: compiler.locals };
  }
  const hasTwo = expr.variable2 !== undefined;
  const variables: Slots = { accumulator: slot, first, second, hasTwo };
  const body = quantifier(compiler, expr) ?? collector(compiler, expr, slot);
  compiler.locals = accumulator;
  const result = compiler.value(expr.result);
  compiler.locals = outer;
  if (isBinding) return bindingCode(range, slot, result);
  return (frame) => {
    const over = range(frame);
    frame.locals[slot] = init(frame);
    body(frame, over, variables);
    return result(frame);
  };
}

interface Slots {
  readonly accumulator: number;
  readonly first: number;
  readonly second: number;
  readonly hasTwo: boolean;
}

type Body = (frame: Frame, over: CelValue, slots: Slots) => void;

/** `cel.bind` and `optMap`: a loop that never runs, whose accumulator is computed when first looked at. */
function bindingCode(range: Code, slot: number, result: Code): Code {
  return (frame) => {
    range(frame);
    const before = frame.locals[slot];
    frame.locals[slot] = UNSET;
    const value = result(frame);
    frame.locals[slot] = before ?? UNSET;
    return value;
  };
}

/** Accumulators that the step grows in place need a container of their own for each loop. */
function freshInit(compiler: Compiler, init: Expr): Code | undefined {
  const isFree = compiler.rules.foldsConstants;
  if (init.kind === 'list' && init.elements.length === 0) {
    return (frame) => {
      if (!isFree) frame.charge(LIST_COST);
      return [];
    };
  }
  if (init.kind !== 'map' || init.entries.length > 0) return undefined;
  return (frame) => {
    if (!isFree) frame.charge(MAP_COST);
    return new LiteralMap();
  };
}

/** Runs `step` for each element until it answers false. */
function forEach(frame: Frame, over: CelValue, slots: Slots, step: () => boolean): void {
  const { first, second, hasTwo } = slots;
  if (isList(over)) {
    for (let i = 0; i < over.length; i++) {
      frame.locals[first] = hasTwo ? i : itemAt(over, i);
      if (hasTwo) frame.locals[second] = itemAt(over, i);
      if (!step()) return;
    }
    return;
  }
  if (!(over instanceof MapValue)) throw new CelError(NO_SUCH_OVERLOAD);
  for (const key of over.keys()) {
    frame.locals[first] = key;
    if (hasTwo) frame.locals[second] = over.get(key) ?? null;
    if (!step()) return;
  }
}

/** `all` and `exists`: an error waits, in case a later element decides. */
function quantifier(compiler: Compiler, { condition, step, init }: Comprehension): Body | undefined {
  if (condition.kind !== 'call' || condition.name !== '@not_strictly_false') return undefined;
  if (step.kind !== 'call' || init.kind !== 'literal' || step.args[1] === undefined) return undefined;
  const start = init.value === true;
  const predicate = compiler.value(step.args[1]);
  // The condition reads the accumulator, negated for `exists`, and the step reads it again.
  const conditionCost = start ? 2 : 3;
  return (frame, over, slots) => {
    let error: CelError | undefined;
    let decided = false;
    forEach(frame, over, slots, () => {
      frame.charge(conditionCost);
      if (decided) return false;
      frame.charge(1);
      const value = valueOrError(predicate, frame);
      if (value === !start) decided = true;
      else if (value !== start) error ??= value instanceof CelError ? value : new CelError(NO_SUCH_OVERLOAD);
      return true;
    });
    if (!decided && error !== undefined) throw error;
    frame.locals[slots.accumulator] = decided ? !start : start;
  };
}

/** All other loops run to their end, and the first error ends them. */
function collector(compiler: Compiler, { condition, step }: Comprehension, slot: number): Body {
  const isWanted = compiler.value(condition);
  const next = stepCode(compiler, step, slot);
  return (frame, over, slots) => {
    forEach(frame, over, slots, () => {
      if (isWanted(frame) !== true) return false;
      frame.locals[slot] = next(frame);
      return true;
    });
  };
}

function isAccumulator(expr: Expr | undefined): boolean {
  return expr?.kind === 'ident' && expr.name === ACCUMULATOR;
}

/** Growing the accumulator happens in place: nobody else can see it. */
function stepCode(compiler: Compiler, step: Expr, slot: number): Code {
  if (step.kind !== 'call') return compiler.value(step);
  if (step.name === '_?_:_' && step.args.length === 3) {
    const [condition, yes, no] = step.args;
    if (condition === undefined || yes === undefined || !isAccumulator(no)) return compiler.value(step);
    const holds = compiler.value(condition);
    const grown = stepCode(compiler, yes, slot);
    return (frame) => {
      const decision = holds(frame);
      if (typeof decision !== 'boolean') throw new CelError(NO_SUCH_OVERLOAD);
      return decision ? grown(frame) : (frame.locals[slot] as CelValue);
    };
  }
  if (!isAccumulator(step.args[0])) return compiler.value(step);
  if (step.name === '_+_') return appendCode(compiler, step, slot);
  return step.name === 'cel.@mapInsert' ? insertCode(compiler, step, slot) : compiler.value(step);
}

function appendCode(compiler: Compiler, step: Call, slot: number): Code {
  const added = step.args[1]?.kind === 'list' ? compiler.value(step.args[1]) : undefined;
  if (added === undefined) return compiler.value(step);
  return (frame) => {
    const items = frame.locals[slot] as CelValue[];
    const more = added(frame);
    // The accumulator was read, and the lists were joined.
    frame.charge(2);
    if (isList(more)) items.push(...itemsOf(more));
    return items;
  };
}

function insertCode(compiler: Compiler, step: Call, slot: number): Code {
  const [key, value] = step.args.slice(1).map((arg) => compiler.value(arg));
  if (key === undefined) return compiler.value(step);
  const onRepeated = (repeated: CelValue): string => `insert failed: key ${String(repeated)} already exists`;
  return (frame) => {
    const map = frame.locals[slot] as LiteralMap;
    const first = key(frame);
    if (value !== undefined) map.insert(first, value(frame), onRepeated);
    else if (first instanceof MapValue) {
      for (const entry of first.keys()) map.insert(entry, first.get(entry) ?? null, onRepeated);
    } else throw new CelError(NO_SUCH_OVERLOAD);
    frame.charge(2);
    return map;
  };
}
