/** What holds back an object that was deleted. Pure. */

import { timeMs } from '../api/time/time.ts';
import type { KubernetesObject } from '../api/meta/object.ts';
import { objectOf, type Finding } from './finding.ts';

/** A little more than the time that an object was given: what then is still there, is held. */
const PATIENCE_MS = 5_000;

export function deletionFindings(kind: string, object: KubernetesObject, nowMs: number): readonly Finding[] {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined) return [];
  const since = `its deletion was asked for at ${deletionTimestamp}`;
  const about = { rank: 'cause', object: objectOf(kind, object), cause: 'deletion-held' } as const;
  if (finalizers.length > 0)
    return [
      {
        ...about,
        message: `it goes only when its finalizers are gone: ${finalizers.join(', ')}`,
        evidence: [since],
        advice: 'Whoever put a finalizer there must remove it: see whether that controller runs.',
      },
    ];
  if (kind !== 'Pod' || nowMs < timeMs(deletionTimestamp) + PATIENCE_MS) return [];
  return [
    {
      ...about,
      message: 'its time to end is over, and its node has not said that it has ended',
      evidence: [`it was to be gone by ${deletionTimestamp}`],
      advice:
        'See whether its node is ready; a node that never comes back is deleted with kubectl delete node.',
    },
  ];
}
