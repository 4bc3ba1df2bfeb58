/** Device claims, in ResourceClaims and their templates alike: defaults, and rules for what is asked for. */

import { checked } from '../../field/rules.ts';
import { invalid, notSupported, required, type FieldError, type FieldPath } from '../../field/field-error.ts';
import { dns1123SubdomainProblem } from '../../names/names.ts';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from '../../types.gen.ts';
import {
  CONFIGURATIONS_MAX,
  REQUESTS_MAX,
  validateConfiguration,
  validateFullyQualifiedName,
  validateItems,
  validateName,
  validateSelectors,
  validateTolerations,
  validateUnique,
} from './rules.ts';

const CONSTRAINTS_MAX = 32;
const ALTERNATIVES_MAX = 8;
const MODES: readonly string[] = ['All', 'ExactCount'];

export function defaultDeviceClaim(claim: DeviceClaim): DeviceClaim {
  const requests = claim.requests.map(defaultRequest);
  return requests.every((request, i) => request === claim.requests[i]) ? claim : { ...claim, requests };
}

function defaultRequest(request: DeviceRequest): DeviceRequest {
  const { exactly, firstAvailable } = request;
  const exact = exactly === undefined ? undefined : defaultCount(exactly);
  const alternatives = firstAvailable?.map(defaultCount);
  const isSame =
    exact === exactly && (alternatives ?? []).every((alternative, i) => alternative === firstAvailable?.[i]);
  if (isSame) return request;
  return {
    ...request,
    ...(exact === undefined ? {} : { exactly: exact }),
    ...(alternatives === undefined ? {} : { firstAvailable: alternatives }),
  };
}

function defaultCount<T extends ExactDeviceRequest | DeviceSubRequest>(request: T): T {
  const { allocationMode = '', count = 0 } = request;
  const mode = allocationMode === '' ? 'ExactCount' : allocationMode;
  const needsCount = mode === 'ExactCount' && count === 0;
  if (mode === allocationMode && !needsCount) return request;
  return { ...request, allocationMode: mode, ...(needsCount ? { count: 1 } : {}) };
}

/** `request`, or `request/alternative`, of those that a claim has. */
export type RequestNames = ReadonlySet<string>;

export function requestNames({ requests }: DeviceClaim): RequestNames {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((alternative) => `${name}/${alternative.name}`),
    ]),
  );
}

export function validateDeviceClaim(path: FieldPath, claim: DeviceClaim): FieldError[] {
  const { requests, constraints = [], config = [] } = claim;
  const names = requestNames(claim);
  return [
    ...validateUnique(path.child('requests'), requests, REQUESTS_MAX, ({ name }) => name, validateRequest),
    ...validateItems(path.child('constraints'), constraints, CONSTRAINTS_MAX, (at, constraint) =>
      validateConstraint(at, constraint, names),
    ),
    ...validateItems(path.child('config'), config, CONFIGURATIONS_MAX, (at, entry) => [
      ...validateRequestReferences(at.child('requests'), entry.requests, names),
      ...validateConfiguration(at, entry),
    ]),
  ];
}

function validateRequest(path: FieldPath, request: DeviceRequest): FieldError[] {
  const { name, exactly, firstAvailable = [] } = request;
  const errors = validateName(path.child('name'), name);
  const which = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly !== undefined && firstAvailable.length > 0) {
    return [...errors, invalid(path, null, `${which}, but multiple fields are set`)];
  }
  if (exactly !== undefined) return [...errors, ...validateWanted(path.child('exactly'), exactly)];
  if (firstAvailable.length === 0) return [...errors, required(path, which)];
  const at = path.child('firstAvailable');
  const alternatives = validateUnique(
    at,
    firstAvailable,
    ALTERNATIVES_MAX,
    (alternative) => alternative.name,
    (each, alternative) => [
      ...validateName(each.child('name'), alternative.name),
      ...validateWanted(each, alternative),
    ],
  );
  return [...errors, ...alternatives];
}

function validateWanted(path: FieldPath, wanted: ExactDeviceRequest | DeviceSubRequest): FieldError[] {
  const { deviceClassName, selectors, allocationMode = '', count = 0, tolerations } = wanted;
  const classProblem = deviceClassName === '' ? undefined : dns1123SubdomainProblem(deviceClassName);
  const errors = [
    ...checked(path.child('deviceClassName'), deviceClassName, classProblem),
    ...validateSelectors(path.child('selectors'), selectors),
  ];
  const at = path.child('count');
  if (allocationMode === 'All' && count !== 0) {
    errors.push(invalid(at, count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode === 'ExactCount' && count <= 0) {
    errors.push(invalid(at, count, 'must be greater than zero'));
  } else if (!MODES.includes(allocationMode)) {
    errors.push(notSupported(path.child('allocationMode'), allocationMode, MODES));
  }
  return [...errors, ...validateTolerations(path.child('tolerations'), tolerations)];
}

function validateConstraint(
  path: FieldPath,
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  names: RequestNames,
): FieldError[] {
  const errors = validateRequestReferences(path.child('requests'), requests, names);
  if (matchAttribute !== undefined) {
    return [...errors, ...validateFullyQualifiedName(path.child('matchAttribute'), matchAttribute)];
  }
  if (distinctAttribute !== undefined) {
    return [...errors, ...validateFullyQualifiedName(path.child('distinctAttribute'), distinctAttribute)];
  }
  // Upstream's words for "none is set".
  const which = 'exactly one of "matchAttribute" or "distinctAttribute" is required';
  return [...errors, required(path, `${which}, but multiple fields are set`)];
}

export function validateRequestReferences(
  path: FieldPath,
  references: readonly string[] = [],
  names: RequestNames,
): FieldError[] {
  return validateUnique(
    path,
    references,
    REQUESTS_MAX,
    (name) => name,
    (at, name) => validateRequestReference(at, name, names),
  );
}

export function validateRequestReference(path: FieldPath, name: string, names: RequestNames): FieldError[] {
  const detail =
    'must be the name of a request in the claim or the name of a request and a subrequest separated by ' +
    "'/'";
  const segments = name.split('/');
  if (segments.length > 2) return [invalid(path, name, detail)];
  const errors = segments.flatMap((segment) => validateName(path, segment));
  return names.has(name) ? errors : [...errors, invalid(path, name, detail)];
}
