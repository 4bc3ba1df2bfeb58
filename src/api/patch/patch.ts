/**
 * What the three kinds of patch have in common: their result and how they refuse.
 *
 * Patches are pure functions of JSON values: they never change what they are given, and their results share
 * every subtree that no operation touched.
 */

import { ApiError, badRequestError } from '../meta/api-error.ts';
import type { Literals } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';

export type Patched<T extends JsonValue = JsonValue> =
  | {
      readonly ok: true;
      readonly value: T;
      /** Numbers of the value that the patch did not write as JavaScript does (`1.0`). */
      readonly literals?: Literals;
    }
  /** `why`: more than a client is told. `isTest`: one of its tests says that it is not to be applied. */
  | { readonly ok: false; readonly error: ApiError; readonly why: string; readonly isTest?: boolean };

/** Thrown inside a patch and turned into its result at the edge; never leaves this folder. */
export class PatchRefusal extends Error {
  readonly answer: ApiError;
  readonly isTest: boolean;

  constructor(answer: ApiError, why = answer.message, isTest = false) {
    super(why);
    this.answer = answer;
    this.isTest = isTest;
  }
}

/** A patch that does not fit the object: 422 with upstream's fixed text, which does not say why. */
export function unprocessable(why: string, isTest = false): PatchRefusal {
  const message = 'the server rejected our request due to an error in our request';
  return new PatchRefusal(new ApiError(422, 'Invalid', message, {}), why, isTest);
}

/** A patch that is malformed: 400. */
export function malformed(why: string): PatchRefusal {
  return new PatchRefusal(badRequestError(why));
}

export function patched<T extends JsonValue>(apply: () => T): Patched<T> {
  try {
    return { ok: true, value: apply() };
  } catch (thrown) {
    if (thrown instanceof PatchRefusal) {
      return { ok: false, error: thrown.answer, why: thrown.message, isTest: thrown.isTest };
    }
    throw thrown;
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
