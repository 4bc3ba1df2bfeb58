/** Ports of a pod's containers that get in each other's way: they share one network. */

import type { FieldPath } from '../../../field/field-error.ts';
import type { Container, ContainerPort } from '../../../types.gen.ts';

export type PlacedContainer = readonly [container: Container, path: FieldPath];

interface Placed {
  readonly at: FieldPath;
  readonly port: ContainerPort;
}

export function portWarnings(containers: readonly PlacedContainer[]): readonly string[] {
  const all = containers.flatMap(([{ ports = [] }, path]) =>
    ports.map((port, i): Placed => ({ port, at: path.child('ports').index(i) })),
  );
  return [...clashes(all), ...sharedNames(all)];
}

function clashes(all: readonly Placed[]): readonly string[] {
  const seen = new Map<string, Placed[]>();
  return all.flatMap((placed) => {
    const { containerPort, protocol = '' } = placed.port;
    const key = `${containerPort}/${protocol}`;
    const others = seen.get(key) ?? [];
    const found = others.flatMap((other) => clash(placed, other));
    seen.set(key, [...others, placed]);
    return found;
  });
}

function clash({ at, port }: Placed, other: Placed): readonly string[] {
  const { hostIP = '', hostPort = 0 } = port;
  const { hostIP: otherIP = '', hostPort: otherPort = 0 } = other.port;
  const text = (what: string): string[] => [
    `${at.toString()}: ${what} port definition with ${other.at.toString()}`,
  ];
  if (hostIP === otherIP && hostPort === otherPort) return text('duplicate');
  // One of them is not on the node at all: odd, not dangerous.
  if (hostPort === 0 || otherPort === 0) return text('overlapping');
  const oneIsEverywhere = (hostIP === '') !== (otherIP === '');
  return hostPort === otherPort && oneIsEverywhere ? text('dangerously ambiguous') : [];
}

function sharedNames(all: readonly Placed[]): readonly string[] {
  const seen = new Map<string, FieldPath>();
  return all.flatMap(({ at, port: { name = '' } }) => {
    const first = name === '' ? undefined : seen.get(name)?.toString();
    if (first === undefined) {
      if (name !== '') seen.set(name, at);
      return [];
    }
    const why = `services and probes that select ports by name will use ${first}`;
    return [`${at.toString()}: duplicate port name "${name}" with ${first}, ${why}`];
  });
}
