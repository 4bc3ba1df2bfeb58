/**
 * How fast pods may be driven away from lost nodes. One lost node is an accident; when most of a zone is
 * lost, the network or this process is more likely to be at fault, and driving pods away would make it worse.
 *
 * Numbers are upstream's: a node every 10 s per zone; in a zone that is mostly lost every 100 s when it is
 * large, none when it is small; none at all when every zone is lost. Pure state, time comes in.
 */

import type { Node } from '../../api/types.gen.ts';
import { isNodeReady } from './health.ts';

const NODES_PER_SECOND = 0.1;
const NODES_PER_SECOND_DISRUPTED = 0.01;
const LARGE_ZONE_NODES = 50;
const UNHEALTHY_FRACTION = 0.55;
/** Fewer lost nodes than this prove nothing. */
const UNHEALTHY_NODES_MIN = 3;

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption';

export function zoneOf({ metadata: { labels = {} } }: Node): string {
  return `${labels[REGION] ?? ''}:${labels[ZONE] ?? ''}`;
}

export function zoneState(nodes: readonly Node[]): ZoneState {
  const lost = nodes.filter((node) => !isNodeReady(node)).length;
  if (lost > 0 && lost === nodes.length) return 'FullDisruption';
  const fraction = nodes.length === 0 ? 0 : lost / nodes.length;
  return lost >= UNHEALTHY_NODES_MIN && fraction >= UNHEALTHY_FRACTION ? 'PartialDisruption' : 'Normal';
}

interface Zone {
  state: ZoneState;
  size: number;
  /** Monotonic time from which the next node may be taken. */
  nextMs: number;
  /** Names of nodes that wait for their turn, oldest first. */
  readonly waiting: Set<string>;
}

export type DisruptionChange = 'none' | 'everything-lost' | 'some-came-back';

export class Disruption {
  readonly #zones = new Map<string, Zone>();
  #everythingLost = false;

  get everythingLost(): boolean {
    return this.#everythingLost;
  }

  /** Judges all zones anew. */
  update(nodes: readonly Node[]): DisruptionChange {
    const byZone = Map.groupBy(nodes, zoneOf);
    for (const name of this.#zones.keys()) if (!byZone.has(name)) this.#zones.delete(name);
    for (const [name, members] of byZone) {
      const zone = this.#zone(name);
      zone.state = zoneState(members);
      zone.size = members.length;
    }
    const before = this.#everythingLost;
    const states = [...this.#zones.values()].map(({ state }) => state);
    this.#everythingLost = states.length > 0 && states.every((state) => state === 'FullDisruption');
    if (before === this.#everythingLost) return 'none';
    return this.#everythingLost ? 'everything-lost' : 'some-came-back';
  }

  wait(node: Node): void {
    this.#zone(zoneOf(node)).waiting.add(node.metadata.name ?? '');
  }

  forget(node: string): void {
    for (const { waiting } of this.#zones.values()) waiting.delete(node);
  }

  /** The nodes whose turn it is. */
  take(monotonicMs: number): readonly string[] {
    const taken: string[] = [];
    for (const zone of this.#zones.values()) {
      const rate = this.#everythingLost ? 0 : rateOf(zone);
      if (rate === 0 || zone.nextMs > monotonicMs) continue;
      for (const node of zone.waiting) {
        zone.waiting.delete(node);
        zone.nextMs = monotonicMs + 1000 / rate;
        taken.push(node);
        break;
      }
    }
    return taken;
  }

  #zone(name: string): Zone {
    let zone = this.#zones.get(name);
    if (zone === undefined) {
      zone = { state: 'Normal', size: 0, nextMs: Number.NEGATIVE_INFINITY, waiting: new Set() };
      this.#zones.set(name, zone);
    }
    return zone;
  }
}

function rateOf({ state, size }: Zone): number {
  if (state !== 'PartialDisruption') return NODES_PER_SECOND;
  return size > LARGE_ZONE_NODES ? NODES_PER_SECOND_DISRUPTED : 0;
}
