/** Where a decoding stands in its object, and what it has found: unknown fields, the first error. */

import { goValue, type Reporter } from './decode-scalar.ts';
import { STRICT_ERRORS_MAX } from './json.ts';
import type { JsonObject, JsonValue } from './schema.ts';

/** A field, an index, or a key of a map. */
type Step = string | number | { readonly key: string };

export class DecodeWalk implements Reporter {
  /** Whether only what the input says is decoded. */
  readonly isSparse: boolean;
  readonly steps: Step[] = [];
  readonly unknownFields: string[] = [];
  /** The struct that Go would name in an error. */
  owner = '';
  error: string | undefined;
  /** What stood in this place before, decoded already. */
  known: JsonObject | undefined;

  constructor(isSparse: boolean, known?: JsonObject) {
    this.isSparse = isSparse;
    this.known = known;
  }

  mismatch(input: JsonValue, goType: string): undefined {
    const fields = this.steps.filter((step) => typeof step === 'string').join('.');
    const where = fields === '' ? 'value' : `struct field ${this.owner}.${fields}`;
    return this.fail(`json: cannot unmarshal ${goValue(input, goType)} into Go ${where} of type ${goType}`);
  }

  fail(text: string): undefined {
    this.error ??= text;
    return undefined;
  }

  unknown(key: string): void {
    if (this.unknownFields.length >= STRICT_ERRORS_MAX) return;
    this.unknownFields.push(this.#pathTo(key));
  }

  #pathTo(key: string): string {
    let path = '';
    for (const step of [...this.steps, key]) {
      if (typeof step === 'number') path += `[${step}]`;
      else path += (path === '' ? '' : '.') + (typeof step === 'string' ? step : step.key);
    }
    return path;
  }
}
