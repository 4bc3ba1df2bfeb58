/** What keeps a namespace that was deleted. Its controller says it in conditions. Pure. */

import type { Namespace, NamespaceCondition } from '../api/types.gen.ts';
import { objectOf, type Finding, type Look } from './finding.ts';

const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    'NamespaceDeletionDiscoveryFailure',
    'See which API server does not answer: kubectl get apiservices. Mend it, or delete its APIService if it is not to come back.',
  ],
  [
    'NamespaceDeletionContentFailure',
    'See why its content cannot be deleted: a webhook that refuses or does not answer, or an API server that fails.',
  ],
  [
    'NamespaceFinalizersRemaining',
    'Whoever put a finalizer there must remove it: see whether that controller runs.',
  ],
]);

/** Objects that are left are what follows when one of the others holds; alone they are what holds. */
const REMAINING = 'NamespaceContentRemaining';
const REMAINING_ADVICE = 'See what takes them so long: pods may use up their time to end.';

export function lookAtNamespace(namespace: Namespace): Look {
  const { metadata, spec, status } = namespace;
  if (metadata.deletionTimestamp === undefined) return { state: 'it is active', isDone: true, findings: [] };
  const said = (status.conditions ?? []).filter((condition) => condition.status === 'True');
  const causes = said.filter(({ type }) => ADVICE.has(type));
  const remaining = said.filter(({ type }) => type === REMAINING);
  const state = `its deletion was asked for at ${metadata.deletionTimestamp}`;
  const about = {
    object: objectOf('Namespace', namespace),
    cause: 'deletion-held',
    evidence: [state],
  } as const;
  const found = (condition: NamespaceCondition, rank: Finding['rank']): Finding => ({
    ...about,
    rank,
    message: condition.message ?? '',
    advice: ADVICE.get(condition.type) ?? REMAINING_ADVICE,
  });
  const others = [...(metadata.finalizers ?? []), ...(spec.finalizers ?? [])].filter(
    (name) => name !== 'kubernetes',
  );
  const held: readonly Finding[] =
    others.length === 0
      ? []
      : [
          {
            ...about,
            rank: 'cause',
            message: `it goes only when its finalizers are gone: ${others.join(', ')}`,
            advice: ADVICE.get('NamespaceFinalizersRemaining') ?? '',
          },
        ];
  const isExplained = causes.length + held.length > 0;
  const findings = [
    ...causes.map((condition) => found(condition, 'cause')),
    ...held,
    ...remaining.map((condition) => found(condition, isExplained ? 'effect' : 'cause')),
  ];
  return { state, isDone: false, findings };
}
