/** Where a decoding stands in its object, and what it has found: unknown fields, the first error. */

import { conversionMismatch, goValue, type Reporter } from './decode-scalar.ts';
import type { DecodeOptions } from './decode.ts';
import { STRICT_ERRORS_MAX, type Literals } from './json.ts';
import type { JsonObject, JsonValue } from './schema.ts';

/** A field, an index, or a key of a map. */
type Step = string | number | { readonly key: string };

export class DecodeWalk implements Reporter {
  /** Whether only what the input says is decoded. */
  readonly isSparse: boolean;
  /** The way here; what stands beyond `depth` is left over. */
  readonly steps: Step[] = [];
  depth = 0;
  readonly unknownFields: string[] = [];
  /** Unknown and duplicate fields in one order, told for as long as there are few. */
  readonly strictErrors: string[] = [];
  /** The struct that Go would name in an error. */
  owner = '';
  error: string | undefined;
  /** What stood in this place before, decoded already. */
  known: JsonObject | undefined;
  readonly #literals: Literals | undefined;
  #isSilent = false;
  readonly isConversion: boolean;
  readonly #duplicates: ReadonlySet<string>;
  /** Whether there are fields to look out for. */
  readonly hasDuplicates: boolean;

  constructor(
    isSparse: boolean,
    { known, literals, isConversion = false, duplicateFields = [] }: DecodeOptions = {},
  ) {
    this.isSparse = isSparse;
    this.#duplicates = new Set(duplicateFields);
    this.hasDuplicates = duplicateFields.length > 0;
    this.isConversion = isConversion;
    this.#literals = literals;
    // What is equal to a known value was perhaps not written like it.
    this.known = literals === undefined ? known : undefined;
  }

  literal(): string | undefined {
    return this.#literals?.get(this.#path());
  }

  mismatch(input: JsonValue, goType: string): undefined {
    if (this.isConversion) return this.fail(conversionMismatch(input, goType));
    return this.mismatchOf(goValue(input, goType, this.literal()), goType);
  }

  mismatchOf(what: string, goType: string): undefined {
    const fields = this.#way()
      .filter((step) => typeof step === 'string')
      .join('.');
    const where = fields === '' ? 'value' : `struct field ${this.owner}.${fields}`;
    return this.fail(`json: cannot unmarshal ${what} into Go ${where} of type ${goType}`);
  }

  fail(text: string): undefined {
    this.error ??= text;
    return undefined;
  }

  /** What is decoded meanwhile is not told of. */
  silently<T>(decode: () => T): T {
    const before = this.#isSilent;
    this.#isSilent = true;
    const decoded = decode();
    this.#isSilent = before;
    return decoded;
  }

  unknown(): void {
    if (this.#isSilent) return;
    const path = this.#path();
    if (this.unknownFields.length < STRICT_ERRORS_MAX) this.unknownFields.push(path);
    this.#strict('unknown', path);
  }

  /** Called at every known field and key of a map while `hasDuplicates`; what is not known hides what is in it. */
  visit(): void {
    if (this.#isSilent) return;
    const path = this.#path();
    if (this.#duplicates.has(path)) this.#strict('duplicate', path);
  }

  #strict(what: 'unknown' | 'duplicate', path: string): void {
    if (this.strictErrors.length < STRICT_ERRORS_MAX) {
      this.strictErrors.push(`${what} field ${JSON.stringify(path)}`);
    }
  }

  #way(): readonly Step[] {
    return this.steps.slice(0, this.depth);
  }

  #path(): string {
    let path = '';
    for (const step of this.#way()) {
      if (typeof step === 'number') path += `[${step}]`;
      else path += (path === '' ? '' : '.') + (typeof step === 'string' ? step : step.key);
    }
    return path;
  }
}
