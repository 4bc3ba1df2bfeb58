/**
 * What the query of a request asks for, and the body of a deletion: read as upstream converts texts, and
 * checked with its words. Pure.
 *
 * Texts: of several values the first counts; a number that is none is refused with 400; a flag is false when
 * it is absent, `0` or `false`. What is wrong with options is 422, and everything that is wrong is said.
 */

import {
  forbidden,
  invalid,
  notSupported,
  notSupportedInOrder,
  required,
  tooLong,
  type FieldError,
} from '../../api/field/field-error.ts';
import { badRequestError, invalidError } from '../../api/meta/api-error.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { DeleteRequest, PatchRequest, WriteRequest } from '../../client/client.ts';
import { flag } from './request-info.ts';

/** The kinds whose validation answers for the options of a request. */
type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions';

function refuse(kind: OptionsKind, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError({ group: 'meta.k8s.io', resource: kind }, '', errors);
}

export interface ReadOptions {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents?: boolean;
}

/** Of a read of one object. */
export function getOptions(query: URLSearchParams): ReadOptions {
  if (query.has('export') && flag(query.get('export'))) {
    throw badRequestError('the export parameter, deprecated since v1.14, is no longer supported');
  }
  return versionOf(query);
}

/** Of lists and deletions of collections. */
export function listOptions(query: URLSearchParams): ReadOptions & { limit?: number; continue?: string } {
  integer(query, 'timeoutSeconds');
  const limit = integer(query, 'limit');
  const token = query.get('continue');
  refuse('ListOptions', listErrors(query));
  return {
    ...versionOf(query),
    ...(limit === undefined ? {} : { limit }),
    ...(token === null ? {} : { continue: token }),
  };
}

