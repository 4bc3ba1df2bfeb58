/** Rules for what schedulers and drivers write into a claim: the allocation, who uses it, how devices are. */

import { interfaceAddressProblem } from '../../../addresses/cidr.ts';
import { checked, immutable } from '../../../field/rules.ts';
import {
  duplicate,
  forbidden,
  notSupported,
  required,
  ROOT_PATH,
  tooLong,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { validateConditions } from '../../../meta/validate-conditions.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaimConsumerReference,
  ResourceV1ResourceClaim,
} from '../../../types.gen.ts';
import { validateNodeSelector } from '../../core/pod/validate-scheduling.ts';
import { validateDriverName } from '../../storage/rules.ts';
import {
  requestNames,
  validateRequestReference,
  validateRequestReferences,
  type RequestNames,
} from '../device-claim.ts';
import {
  CONFIGURATIONS_MAX,
  validateBinding,
  validateConfiguration,
  validateItems,
  validateName,
  validatePoolName,
  validateRawObject,
  validateTolerations,
  validateUnique,
} from '../rules.ts';

const STATUS = ROOT_PATH.child('status');
const RESERVED_MAX = 256;
const RESULTS_MAX = 32;
const CONDITIONS_MAX = 8;
const DATA_LENGTH_MAX = 10 * 1024;
const IPS_MAX = 16;
const INTERFACE_NAME_MAX = 256;
const HARDWARE_ADDRESS_MAX = 128;
const UID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const OPERATORS: readonly string[] = ['Equal', 'Exists'];
const SOURCES: readonly string[] = ['FromClaim', 'FromClass'];

export function validateClaimStatus(
  { metadata, spec, status }: ResourceV1ResourceClaim,
  { status: old }: ResourceV1ResourceClaim,
): FieldError[] {
  const { reservedFor = [], devices = [], allocation } = status;
  const reservedAt = STATUS.child('reservedFor');
  const allocated = new Set((allocation?.devices.results ?? []).map(deviceKey));
  const errors = [
    ...validateUnique(reservedAt, reservedFor, RESERVED_MAX, ({ uid }) => uid, validateConsumer),
    ...validateDevices(devices, allocated),
  ];
  if (reservedFor.length > 0 && allocation === undefined) {
    errors.push(forbidden(reservedAt, 'may not be specified when `allocated` is not set'));
  } else if (metadata.deletionTimestamp !== undefined) {
    const before = new Set((old.reservedFor ?? []).map(({ uid }) => uid));
    const detail =
      'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
    if (reservedFor.some(({ uid }) => !before.has(uid))) errors.push(forbidden(reservedAt, detail));
  }
  const at = STATUS.child('allocation');
  if (allocation === undefined) return errors;
  if (old.allocation !== undefined) return [...errors, ...immutable(at, allocation, old.allocation)];
  return [...errors, ...validateAllocation(at, allocation, requestNames(spec.devices))];
}

interface DeviceId {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
}

/** `driver/pool/device`, with the share behind it. */
export function deviceKey({ driver, pool, device, shareID }: DeviceId): string {
  return [driver, pool, device, ...(shareID === undefined ? [] : [shareID])].join('/');
}

/** The schema does not look into a status, so empty texts are refused here. */
function notEmpty(path: FieldPath, fields: { readonly [name: string]: string }): FieldError[] {
  return Object.entries(fields).flatMap(([name, text]) => (text === '' ? [required(path.child(name))] : []));
}

function validateConsumer(path: FieldPath, consumer: ResourceClaimConsumerReference): FieldError[] {
  const { resource, name, uid } = consumer;
  return notEmpty(path, { resource, name, uid });
}

function validateDeviceId(path: FieldPath, { driver, pool, device, shareID }: DeviceId): FieldError[] {
  return [
    ...notEmpty(path, { driver, pool, device }),
    ...validateDriverName(path.child('driver'), driver),
    ...validatePoolName(path.child('pool'), pool),
    ...validateName(path.child('device'), device),
    ...(shareID === undefined ? [] : checked(path.child('shareID'), shareID, uidProblem(shareID))),
  ];
}

