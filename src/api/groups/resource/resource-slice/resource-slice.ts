/** ResourceSlice: some of the devices that a driver has to offer. */

import { checked, immutable } from '../../../field/rules.ts';
import { invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { Column, PrepareContext, ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123SubdomainProblem } from '../../../names/names.ts';
import type { JsonValue } from '../../../schema/schema.ts';
import { formatTime } from '../../../time/time.ts';
import type { Device, DeviceAttribute, ResourceSlice, ResourceSliceSpec } from '../../../types.gen.ts';
import { validateNodeSelector } from '../../core/pod/validate-scheduling.ts';
import { validateDriverName } from '../../storage/rules.ts';
import { RESOURCE_GROUP, validateName, validatePoolName, validateUnique } from '../rules.ts';
import { validateCounters, validateDevice } from './validate-device.ts';

const SPEC = ROOT_PATH.child('spec');
const DEVICES_MAX = 128;
/** Devices with taints or counters are more work to choose from. */
const ELABORATE_DEVICES_MAX = 64;
const COUNTER_SETS_MAX = 8;

export const resourceSlices: ResourceDefinition<ResourceSlice> = {
  group: RESOURCE_GROUP,
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  singular: 'resourceslice',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'resource/v1.ResourceSlice',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  prepareForCreate: (slice, context) => prepare(slice, context),
  prepareForUpdate: (next, _old, context) => prepare(next, context),
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec: next }, { spec: old }) => [
    ...immutable(SPEC.child('pool', 'name'), next.pool.name, old.pool.name),
    ...immutable(SPEC.child('driver'), next.driver, old.driver),
    ...immutable(SPEC.child('nodeName'), next.nodeName, old.nodeName),
  ],
  warnings: ({ spec: { driver } }) =>
    driver === driver.toLowerCase()
      ? []
      : [
          `spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`,
        ],
  selectableFieldNames: ['spec.driver', 'spec.nodeName'],
  selectableFields: ({ spec }) => ({ 'spec.driver': spec.driver, 'spec.nodeName': spec.nodeName ?? '' }),
  columns: [
    NAME_COLUMN,
    text('Node', 'The node that has the devices.', (spec) => spec.nodeName ?? ''),
    text('Driver', 'The driver that offers them.', (spec) => spec.driver),
    text('Pool', 'The pool that they belong to.', (spec) => spec.pool.name),
    AGE_COLUMN,
  ],
};

function text(
  name: string,
  description: string,
  value: (spec: ResourceSliceSpec) => string,
): Column<ResourceSlice> {
  return { name, type: 'string', description, priority: 0, value: ({ spec }) => value(spec) };
}

/** Taints get the time of their making; fields of features that are off by default are dropped. */
function prepare(slice: ResourceSlice, { nowMs }: PrepareContext): ResourceSlice {
  const { devices } = slice.spec;
  if (devices === undefined) return slice;
  return {
    ...slice,
    spec: { ...slice.spec, devices: devices.map((device) => prepareDevice(device, nowMs)) },
  };
}

function prepareDevice(device: Device, nowMs: number): Device {
  const { nodeAllocatableResourceMappings: _alpha, ...kept } = device;
  const { attributes, taints } = kept;
  const timed = taints?.map((taint) => ({ ...taint, timeAdded: taint.timeAdded ?? formatTime(nowMs) }));
  const single = Object.entries(attributes ?? {}).map(([name, attribute]) => [name, withoutLists(attribute)]);
  return {
    ...kept,
    ...(attributes === undefined ? {} : { attributes: Object.fromEntries(single) as typeof attributes }),
    ...(timed === undefined ? {} : { taints: timed }),
  };
}

function withoutLists(attribute: DeviceAttribute): DeviceAttribute {
  const { ints: _ints, bools: _bools, strings: _strings, versions: _versions, ...single } = attribute;
  return single;
}

function validateSpec(spec: ResourceSliceSpec): FieldError[] {
  const { driver, pool, devices = [], sharedCounters = [] } = spec;
  const errors = [
    ...validateDriverName(SPEC.child('driver'), driver),
    ...validatePoolName(SPEC.child('pool', 'name'), pool.name),
  ];
  if (pool.resourceSliceCount <= 0) {
    const at = SPEC.child('pool', 'resourceSliceCount');
    errors.push(invalid(at, pool.resourceSliceCount, 'must be greater than zero'));
  }
  if (pool.generation < 0) {
    const at = SPEC.child('pool', 'generation');
    errors.push(invalid(at, pool.generation, 'must be greater than or equal to zero'));
  }
  errors.push(...validatePlace(spec));
  if (spec.sharedCounters !== undefined && spec.devices !== undefined) {
    errors.push(invalid(SPEC, '', 'only one of `sharedCounters` or `devices` is allowed'));
  }
  const isElaborate = devices.some(
    ({ taints = [], consumesCounters = [] }) => taints.length > 0 || consumesCounters.length > 0,
  );
  const max = isElaborate ? ELABORATE_DEVICES_MAX : DEVICES_MAX;
  const perDevice = spec.perDeviceNodeSelection ?? false;
  return [
    ...errors,
    ...validateUnique(
      SPEC.child('devices'),
      devices,
      max,
      ({ name }) => name,
      (at, device) => validateDevice(at, device, perDevice),
    ),
    ...validateUnique(
      SPEC.child('sharedCounters'),
      sharedCounters,
      COUNTER_SETS_MAX,
      ({ name }) => name,
      (at, { name, counters }) => [
        ...validateName(at.child('name'), name),
        ...validateCounters(at.child('counters'), counters),
      ],
    ),
  ];
}

function validatePlace(spec: ResourceSliceSpec): FieldError[] {
  const { nodeName, nodeSelector } = spec;
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (nodeName !== undefined) {
    const at = SPEC.child('nodeName');
    if (nodeName === '') {
      errors.push(invalid(at, nodeName, 'must be either unset or set to a non-empty string'));
    } else {
      set.push('`nodeName`');
      errors.push(...checked(at, nodeName, dns1123SubdomainProblem(nodeName)));
    }
  }
  if (nodeSelector !== undefined) {
    set.push('`nodeSelector`');
    const at = SPEC.child('nodeSelector');
    errors.push(...validateNodeSelector(at, nodeSelector));
    if (nodeSelector.nodeSelectorTerms.length !== 1) {
      const shown = nodeSelector.nodeSelectorTerms as unknown as JsonValue;
      errors.push(invalid(at.child('nodeSelectorTerms'), shown, 'must have exactly one node selector term'));
    }
  }
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[field] === true) set.push(`\`${field}\``);
    else if (spec[field] === false) {
      errors.push(invalid(SPEC.child(field), false, 'must be either unset or set to true'));
    }
  }
  if (set.length === 1) return errors;
  const which = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (set.length === 0) return [...errors, required(SPEC, which)];
  const many = `${which}, but multiple fields are set`;
  return [...errors, invalid(SPEC, `{${set.join(', ')}}`, many)];
}