function listErrors(query: URLSearchParams): FieldError[] {
  const { match, version, token } = matching(query);
  const errors: FieldError[] = [];
  const forbid = (detail: string): void => void errors.push(forbidden('resourceVersionMatch', detail));
  if (match !== '') {
    if (version === '') forbid('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (token !== '') forbid('resourceVersionMatch is forbidden when continue is provided');
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupportedInOrder('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && version === '0') {
      forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (query.has('sendInitialEvents')) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

/**
 * Of watches. One that names no version begins with initial events, as if it had asked for them: it hears,
 * too, when they have all been sent.
 */
export function watchOptions(query: URLSearchParams): ReadOptions {
  integer(query, 'timeoutSeconds');
  integer(query, 'limit');
  const { match, version, token } = matching(query);
  const isAsked = query.has('sendInitialEvents');
  if (!isAsked && match === '' && (version === '' || version === '0')) {
    return { ...versionOf(query), sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
  }
  const errors: FieldError[] = [];
  const forbid = (detail: string): void => void errors.push(forbidden('resourceVersionMatch', detail));
  if (isAsked && match !== 'NotOlderThan') {
    forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match !== '') {
    if (!isAsked) forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    if (match !== 'NotOlderThan') {
      errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']));
    }
    if (token !== '') forbid('resourceVersionMatch is forbidden when continue is provided');
  }
  refuse('ListOptions', errors);
  return {
    ...versionOf(query),
    ...(isAsked ? { sendInitialEvents: flag(query.get('sendInitialEvents')) } : {}),
  };
}

function matching(query: URLSearchParams): Record<'match' | 'version' | 'token', string> {
  return {
    match: query.get('resourceVersionMatch') ?? '',
    version: query.get('resourceVersion') ?? '',
    token: query.get('continue') ?? '',
  };
}

function versionOf(query: URLSearchParams): Pick<ReadOptions, 'resourceVersion' | 'resourceVersionMatch'> {
  const version = query.get('resourceVersion');
  const match = query.get('resourceVersionMatch');
  return {
    ...(version === null ? {} : { resourceVersion: version }),
    ...(match === null ? {} : { resourceVersionMatch: match }),
  };
}

const INT64_MAX = 2n ** 63n - 1n;

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const isNumber = /^[-+]?\d+$/.test(text);
  const value = isNumber ? BigInt(text.replace('+', '')) : 0n;
  if (isNumber && value <= INT64_MAX && value >= -INT64_MAX - 1n) return Number(value);
  const why = isNumber ? 'value out of range' : 'invalid syntax';
  throw badRequestError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
}

export function writeOptions(query: URLSearchParams, kind: 'CreateOptions' | 'UpdateOptions'): WriteRequest {
  const { errors, options } = checkedWrite(query);
  refuse(kind, errors);
  return options;
}

export function patchOptions(query: URLSearchParams, isApply: boolean): PatchRequest {
  const { errors, options } = checkedWrite(query);
  const first: FieldError[] = [];
  if (isApply && (options.fieldManager ?? '') === '') {
    first.push(required('fieldManager', 'is required for apply patch'));
  }
  if (!isApply && query.has('force')) {
    first.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  refuse('PatchOptions', [...first, ...errors]);
  return { ...options, ...(query.has('force') ? { force: flag(query.get('force')) } : {}) };
}

const MANAGER_MAX = 128;
const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'] as const;

function checkedWrite(query: URLSearchParams): { errors: readonly FieldError[]; options: WriteRequest } {
  const fieldManager = query.get('fieldManager');
  const validation = query.get('fieldValidation') ?? '';
  const dryRun = query.getAll('dryRun');
  const errors = [...managerErrors(fieldManager ?? ''), ...dryRunErrors(dryRun)];
  const known = FIELD_VALIDATIONS.find((value) => value === validation);
  if (known === undefined) errors.push(notSupported('fieldValidation', validation, FIELD_VALIDATIONS));
  const options = {
    dryRun: dryRun.length > 0,
    ...(fieldManager === null ? {} : { fieldManager }),
    ...(known === undefined || known === '' ? {} : { fieldValidation: known }),
  };
  return { errors, options };
}

function managerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > MANAGER_MAX) errors.push(tooLong('fieldManager', MANAGER_MAX));
  let position = 0;
  for (const char of manager) {
    const code = char.codePointAt(0) ?? 0;
    if (!isPrintable(char)) {
      const shown = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      errors.push(invalid('fieldManager', manager, `invalid character ${shown} (at position ${position})`));
    }
    position += Buffer.byteLength(char);
  }
  return errors;
}

/** As Go has it: letters, marks, numbers, punctuation, symbols, and of spaces only the one in ASCII. */
function isPrintable(char: string): boolean {
  return char === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', [...values], ['All'])];
}

/** `body`: the options that came as a body, decoded; then the query says nothing. */
export function deleteOptions(query: URLSearchParams, body: JsonObject | undefined): DeleteRequest {
  const sent = body ?? fromQuery(query);
  const { gracePeriodSeconds, orphanDependents, propagationPolicy: policy, preconditions } = sent;
  const dryRun = Array.isArray(sent['dryRun']) ? (sent['dryRun'] as string[]) : [];
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined && policy !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalid('propagationPolicy', policy, detail));
  }
  const propagation = policy === undefined ? undefined : POLICIES.find((known) => known === policy);
  if (policy !== undefined && propagation === undefined) {
    errors.push(notSupportedInOrder('propagationPolicy', policy, [...POLICIES, 'nil']));
  }
  errors.push(...dryRunErrors(dryRun));
  refuse('DeleteOptions', errors);
  const orphaning = orphanDependents === undefined ? undefined : orphanDependents === true;
  const wanted = propagation ?? (orphaning === undefined ? undefined : orphaning ? 'Orphan' : 'Background');
  return {
    dryRun: dryRun.length > 0,
    ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
    ...(wanted === undefined ? {} : { propagationPolicy: wanted }),
    ...(preconditions === undefined ? {} : { preconditions: preconditions as JsonObject }),
  };
}

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;

function fromQuery(query: URLSearchParams): JsonObject {
  const options: { [name: string]: JsonValue } = {};
  const grace = integer(query, 'gracePeriodSeconds');
  if (grace !== undefined) options['gracePeriodSeconds'] = grace;
  if (query.has('orphanDependents')) options['orphanDependents'] = flag(query.get('orphanDependents'));
  const policy = query.get('propagationPolicy');
  if (policy !== null) options['propagationPolicy'] = policy;
  if (query.has('dryRun')) options['dryRun'] = query.getAll('dryRun');
  const uid = query.get('uid') ?? '';
  const resourceVersion = query.get('resourceVersion') ?? '';
  if (uid !== '' || resourceVersion !== '') {
    options['preconditions'] = {
      ...(uid === '' ? {} : { uid }),
      ...(resourceVersion === '' ? {} : { resourceVersion }),
    };
  }
  return options;
}
