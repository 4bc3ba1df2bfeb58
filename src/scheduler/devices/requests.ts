/** What claims ask for, made plain: every request is a list of alternatives, most of them of one. Pure. */

import type {
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import type { CapacityRequests } from './capacity.ts';

export interface Alternative {
  /** `request`, or `request/alternative`: as results and constraints name it. */
  readonly name: string;
  readonly request: string;
  readonly class: DeviceClass;
  readonly selectors: readonly DeviceSelector[];
  readonly wants: 'all' | number;
  readonly isAdmin: boolean;
  readonly tolerations: readonly DeviceToleration[];
  readonly capacity: CapacityRequests;
}

export interface PlainRequest {
  readonly name: string;
  readonly alternatives: readonly Alternative[];
}

export interface ClassLookup {
  (name: string): DeviceClass | undefined;
}

/** The requests of a claim, or what is wrong with them. */
export function plainRequests(
  { spec }: ResourceV1ResourceClaim,
  classOf: ClassLookup,
): readonly PlainRequest[] | string {
  const requests: PlainRequest[] = [];
  for (const request of spec.devices.requests) {
    const alternatives: Alternative[] = [];
    for (const one of alternativesOf(request)) {
      const deviceClass = classOf(one.wanted.deviceClassName);
      if (deviceClass === undefined)
        return `request ${one.name}: device class ${one.wanted.deviceClassName} does not exist`;
      alternatives.push(plain(request.name, one.name, one.wanted, deviceClass));
    }
    requests.push({ name: request.name, alternatives });
  }
  return requests;
}

function alternativesOf({ name, exactly, firstAvailable = [] }: DeviceRequest) {
  if (exactly !== undefined) return [{ name, wanted: exactly }];
  return firstAvailable.map((wanted) => ({ name: `${name}/${wanted.name}`, wanted }));
}

function plain(
  request: string,
  name: string,
  wanted: ExactDeviceRequest | DeviceSubRequest,
  deviceClass: DeviceClass,
): Alternative {
  return {
    name,
    request,
    class: deviceClass,
    selectors: wanted.selectors ?? [],
    wants: wanted.allocationMode === 'All' ? 'all' : (wanted.count ?? 1),
    isAdmin: 'adminAccess' in wanted && wanted.adminAccess === true,
    tolerations: wanted.tolerations ?? [],
    capacity: wanted.capacity?.requests,
  };
}
