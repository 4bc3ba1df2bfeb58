/** What a claim's status says of the devices that it got: results, configuration, and where they are. Pure. */

import { deepEqual } from '../../api/meta/equal.ts';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceClaim,
  DeviceRequestAllocationResult,
  NodeSelector,
  NodeSelectorRequirement,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import type { Given } from './allocator.ts';
import { consumedCapacity } from './capacity.ts';
import { placeOf } from './pools.ts';
import type { Alternative } from './requests.ts';

export interface AllocationContext {
  /** The node for which the devices were found. */
  readonly nodeName: string;
  /** Makes the name of a part of a shared device. */
  readonly newShareId: () => string;
}

export function allocationResult(
  { spec: { devices } }: ResourceV1ResourceClaim,
  given: readonly Given[],
  { nodeName, newShareId }: AllocationContext,
): AllocationResult {
  const config = configurationOf(devices, given);
  const nodeSelector = nodeSelectorOf(given, nodeName);
  return {
    devices: {
      results: given.map((one) => resultOf(one, newShareId)),
      ...(config.length > 0 ? { config } : {}),
    },
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  };
}

function resultOf(
  { device: { device, driver, pool }, alternative, consumed }: Given,
  newShareId: () => string,
): DeviceRequestAllocationResult {
  const { name, isAdmin, tolerations } = alternative;
  const { bindingConditions = [], bindingFailureConditions = [] } = device;
  return {
    request: name,
    driver,
    pool: pool.name,
    device: device.name,
    ...(isAdmin ? { adminAccess: true } : {}),
    ...(tolerations.length > 0 ? { tolerations } : {}),
    ...(bindingConditions.length > 0 ? { bindingConditions } : {}),
    ...(bindingFailureConditions.length > 0 ? { bindingFailureConditions } : {}),
    ...(consumed === undefined ? {} : { shareID: newShareId() }),
    ...(consumed === undefined || consumed.size === 0
      ? {}
      : { consumedCapacity: consumedCapacity(consumed) }),
  };
}

/** First that of the classes, then that of the claim, which so has the last word. */
function configurationOf(
  { requests, config = [] }: DeviceClaim,
  given: readonly Given[],
): readonly DeviceAllocationConfiguration[] {
  const chosen = new Map<string, Alternative>();
  for (const { alternative } of given) chosen.set(alternative.request, alternative);
  const byClass = Map.groupBy(chosen.values(), (alternative) => alternative.class);
  const all: DeviceAllocationConfiguration[] = [];
  for (const [deviceClass, alternatives] of byClass)
    for (const { opaque } of deviceClass.spec.config ?? [])
      all.push({
        source: 'FromClass',
        requests: alternatives.map(({ name }) => name),
        ...(opaque === undefined ? {} : { opaque }),
      });
  const names = new Set([...chosen.values()].flatMap(({ name, request }) => [name, request]));
  for (const { requests: wanted = [], opaque } of config)
    if (wanted.length === 0 || wanted.some((name) => names.has(name)))
      all.push({ source: 'FromClaim', requests: wanted, ...(opaque === undefined ? {} : { opaque }) });
  // No names: for all requests.
  return all.map(({ requests: wanted = [], ...rest }) =>
    wanted.length === 0 || wanted.length === requests.length ? rest : { ...rest, requests: wanted },
  );
}

/** Undefined: everywhere. One device of a node, or one that is attached to it, ties the claim to it. */
function nodeSelectorOf(given: readonly Given[], chosen: string): NodeSelector | undefined {
  const fields: NodeSelectorRequirement[] = [];
  const expressions: NodeSelectorRequirement[] = [];
  for (const { device } of given) {
    const { nodeName = '', nodeSelector } = placeOf(device);
    if (nodeName !== '' || device.device.bindsToNode === true) {
      const here = { key: 'metadata.name', operator: 'In' as const, values: [chosen] };
      return { nodeSelectorTerms: [{ matchFields: [here] }] };
    }
    // Slices have selectors of one term.
    const [term] = nodeSelector?.nodeSelectorTerms ?? [];
    addNew(fields, term?.matchFields ?? []);
    addNew(expressions, term?.matchExpressions ?? []);
  }
  if (fields.length + expressions.length === 0) return undefined;
  return {
    nodeSelectorTerms: [
      {
        ...(fields.length > 0 ? { matchFields: fields } : {}),
        ...(expressions.length > 0 ? { matchExpressions: expressions } : {}),
      },
    ],
  };
}

function addNew(to: NodeSelectorRequirement[], from: readonly NodeSelectorRequirement[]): void {
  for (const one of from) if (!to.some((present) => deepEqual(present, one))) to.push(one);
}
