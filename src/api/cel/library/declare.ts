/** How functions are declared: names, overloads with their types, and what they do. */

import type { Macro } from '../syntax/parser.ts';
import type { CelType } from '../types/type.ts';
import type { CelValue } from '../values/value.ts';

export interface Overload {
  /** Unique; costs are looked up by it. */
  readonly id: string;
  /** Called as `first.name(rest)`. */
  readonly isMember: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  /** Called with values that fit `args`. */
  readonly evaluate: (...args: readonly CelValue[]) => CelValue;
  /** Of calls that could fill the memory: what they will cost, charged before they run. */
  readonly costBefore: ((...args: readonly CelValue[]) => number) | undefined;
  /** With this argument known when compiling: its index, and the function for it. Throws when it is wrong. */
  readonly prepare:
    | { readonly index: number; readonly withConstant: (value: string) => Overload['evaluate'] }
    | undefined;
  /** Whether type parameters occur, so that the checker has to infer. */
  readonly isGeneric: boolean;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

export interface Library {
  readonly functions: readonly FunctionDeclaration[];
  readonly macros: readonly Macro[];
}

type Evaluate<A extends readonly CelValue[]> = (...args: A) => CelValue;

function overload<A extends readonly CelValue[]>(
  id: string,
  isMember: boolean,
  args: readonly CelType[],
  result: CelType,
  evaluate: Evaluate<A>,
  costBefore?: (...args: A) => number,
): Overload {
  return {
    id,
    isMember,
    args,
    result,
    // The evaluator checks arguments against `args` first.
    evaluate: evaluate as unknown as Overload['evaluate'],
    costBefore: costBefore as unknown as Overload['costBefore'],
    prepare: undefined,
    isGeneric: [...args, result].some(mentionsParameter),
  };
}

function mentionsParameter(type: CelType): boolean {
  switch (type.kind) {
    case 'parameter':
      return true;
    case 'list':
      return mentionsParameter(type.items);
    case 'map':
      return mentionsParameter(type.keys) || mentionsParameter(type.values);
    case 'type':
      return type.of !== undefined && mentionsParameter(type.of);
    case 'opaque':
      return type.parameters.some(mentionsParameter);
    default:
      return false;
  }
}

export function onValue<A extends readonly CelValue[]>(
  id: string,
  args: readonly CelType[],
  result: CelType,
  evaluate: Evaluate<A>,
): Overload {
  return overload(id, true, args, result, evaluate);
}

export function global<A extends readonly CelValue[]>(
  id: string,
  args: readonly CelType[],
  result: CelType,
  evaluate: Evaluate<A>,
  costBefore?: (...args: A) => number,
): Overload {
  return overload(id, false, args, result, evaluate, costBefore);
}

/** A function of a string and a pattern, which is compiled once when it is a literal. */
export function withPattern<P>(
  { id, isMember, args, result }: Pick<Overload, 'id' | 'isMember' | 'args' | 'result'>,
  compile: (pattern: string) => P,
  evaluate: (text: string, pattern: P, ...rest: readonly CelValue[]) => CelValue,
): Overload {
  const direct = (text: string, pattern: string, ...rest: readonly CelValue[]): CelValue =>
    evaluate(text, compile(pattern), ...rest);
  const withConstant = (value: string): Overload['evaluate'] => {
    const pattern = compile(value);
    return ((text: string, _: string, ...rest: readonly CelValue[]) =>
      evaluate(text, pattern, ...rest)) as unknown as Overload['evaluate'];
  };
  const plain = overload(id, isMember, args, result, direct as Evaluate<readonly never[]>);
  return { ...plain, prepare: { index: 1, withConstant } };
}

export function fn(name: string, ...overloads: readonly Overload[]): FunctionDeclaration {
  return { name, overloads };
}
