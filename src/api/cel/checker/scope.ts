/** The variables of macros around an expression, innermost first. */

import type { CelType } from '../types/type.ts';

export interface Scope {
  readonly name: string;
  readonly type: CelType;
  readonly outer: Scope | undefined;
}

/** A name with a leading dot never means a variable of a macro. */
export function lookUp(scope: Scope | undefined, name: string): CelType | undefined {
  for (let at = scope; at !== undefined; at = at.outer) if (at.name === name) return at.type;
  return undefined;
}
