/** `&&`, `||`, `?:`: an error counts only when the other operand does not decide. */

import { CelError, type CelValue } from '../values/value.ts';
import type { Code, Frame } from './frame.ts';

export const NO_SUCH_OVERLOAD = 'no such overload';

/** The value, or the error in its place; going over the cost is neither. */
export function valueOrError(code: Code, frame: Frame): CelValue | CelError {
  try {
    return code(frame);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

export function logical([left, right]: readonly Code[], isAnd: boolean): Code {
  if (left === undefined || right === undefined) throw new CelError(NO_SUCH_OVERLOAD);
  const decides = !isAnd;
  return (frame) => {
    const first = valueOrError(left, frame);
    if (first === decides) return decides;
    const second = right(frame);
    if (second === decides) return decides;
    if (first instanceof CelError) throw first;
    if (typeof first !== 'boolean' || typeof second !== 'boolean') throw new CelError(NO_SUCH_OVERLOAD);
    return !decides;
  };
}

export function conditional(condition: Code, yes: Code, no: Code): Code {
  return (frame) => {
    const decision = condition(frame);
    if (decision === true) return yes(frame);
    if (decision === false) return no(frame);
    throw new CelError(NO_SUCH_OVERLOAD);
  };
}
