/**
 * The conditions of a namespace that is being deleted: what is still there, and why. Pure; types, reasons and
 * messages are upstream's, since people search for them when a namespace is stuck.
 */

import { formatTime } from '../../api/time/time.ts';
import type { NamespaceCondition } from '../../api/types.gen.ts';

export interface RemainingContent {
  /** Objects by `pods.` or `deployments.apps` (plural, dot, group); none with 0. */
  readonly perType: ReadonlyMap<string, number>;
  /** Objects by finalizer. */
  readonly perFinalizer: ReadonlyMap<string, number>;
  readonly errors: readonly string[];
  /** Each `group/version` of which nobody knows what it has. */
  readonly undiscovered: readonly string[];
  /** Seconds until the rest should be gone; 0 when nothing is left. */
  readonly estimateSeconds: number;
}

interface Finding {
  readonly type: string;
  readonly okReason: string;
  readonly okMessage: string;
  /** Undefined: all is well. */
  readonly problem: { readonly reason: string; readonly message: string } | undefined;
}

/** The same list when nothing changed. */
export function planConditions(
  present: readonly NamespaceCondition[],
  content: RemainingContent,
  nowMs: number,
): readonly NamespaceCondition[] {
  const found = findings(content).map((finding) => conditionFor(finding, present, nowMs));
  if (found.every((condition) => present.includes(condition))) return present;
  const types = new Set(found.map(({ type }) => type));
  return [...present.filter(({ type }) => !types.has(type)), ...found];
}

function conditionFor(
  { type, okReason, okMessage, problem }: Finding,
  present: readonly NamespaceCondition[],
  nowMs: number,
): NamespaceCondition {
  const status = problem === undefined ? 'False' : 'True';
  const { reason, message } = problem ?? { reason: okReason, message: okMessage };
  const old = present.find((condition) => condition.type === type);
  if (old?.status === status && old.reason === reason && old.message === message) return old;
  const since = old?.status === status ? old.lastTransitionTime : undefined;
  return { type, status, lastTransitionTime: since ?? formatTime(nowMs), reason, message };
}

function findings({ perType, perFinalizer, errors, undiscovered }: RemainingContent): readonly Finding[] {
  const texts = (counts: ReadonlyMap<string, number>, word: string): string =>
    [...counts]
      .map(([name, count]) => `${name} ${word} ${count} resource instances`)
      .toSorted()
      .join(', ');
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      okReason: 'ResourcesDiscovered',
      okMessage: 'All resources successfully discovered',
      problem: undiscovered.length === 0 ? undefined : discoveryFailed(undiscovered),
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      okReason: 'ParsedGroupVersions',
      okMessage: 'All legacy kube types successfully parsed',
      problem: undefined,
    },
    {
      type: 'NamespaceDeletionContentFailure',
      okReason: 'ContentDeleted',
      okMessage: 'All content successfully deleted, may be waiting on finalization',
      problem: errors.length === 0 ? undefined : deletionFailed(errors),
    },
    {
      type: 'NamespaceContentRemaining',
      okReason: 'ContentRemoved',
      okMessage: 'All content successfully removed',
      problem:
        perType.size === 0
          ? undefined
          : {
              reason: 'SomeResourcesRemain',
              message: `Some resources are remaining: ${texts(perType, 'has')}`,
            },
    },
    {
      type: 'NamespaceFinalizersRemaining',
      okReason: 'ContentHasNoFinalizers',
      okMessage: 'All content-preserving finalizers finished',
      problem:
        perFinalizer.size === 0
          ? undefined
          : {
              reason: 'SomeFinalizersRemain',
              message: `Some content in the namespace has finalizers remaining: ${texts(perFinalizer, 'in')}`,
            },
    },
  ];
}

function discoveryFailed(versions: readonly string[]): { reason: string; message: string } {
  return {
    reason: 'DiscoveryFailed',
    message: `Discovery failed for some groups, ${versions.length} failing: ${discoveryError(versions)}`,
  };
}

/** As upstream's client says it. */
export function discoveryError(versions: readonly string[]): string {
  const list = versions.map((version) => `${version}: stale GroupVersion discovery: ${version}`).toSorted();
  return `unable to retrieve the complete list of server APIs: ${list.join(', ')}`;
}

function deletionFailed(errors: readonly string[]): { reason: string; message: string } {
  const list = errors.toSorted().join(', ');
  return {
    reason: 'ContentDeletionFailed',
    message: `Failed to delete all resource types, ${errors.length} remaining: ${list}`,
  };
}
