/** Rules for one device of a slice: its attributes, capacity, taints, where it is. */

import { checked } from '../../../field/rules.ts';
import {
  invalid,
  required,
  tooLong,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { labelKeyProblem, labelValueProblem } from '../../../labels/selector.ts';
import { dns1123SubdomainProblem } from '../../../names/names.ts';
import type { JsonValue } from '../../../schema/schema.ts';
import type { Counter, Device, DeviceAttribute, DeviceTaint } from '../../../types.gen.ts';
import { validateNodeSelector } from '../../core/pod/validate-scheduling.ts';
import {
  validateBinding,
  validateItems,
  validateName,
  validateQualifiedName,
  validateUnique,
} from '../rules.ts';
import { validateCapacity } from './validate-capacity.ts';

const PROPERTIES_MAX = 32;
const TAINTS_MAX = 16;
const CONSUMPTIONS_MAX = 2;
const COUNTERS_MAX = 32;
const VALUE_LENGTH_MAX = 64;
const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

export function validateDevice(path: FieldPath, device: Device, perDevice: boolean): FieldError[] {
  const { attributes = {}, capacity = {}, taints = [], consumesCounters = [] } = device;
  const errors = validateName(path.child('name'), device.name);
  const properties = Object.keys(attributes).length + Object.keys(capacity).length;
  if (properties > PROPERTIES_MAX) {
    const detail = `the total number of attributes and capacities must not exceed ${PROPERTIES_MAX}`;
    errors.push(invalid(path, properties, detail));
  }
  errors.push(...validateMap(path.child('attributes'), attributes, validateAttribute));
  const isShared = device.allowMultipleAllocations ?? false;
  errors.push(
    ...validateMap(path.child('capacity'), capacity, (at, each) => validateCapacity(at, each, isShared)),
    ...validateItems(path.child('taints'), taints, TAINTS_MAX, validateTaint),
    ...validateUnique(
      path.child('consumesCounters'),
      consumesCounters,
      CONSUMPTIONS_MAX,
      ({ counterSet }) => counterSet,
      (at, { counterSet, counters }) => [
        ...validateName(at.child('counterSet'), counterSet),
        ...validateCounters(at.child('counters'), counters),
      ],
    ),
  );
  const { bindingConditions, bindingFailureConditions } = device;
  return [
    ...errors,
    ...validatePlace(path, device, perDevice),
    ...validateBinding(path, bindingConditions, bindingFailureConditions),
  ];
}

/** Names are reported at the map, values under their name. */
function validateMap<T>(
  path: FieldPath,
  map: { readonly [name: string]: T },
  validate: (at: FieldPath, value: T) => FieldError[],
): FieldError[] {
  return Object.entries(map).flatMap(([name, value]) => [
    ...validateQualifiedName(path, name),
    ...validate(path.key(name), value),
  ]);
}

export function validateCounters(
  path: FieldPath,
  counters: { readonly [name: string]: Counter } = {},
): FieldError[] {
  const names = Object.keys(counters);
  if (names.length === 0) return [required(path)];
  if (names.length > COUNTERS_MAX) return [tooMany(path, names.length, COUNTERS_MAX)];
  return names.flatMap((name) => validateName(path, name));
}

function validateAttribute(path: FieldPath, attribute: DeviceAttribute): FieldError[] {
  const { string, version } = attribute;
  const errors: FieldError[] = [];
  const bounded = (at: FieldPath, text: string): void => {
    if (Buffer.byteLength(text) > VALUE_LENGTH_MAX) errors.push(tooLong(at, VALUE_LENGTH_MAX));
  };
  if (string !== undefined) bounded(path.child('string'), string);
  if (version !== undefined) {
    const detail = 'must be a string compatible with semver.org spec 2.0.0';
    errors.push(...checked(path.child('version'), version, VERSION.test(version) ? undefined : detail));
    bounded(path.child('version'), version);
  }
  const values = Object.values(attribute).filter((value) => value !== undefined);
  if (values.length === 1) return errors;
  const shown = values.length === 0 ? '' : (attribute as unknown as JsonValue);
  return [...errors, invalid(path, shown, 'exactly one value must be specified')];
}

function validateTaint(path: FieldPath, { key, value = '' }: DeviceTaint): FieldError[] {
  return [
    ...checked(path.child('key'), key, key === '' ? undefined : labelKeyProblem(key)),
    ...checked(path.child('value'), value, labelValueProblem(value)),
  ];
}

/** Each device says where it is, or none does. */
function validatePlace(path: FieldPath, device: Device, perDevice: boolean): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device;
  if (!perDevice) {
    const isSet = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined;
    const detail =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true ' +
      'in the ResourceSlice spec';
    return isSet ? [invalid(path, null, detail)] : [];
  }
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (nodeName !== undefined) {
    const at = path.child('nodeName');
    if (nodeName === '') errors.push(invalid(at, nodeName, 'must not be empty'));
    else {
      set.push('`nodeName`');
      errors.push(...checked(at, nodeName, dns1123SubdomainProblem(nodeName)));
    }
  }
  if (nodeSelector !== undefined) {
    set.push('`nodeSelector`');
    errors.push(...validateNodeSelector(path.child('nodeSelector'), nodeSelector));
  }
  if (allNodes === true) set.push('`allNodes`');
  else if (allNodes === false) {
    errors.push(invalid(path.child('allNodes'), allNodes, 'must be either unset or set to true'));
  }
  if (set.length === 1) return errors;
  const detail =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is ' +
    'set to true in the ResourceSlice spec';
  return [
    ...errors,
    set.length === 0 ? required(path, detail) : invalid(path, `{${set.join(', ')}}`, detail),
  ];
}
