/** What a claim's status says of the devices that it got: results, configuration, and where they are. Pure. */

import { deepEqual } from '../../api/meta/equal.ts';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceClaim,
  NodeSelector,
  NodeSelectorRequirement,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import type { Given } from './allocator.ts';
import { placeOf } from './pools.ts';
import type { Alternative } from './requests.ts';

export function allocationResult(
  { spec: { devices } }: ResourceV1ResourceClaim,
  given: readonly Given[],
): AllocationResult {
  const config = configurationOf(devices, given);
  const nodeSelector = nodeSelectorOf(given);
  return {
    devices: {
      results: given.map(({ device, alternative: { name, isAdmin, tolerations } }) => ({
        request: name,
        driver: device.driver,
        pool: device.pool.name,
        device: device.device.name,
        ...(isAdmin ? { adminAccess: true } : {}),
        ...(tolerations.length > 0 ? { tolerations } : {}),
      })),
      ...(config.length > 0 ? { config } : {}),
    },
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
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

/** Undefined: everywhere. One device of a node ties the claim to it. */
function nodeSelectorOf(given: readonly Given[]): NodeSelector | undefined {
  const fields: NodeSelectorRequirement[] = [];
  const expressions: NodeSelectorRequirement[] = [];
  for (const { device } of given) {
    const { nodeName = '', nodeSelector } = placeOf(device);
    if (nodeName !== '') {
      const here = { key: 'metadata.name', operator: 'In' as const, values: [nodeName] };
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
