/** What keeps a claim from its volume. Pure. */

import type { PersistentVolumeClaim, StorageClass } from '../api/types.gen.ts';
import { deletionFindings } from './deletion-findings.ts';
import { eventText, objectOf, type Finding, type Look } from './finding.ts';
import type { Graph } from './graph.ts';
import { isOver } from './pod-state.ts';

export function lookAtClaim(claim: PersistentVolumeClaim, graph: Graph): Look {
  const { phase = 'Pending' } = claim.status;
  const state = phase === 'Bound' ? `it is bound to ${claim.spec.volumeName ?? ''}` : `its phase is ${phase}`;
  return { state, isDone: phase === 'Bound', findings: claimFindings(claim, graph, true) };
}

/** `isSubject`: asked about itself; a pod that waits for it knows that there is a pod. */
export function claimFindings(
  claim: PersistentVolumeClaim,
  graph: Graph,
  isSubject: boolean,
): readonly Finding[] {
  const { phase = 'Pending' } = claim.status;
  if (claim.metadata.deletionTimestamp !== undefined) return goingFindings(claim, graph);
  if (phase === 'Bound') return [];
  const about = { cause: 'claim', rank: 'cause', object: objectOf('PersistentVolumeClaim', claim) } as const;
  if (phase === 'Lost') {
    const message = `its volume ${claim.spec.volumeName ?? ''} is gone`;
    return [
      { ...about, message, evidence: [], advice: 'Its data is lost: delete the claim and make a new one.' },
    ];
  }
  const { storageClassName: name } = claim.spec;
  const storage = graph.all.storageClasses.find(({ metadata }) => metadata.name === name);
  const warnings = graph.warnings(claim).slice(0, 1);
  const evidence = warnings.map(eventText);
  const [warning] = warnings;
  if (name !== undefined && name !== '' && storage === undefined) {
    const message = `its storage class ${name} does not exist`;
    return [{ ...about, message, evidence, advice: `Create the StorageClass ${name}, or name another one.` }];
  }
  if (waitsForPod(storage)) {
    if (warning !== undefined)
      return [{ ...about, message: pendingText(warning.message), evidence, advice: PROVISION }];
    const message = 'it waits for a pod that uses it: its class binds volumes only then';
    return isSubject
      ? [{ ...about, rank: 'note', message, evidence, advice: 'Nothing: it is bound with its first pod.' }]
      : [];
  }
  return [{ ...about, message: pendingText(warning?.message ?? ''), evidence, advice: PROVISION }];
}

const PROVISION =
  'Create a PersistentVolume that matches it, or see whether the provisioner of its class runs.';

function pendingText(why = ''): string {
  return why === '' ? 'it is not bound: no volume matches it yet' : `it is not bound: ${why}`;
}

function waitsForPod(storage: StorageClass | undefined): boolean {
  return storage?.volumeBindingMode === 'WaitForFirstConsumer';
}

const PROTECTION = 'kubernetes.io/pvc-protection';

function goingFindings(claim: PersistentVolumeClaim, graph: Graph): readonly Finding[] {
  const name = claim.metadata.name ?? '';
  const held = deletionFindings('PersistentVolumeClaim', claim, graph.all.nowMs);
  const users = graph.all.pods.filter(
    (pod) =>
      !isOver(pod) &&
      (pod.spec.volumes ?? []).some(({ persistentVolumeClaim: used }) => used?.claimName === name),
  );
  if (claim.metadata.finalizers?.includes(PROTECTION) !== true || users.length === 0) return held;
  const names = users.map(({ metadata }) => metadata.name ?? '').join(', ');
  return held.map((one) => ({
    ...one,
    evidence: [...one.evidence, `pods use it: ${names}`],
    advice: `It goes when the pods that use it are gone: ${names}.`,
  }));
}
