/**
 * Field errors: what is wrong with which field of an object, worded as upstream's `field.Error`
 * because clients and tests match on the text.
 */

import type { JsonValue } from '../schema/schema.ts';
import type { LaterRule } from './later-rule.ts';

export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.containers[0].name`; empty for the object as a whole. */
  readonly path: string;
  /** The text after the path, `Required value: must be set`. */
  readonly message: string;
  /** Objects that broke this rule before may go on breaking it. */
  readonly laterRule?: LaterRule;
}

/**
 * A path into an object, built while walking down: `path.child('spec', 'ports').index(0)`. Most are never
 * read, so they become text only for an error.
 */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #step: string | number;
  readonly #isField: boolean;

  constructor(step: string | number = '', isField = false, parent?: FieldPath) {
    this.#step = step;
    this.#isField = isField;
    this.#parent = parent;
  }

  child(first: string, ...more: readonly string[]): FieldPath {
    let path = new FieldPath(first, true, this);
    for (const name of more) path = new FieldPath(name, true, path);
    return path;
  }
  index(i: number): FieldPath {
    return new FieldPath(i, false, this);
  }
  key(key: string): FieldPath {
    return new FieldPath(key, false, this);
  }

  toString(): string {
    const parent = this.#parent?.toString();
    if (parent === undefined) return '';
    if (!this.#isField) return `${parent}[${this.#step}]`;
    return parent === '' ? String(this.#step) : `${parent}.${this.#step}`;
  }
}

export const ROOT_PATH = new FieldPath();

type Path = FieldPath | string;

function make(type: FieldErrorType, path: Path, message: string): FieldError {
  return { type, path: path.toString(), message };
}

/** Strings quoted, everything else as JSON: how upstream shows the bad value. */
function shown(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return 'null';
  return JSON.stringify(value);
}

function withDetail(head: string, detail: string): string {
  return detail === '' ? head : `${head}: ${detail}`;
}

export function required(path: Path, detail = ''): FieldError {
  return make('FieldValueRequired', path, withDetail('Required value', detail));
}
export function invalid(path: Path, value: JsonValue | undefined, detail: string): FieldError {
  return make('FieldValueInvalid', path, withDetail(`Invalid value: ${shown(value)}`, detail));
}
/** Of values that are too large to show. */
export function invalidOmitted(path: Path, detail: string): FieldError {
  return make('FieldValueInvalid', path, withDetail('Invalid value', detail));
}
export function typeInvalid(path: Path, value: JsonValue | undefined, detail: string): FieldError {
  return make('FieldValueTypeInvalid', path, withDetail(`Invalid value: ${shown(value)}`, detail));
}
export function notSupported(
  path: Path,
  value: JsonValue | undefined,
  supported: readonly string[],
): FieldError {
  const choices = [...supported].toSorted().map((s) => JSON.stringify(s));
  return make(
    'FieldValueNotSupported',
    path,
    `Unsupported value: ${shown(value)}: supported values: ${choices.join(', ')}`,
  );
}
/** The same, of choices that are told as they are given. */
export function notSupportedInOrder(path: Path, value: JsonValue, supported: readonly string[]): FieldError {
  const choices = supported.map((s) => JSON.stringify(s)).join(', ');
  return make(
    'FieldValueNotSupported',
    path,
    `Unsupported value: ${shown(value)}: supported values: ${choices}`,
  );
}
export function duplicate(path: Path, value: JsonValue | undefined): FieldError {
  return make('FieldValueDuplicate', path, `Duplicate value: ${shown(value)}`);
}
export function duplicateOmitted(path: Path): FieldError {
  return make('FieldValueDuplicate', path, 'Duplicate value');
}
export function forbidden(path: Path, detail: string): FieldError {
  return make('FieldValueForbidden', path, withDetail('Forbidden', detail));
}
export function notFound(path: Path, value: JsonValue | undefined): FieldError {
  return make('FieldValueNotFound', path, `Not found: ${shown(value)}`);
}
export function internal(path: Path, detail: string): FieldError {
  return make('InternalError', path, withDetail('Internal error', detail));
}
export function tooLong(path: Path, maxLength: number): FieldError {
  return make('FieldValueTooLong', path, `Too long: may not be more than ${maxLength} bytes`);
}
export function tooMany(path: Path, actual: number, max: number): FieldError {
  return make('FieldValueTooMany', path, `Too many: ${actual}: must have at most ${max} items`);
}

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0` */
export function fieldErrorText(error: FieldError): string {
  return `${error.path === '' ? '<nil>' : error.path}: ${error.message}`;
}
