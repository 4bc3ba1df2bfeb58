/** ResourceClaim: asks for devices, and says which ones it got and who may use them. */

import { immutable } from '../../../field/rules.ts';
import { ROOT_PATH } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { DeviceRequestAllocationResult, ResourceV1ResourceClaim } from '../../../types.gen.ts';
import { defaultDeviceClaim, validateDeviceClaim } from '../device-claim.ts';
import { RESOURCE_GROUP } from '../rules.ts';
import { deviceKey, validateClaimStatus } from './validate-claim-status.ts';

const SPEC = ROOT_PATH.child('spec');

export const resourceClaims: ResourceDefinition<ResourceV1ResourceClaim> = {
  group: RESOURCE_GROUP,
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  singular: 'resourceclaim',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'resource/v1.ResourceClaim',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: false,
  defaults: (claim) => {
    const devices = defaultDeviceClaim(claim.spec.devices);
    return devices === claim.spec.devices ? claim : { ...claim, spec: { ...claim.spec, devices } };
  },
  prepareForStatusUpdate: dropDeallocated,
  validate: ({ spec }) => validateDeviceClaim(SPEC.child('devices'), spec.devices),
  validateUpdate: (next, old) => immutable(SPEC, next.spec, old.spec),
  validateStatusUpdate: validateClaimStatus,
  columns: [
    NAME_COLUMN,
    {
      name: 'State',
      type: 'string',
      description: 'A summary of the current state (allocated, pending, reserved, etc.).',
      priority: 0,
      value: stateText,
    },
    AGE_COLUMN,
  ],
};

function stateText({ metadata, status: { allocation, reservedFor = [] } }: ResourceV1ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const states = isDeleted ? ['deleted'] : [];
  if (allocation !== undefined) {
    states.push('allocated');
    if (reservedFor.length > 0) states.push('reserved');
  } else if (!isDeleted) states.push('pending');
  return states.join(',');
}

/** What a driver said of a device goes with the device. */
function dropDeallocated(
  next: ResourceV1ResourceClaim,
  old: ResourceV1ResourceClaim,
): ResourceV1ResourceClaim {
  const { devices, ...status } = next.status;
  if (devices === undefined) return next;
  const withoutShare = ({ driver, pool, device }: DeviceRequestAllocationResult): string =>
    deviceKey({ driver, pool, device });
  const had = new Set((old.status.allocation?.devices.results ?? []).map(withoutShare));
  const has = new Set((next.status.allocation?.devices.results ?? []).map(withoutShare));
  const kept = devices.filter(({ driver, pool, device }) => {
    const key = deviceKey({ driver, pool, device });
    return !had.has(key) || has.has(key);
  });
  if (kept.length === devices.length) return next;
  return { ...next, status: kept.length === 0 ? status : { ...status, devices: kept } };
}