function uidProblem(uid: string): string | undefined {
  if (UID.test(uid)) return undefined;
  if (uid.length !== 36 || !UID.test(uid.toLowerCase())) {
    const why = uid.length === 36 ? 'invalid UUID format' : `invalid UUID length: ${uid.length}`;
    return `error validating uid: ${why}`;
  }
  return (
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase ' +
    'hexadecimal characters'
  );
}

function validateDevices(
  devices: readonly AllocatedDeviceStatus[],
  allocated: ReadonlySet<string>,
): FieldError[] {
  const path = STATUS.child('devices');
  const keys = devices.map(deviceKey);
  return devices.flatMap((device, i) => {
    const at = path.index(i);
    const key = keys[i] ?? '';
    const errors = validateDeviceId(at, device);
    if (!allocated.has(key)) {
      // Upstream shows the identifier without quotes.
      const message = `Invalid value: ${key}: must be an allocated device in the claim`;
      errors.push({ type: 'FieldValueInvalid', path: at.toString(), message });
    }
    const { conditions, data, networkData } = device;
    if (conditions.length > CONDITIONS_MAX) {
      errors.push(tooMany(at.child('conditions'), conditions.length, CONDITIONS_MAX));
    }
    errors.push(...validateConditions(at.child('conditions'), conditions));
    if (data !== undefined) errors.push(...validateRawObject(at.child('data'), data, DATA_LENGTH_MAX));
    errors.push(...validateNetworkData(at.child('networkData'), networkData));
    return keys.indexOf(key) < i ? [...errors, duplicate(at, key)] : errors;
  });
}

function validateNetworkData(path: FieldPath, data: NetworkDeviceData = {}): FieldError[] {
  const { interfaceName = '', hardwareAddress = '', ips = [] } = data;
  const bounded = (name: string, text: string, max: number): FieldError[] =>
    Buffer.byteLength(text) > max ? [tooLong(path.child(name), max)] : [];
  return [
    ...bounded('interfaceName', interfaceName, INTERFACE_NAME_MAX),
    ...bounded('hardwareAddress', hardwareAddress, HARDWARE_ADDRESS_MAX),
    ...validateUnique(
      path.child('ips'),
      ips,
      IPS_MAX,
      (ip) => ip,
      (at, ip) => checked(at, ip, interfaceAddressProblem(ip)),
    ),
  ];
}

function validateAllocation(
  path: FieldPath,
  { devices, nodeSelector }: AllocationResult,
  names: RequestNames,
): FieldError[] {
  const { results = [], config = [] } = devices;
  const at = path.child('devices');
  return [
    ...validateItems(at.child('results'), results, RESULTS_MAX, (each, result) =>
      validateResult(each, result, names),
    ),
    // Of the class and of the claim.
    ...validateItems(at.child('config'), config, 2 * CONFIGURATIONS_MAX, (each, entry) => [
      ...validateSource(each.child('source'), entry.source),
      ...validateRequestReferences(each.child('requests'), entry.requests, names),
      ...validateConfiguration(each, entry),
    ]),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(path.child('nodeSelector'), nodeSelector)),
  ];
}

function validateSource(path: FieldPath, source: string): FieldError[] {
  if (source === '') return [required(path)];
  return SOURCES.includes(source) ? [] : [notSupported(path, source, SOURCES)];
}

function validateResult(
  path: FieldPath,
  result: DeviceRequestAllocationResult,
  names: RequestNames,
): FieldError[] {
  const { request, bindingConditions, bindingFailureConditions, tolerations = [] } = result;
  const operators = tolerations.flatMap(({ operator = '' }, i) => {
    const at = path.child('tolerations').index(i).child('operator');
    return OPERATORS.includes(operator) ? [] : [notSupported(at, operator, OPERATORS)];
  });
  return [
    ...validateRequestReference(path.child('request'), request, names),
    ...validateDeviceId(path, result),
    ...validateBinding(path, bindingConditions, bindingFailureConditions),
    ...validateTolerations(path.child('tolerations'), tolerations),
    ...operators,
  ];
}
