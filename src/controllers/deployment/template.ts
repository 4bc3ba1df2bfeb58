/** Which ReplicaSet runs a Deployment's current template, and what a new one is called. Pure. */

import { deepEqual } from '../../api/meta/equal.ts';
import type { Draft } from '../../api/meta/object.ts';
import { timeMs } from '../../api/time/time.ts';
import type {
  Deployment,
  LabelSelector,
  OwnerReference,
  PodTemplateSpec,
  ReplicaSet,
} from '../../api/types.gen.ts';
import { templateHash } from '../pod-template/template-hash.ts';

export const HASH_LABEL = 'pod-template-hash';

export function equalTemplates(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { labels, ...metadata } = template.metadata;
  const { [HASH_LABEL]: _hash, ...others } = labels ?? {};
  return {
    ...template,
    metadata: Object.keys(others).length === 0 ? metadata : { ...metadata, labels: others },
  };
}

/** The oldest one when several have the template, so that everybody picks the same. */
export function findNewReplicaSet(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  return sets.toSorted(byCreation).find((set) => equalTemplates(set.spec.template, deployment.spec.template));
}

/** The older first. */
export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  return createdMs(a) - createdMs(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1);
}

function createdMs({ metadata }: ReplicaSet): number {
  return metadata.creationTimestamp === undefined ? 0 : timeMs(metadata.creationTimestamp);
}

/** A ReplicaSet for the current template, without replicas. */
export function newReplicaSet(deployment: Deployment, owner: OwnerReference): ReplicaSet {
  const { template, selector, minReadySeconds = 0 } = deployment.spec;
  const hash = templateHash(template, deployment.status.collisionCount);
  const labels = { ...template.metadata.labels, [HASH_LABEL]: hash };
  const { name = '', namespace = '' } = deployment.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${name}-${hash}`, namespace, labels, ownerReferences: [owner] },
    spec: {
      replicas: 0,
      minReadySeconds,
      selector: selectWithHash(selector, hash),
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  };
}

function selectWithHash(selector: LabelSelector, hash: string): LabelSelector {
  return { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } };
}

/** What is sent to the server to create `set`. */
export function draftOf(set: ReplicaSet): Draft<ReplicaSet> {
  const { status: _status, ...draft } = set;
  return draft;
}
