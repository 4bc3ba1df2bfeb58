/**
 * For tests: whether a pod could get its volumes on a node, by trying every way to give them, from nothing
 * but lists of volumes and claims.
 */

import { quantityValue } from '../../api/quantity/quantity.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types.gen.ts';
import { matchesTerm } from '../../api/node-fit/node-affinity.ts';

/** Claims without a volume wait for their first consumer, and nobody makes volumes. */
export interface VolumeWorld {
  readonly volumes: readonly PersistentVolume[];
  readonly claims: readonly PersistentVolumeClaim[];
  /** By the name of a volume, the name of the claim that has it, or is to have it. */
  readonly owners: ReadonlyMap<string, string>;
}

/** Undefined: the pod may run there. */
export function volumeProblemOf(
  pod: Pod,
  node: Node,
  others: readonly Pod[],
  world: VolumeWorld,
): string | undefined {
  const claims = claimsIn(pod).map((name) => world.claims.find(({ metadata }) => metadata.name === name));
  const free: PersistentVolumeClaim[] = [];
  for (const claim of claims) {
    if (claim === undefined) return 'no claim';
    const { name = '' } = claim.metadata;
    const isExclusive = claim.spec.accessModes?.includes('ReadWriteOncePod') === true;
    if (isExclusive && others.some((other) => claimsIn(other).includes(name))) return 'claim in use';
    const own = world.volumes.find(({ metadata }) => world.owners.get(metadata.name ?? '') === name);
    if (own === undefined) free.push(claim);
    else if (!isReachable(own, node)) return 'volume elsewhere';
  }
  const volumes = world.volumes.filter(
    (volume) => !world.owners.has(volume.metadata.name ?? '') && isReachable(volume, node),
  );
  return canBeGiven(free, volumes) ? undefined : 'no volumes';
}

function canBeGiven(claims: readonly PersistentVolumeClaim[], volumes: readonly PersistentVolume[]): boolean {
  const [claim, ...rest] = claims;
  if (claim === undefined) return true;
  return volumes.some(
    (volume) =>
      sizeOf(volume.spec.capacity) >= sizeOf(claim.spec.resources.requests) &&
      canBeGiven(
        rest,
        volumes.filter((other) => other !== volume),
      ),
  );
}

function claimsIn({ spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []);
}

function sizeOf(amounts: { readonly [key: string]: string } | undefined): number {
  return quantityValue(amounts?.['storage'] ?? '0');
}

export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesTerm(term, node));
}
