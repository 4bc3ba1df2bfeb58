/** What one look found: what holds an object back, where, how it is known, and what to do about it. */

import type { KubernetesObject } from '../api/meta/object.ts';
import type { Event, ProgressFinding, ProgressObject } from '../api/types.gen.ts';

export type Cause =
  | 'admission-refused'
  | 'autoscaling'
  | 'claim'
  | 'container-failed'
  | 'container-start'
  | 'crash-loop'
  | 'create-failed'
  | 'deletion-held'
  | 'eviction-blocked'
  | 'gang'
  | 'gated'
  | 'image'
  | 'job-failed'
  | 'missing-config'
  | 'no-endpoints'
  | 'no-nodes'
  | 'node'
  | 'not-observed'
  | 'paused'
  | 'pod-failed'
  | 'probe'
  | 'progress-deadline'
  | 'quota'
  | 'readiness-gate'
  | 'rollout-waits'
  | 'schedule'
  | 'unschedulable'
  | 'volume';

/**
 * `cause`: take it away and things go on. `effect`: what follows from a cause, said because people see it
 * first. `note`: nothing is held by it now.
 */
export type Rank = ProgressFinding['rank'];

export interface Finding extends ProgressFinding {
  readonly cause: Cause;
  readonly evidence: readonly string[];
  readonly advice: string;
}

/** What is said about one object: where it stands, and what was found. */
export interface Look {
  /** `2 of 3 replicas are available` */
  readonly state: string;
  readonly isDone: boolean;
  readonly findings: readonly Finding[];
}

/** A kind whose objects carry none of their own (those of lists), and its object. */
export function objectOf(kind: string, { metadata }: KubernetesObject): ProgressObject {
  const { namespace = '', name = '' } = metadata;
  return { kind, ...(namespace === '' ? {} : { namespace }), name };
}

export function nameOf({ kind, namespace = '', name }: ProgressObject): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

export function eventText({ reason = '', message = '', count = 1 }: Event): string {
  return `event ${reason}${count > 1 ? ` (${count} times)` : ''}: ${message}`;
}

/** The same about several objects is told once; causes come first. */
export function grouped(findings: readonly Finding[]): readonly Finding[] {
  const groups = Map.groupBy(findings.map(inOneLine), ({ cause, rank, message, object }) =>
    JSON.stringify([cause, rank, message, object.kind]),
  );
  const told = [...groups.values()].flatMap(([first, ...more]): Finding[] => {
    if (first === undefined) return [];
    const known = new Set([nameOf(first.object)]);
    const others = more.map(({ object }) => object).filter((object) => !known.has(nameOf(object)));
    return [others.length === 0 ? first : { ...first, others }];
  });
  const order: readonly Rank[] = ['cause', 'effect', 'note'];
  return told.toSorted((a, b) => order.indexOf(a.rank) - order.indexOf(b.rank));
}

/** Messages of probes and hooks are whatever a program has printed. */
function inOneLine(finding: Finding): Finding {
  const flat = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ');
  return { ...finding, message: flat(finding.message), evidence: finding.evidence.map(flat) };
}

/** Of what goes on nevertheless nothing is held. */
export function asNotes(findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({ ...finding, rank: 'note' }));
}
