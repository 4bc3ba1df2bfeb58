/**
 * The one error type of the API: a closed set of reasons, each with its HTTP code, turned into a `Status`.
 * Wording follows upstream (`apimachinery/pkg/api/errors`), because clients match on it.
 */

import { fieldErrorText, type FieldError } from '../field/field-error.ts';
import type { Status, StatusCause, StatusDetails } from '../types.gen.ts';

export type StatusReason =
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'StoreReadError'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable'
  | '';

/** Group and plural (or kind) of what an error is about. */
export interface ErrorSubject {
  readonly group: string;
  /** Plural name of the resource; the kind where upstream names the kind (`Invalid`). */
  readonly resource: string;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: StatusReason;
  readonly details: StatusDetails | undefined;
  /** For a list that cannot go on as it began: where it can go on all the same. */
  readonly continueToken: string | undefined;

  constructor(
    code: number,
    reason: StatusReason,
    message: string,
    details?: StatusDetails,
    cause?: unknown,
    continueToken?: string,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.continueToken = continueToken;
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }

  /** The error that a received `Status` stands for. */
  static fromStatus(status: Partial<Status>, code: number): ApiError {
    const reason = (status.reason ?? '') as StatusReason;
    return new ApiError(
      status.code ?? code,
      reason,
      status.message ?? `the server answered ${code}`,
      status.details,
    );
  }
}

export function isApiError(error: unknown, reason: StatusReason): error is ApiError {
  return error instanceof ApiError && error.reason === reason;
}

function qualified(subject: ErrorSubject): string {
  return subject.group === '' ? subject.resource : `${subject.resource}.${subject.group}`;
}

function detailsOf(subject: ErrorSubject, name?: string, causes?: readonly StatusCause[]): StatusDetails {
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    ...(subject.resource === '' ? {} : { kind: subject.resource }),
    ...(causes === undefined || causes.length === 0 ? {} : { causes }),
  };
}

export function notFoundError(subject: ErrorSubject, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(subject)} "${name}" not found`, detailsOf(subject, name));
}

export function alreadyExistsError(subject: ErrorSubject, name: string): ApiError {
  return new ApiError(
    409,
    'AlreadyExists',
    `${qualified(subject)} "${name}" already exists`,
    detailsOf(subject, name),
  );
}

export function conflictError(subject: ErrorSubject, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, detailsOf(subject, name));
}

/** The text that optimistic concurrency fails with; `kubectl` and client libraries retry on its reason. */
export const STALE_OBJECT =
  'the object has been modified; please apply your changes to the latest version and try again';

/** `subject.resource` is the kind here, as upstream has it: `Deployment.apps "web" is invalid: …`. */
export function invalidError(subject: ErrorSubject, name: string, errors: readonly FieldError[]): ApiError {
  const texts = [...new Set(errors.map(fieldErrorText))];
  const what = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const causes = errors.map((e) => ({
    reason: e.type,
    message: e.message,
    field: e.path === '' ? '<nil>' : e.path,
  }));
  return new ApiError(
    422,
    'Invalid',
    `${qualified(subject)} "${name}" is invalid: ${what}`,
    detailsOf(subject, name, causes),
  );
}

export function badRequestError(message: string, cause?: unknown): ApiError {
  return new ApiError(400, 'BadRequest', message, undefined, cause);
}

export function unauthorizedError(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

/** `forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"` */
export function forbiddenError(subject: ErrorSubject, name: string, why: string): ApiError {
  const object = name === '' ? qualified(subject) : `${qualified(subject)} "${name}"`;
  const head = subject.resource === '' ? 'forbidden' : `${object} is forbidden`;
  return new ApiError(403, 'Forbidden', `${head}: ${why}`, detailsOf(subject, name));
}

export function methodNotAllowedError(subject: ErrorSubject, action: string): ApiError {
  const message = `${action} is not supported on resources of kind "${qualified(subject)}"`;
  return new ApiError(405, 'MethodNotAllowed', message, detailsOf(subject));
}

/** A list position or a watch start that history no longer reaches. */
export function expiredError(message: string, continueToken?: string): ApiError {
  return new ApiError(410, 'Expired', message, undefined, undefined, continueToken);
}

export function unsupportedMediaTypeError(message: string): ApiError {
  return new ApiError(415, 'UnsupportedMediaType', message);
}

export function notAcceptableError(accepted: readonly string[]): ApiError {
  const message = `only the following media types are accepted: ${accepted.join(', ')}`;
  return new ApiError(406, 'NotAcceptable', message);
}

export function tooLargeError(limitBytes: number): ApiError {
  const message = `Request entity too large: limit is ${limitBytes}`;
  return new ApiError(413, 'RequestEntityTooLarge', message);
}

export function tooManyRequestsError(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError(429, 'TooManyRequests', message, { retryAfterSeconds });
}

export function timeoutError(message: string, retryAfterSeconds = 0): ApiError {
  return new ApiError(
    504,
    'Timeout',
    `Timeout: ${message}`,
    retryAfterSeconds > 0 ? { retryAfterSeconds } : {},
  );
}

export function unavailableError(message: string): ApiError {
  return new ApiError(503, 'ServiceUnavailable', message);
}

export function internalError(message: string, cause?: unknown): ApiError {
  const causes = [{ message }];
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes }, cause);
}
