/** Which overloads of a function fit the types of a call, and what it answers. */

import type { Overload } from '../library/declare.ts';
import { type CelType, DYN, isSameType, parametersOf } from '../types/type.ts';
import { areAssignable, substitute, Substitution } from '../types/unify.ts';

export interface Resolved {
  readonly overloads: readonly Overload[];
  readonly type: CelType;
}

export function resolveOverloads(
  bound: Substitution,
  overloads: readonly Overload[],
  isMember: boolean,
  args: readonly CelType[],
  newParameter: () => CelType,
): Resolved | undefined {
  const fitting: Overload[] = [];
  let type: CelType | undefined;
  for (const overload of overloads) {
    if (overload.isMember !== isMember || overload.args.length !== args.length) continue;
    const { args: expected, result } = overload.isGeneric ? instantiate(overload, newParameter) : overload;
    if (!areAssignable(bound, args, expected)) continue;
    fitting.push(overload);
    const answers = substitute(bound, result, false);
    if (type === undefined) type = answers;
    else if (type.kind !== 'dyn' && !isSameType(answers, type)) type = DYN;
  }
  return type === undefined ? undefined : { overloads: fitting, type };
}

/** The overload's types with fresh type parameters. */
function instantiate(
  { args, result }: Overload,
  newParameter: () => CelType,
): { readonly args: readonly CelType[]; readonly result: CelType } {
  const fresh = new Substitution();
  const rename = (type: CelType): void => {
    if (type.kind === 'parameter' && fresh.get(type.name) === undefined) fresh.set(type.name, newParameter());
    for (const inner of parametersOf(type)) rename(inner);
  };
  args.forEach(rename);
  rename(result);
  return { args: args.map((arg) => substitute(fresh, arg, false)), result: substitute(fresh, result, false) };
}
