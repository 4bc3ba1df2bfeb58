/** `kubernetes.NamedFormat`: a named rule for strings. */

import { type ObjectType, sealedObject } from '../types/type.ts';
import { OpaqueValue } from '../values/value.ts';

export const FORMAT: ObjectType = sealedObject('kubernetes.NamedFormat');

export class Format extends OpaqueValue {
  override readonly type = FORMAT;
  readonly name: string;
  /** Of a pattern that would do the same; what costs are computed from. */
  readonly patternLength: number;
  /** What is wrong with a text, empty when nothing is. */
  readonly validate: (text: string) => readonly string[];

  constructor(name: string, patternLength: number, validate: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.patternLength = patternLength;
    this.validate = validate;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof Format && other.name === this.name;
  }
}
