/**
 * Whether an APIService is available, as far as objects can tell; pure. Reasons and texts are those of
 * upstream's `kube-aggregator/pkg/controllers/status/remote`.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { formatTime } from '../../api/time/time.ts';
import type { APIService, EndpointSlice, Service } from '../../api/types.gen.ts';

export interface Availability {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export const LOCAL: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};
export const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

/** Undefined: only asking the server itself can tell. */
export function judgeService(
  { namespace = '', name = '', port = 443 }: NonNullable<APIService['spec']['service']>,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Availability | undefined {
  const what = `service/${name} in ${JSON.stringify(namespace)}`;
  const no = (reason: string, message: string): Availability => ({ status: 'False', reason, message });
  if (service === undefined) return no('ServiceNotFound', `${what} is not present`);
  const { spec } = service;
  if ((spec.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const found = (spec.ports ?? []).find((candidate) => candidate.port === port);
  if (found === undefined) return no('ServicePortError', `${what} is not listening on port ${port}`);
  if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for ${what}`);
  const portName = found.name ?? '';
  if (slices.some((slice) => hasEndpoint(slice, portName))) return undefined;
  const which = `endpointslices for ${what} have no addresses with port name ${JSON.stringify(portName)}`;
  return no('MissingEndpoints', which);
}

function hasEndpoint({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const isReady = (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false);
  return isReady && (ports ?? []).some(({ name = '', port }) => name === portName && port !== undefined);
}

/** The status with this judgement; undefined when it says so already. */
export function statusWith(
  { status }: APIService,
  judged: Availability,
  nowMs: number,
): APIService['status'] | undefined {
  const conditions = status.conditions ?? [];
  const before = conditions.find(({ type }) => type === 'Available');
  const isSame = before?.status === judged.status;
  const lastTransitionTime = (isSame ? before.lastTransitionTime : undefined) ?? formatTime(nowMs);
  const next = { type: 'Available', ...judged, lastTransitionTime };
  if (before !== undefined && deepEqual(before, next)) return undefined;
  return { ...status, conditions: [...conditions.filter(({ type }) => type !== 'Available'), next] };
}
