/**
 * The kind `Stage` of kwok: how objects come from one state to the next, and after what time. Its definition
 * is kwok's own (`kustomize/crd`), or the one that `k8ts simulate` installs.
 */

import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';

export interface Stage extends KubernetesObject {
  readonly spec: StageSpec;
}

export interface StageSpec {
  /** `apiGroup` is a group and version: `v1`. */
  readonly resourceRef?: { readonly apiGroup?: string; readonly kind?: string };
  /** None: it matches nothing. */
  readonly selector?: StageSelector;
  readonly weight?: number;
  readonly weightFrom?: ValueFrom;
  readonly delay?: StageDelay;
  readonly next?: StageNext;
  /** The newer form of `next`. */
  readonly steps?: readonly StageStep[];
  /** Makes no difference here: what was written is seen at once. */
  readonly immediateNextStage?: boolean;
}

export interface StageSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchAnnotations?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly (Requirement & {
    readonly jq?: Requirement;
    readonly cel?: unknown;
  })[];
}

export interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

export interface ValueFrom {
  readonly expressionFrom?: string;
  readonly jq?: { readonly expression?: string };
  readonly cel?: unknown;
}

export interface StageDelay {
  readonly durationMilliseconds?: number;
  /** A duration, or the time at which it is over. */
  readonly durationFrom?: ValueFrom;
  /** The delay is drawn between `duration` and this; when this is the smaller one, it is the delay. */
  readonly jitterDurationMilliseconds?: number;
  readonly jitterDurationFrom?: ValueFrom;
}

export interface StageEvent {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface StageFinalizers {
  readonly add?: readonly { readonly value?: string }[];
  readonly remove?: readonly { readonly value?: string }[];
  readonly empty?: boolean;
}

export interface StagePatch {
  readonly subresource?: string;
  /** The field that the template is about. */
  readonly root?: string;
  readonly template?: string;
  readonly type?: string;
}

export interface StageStep {
  readonly event?: StageEvent;
  readonly finalizers?: StageFinalizers;
  readonly delete?: boolean;
  readonly patch?: StagePatch;
}

export interface StageNext {
  readonly event?: StageEvent;
  readonly finalizers?: StageFinalizers;
  readonly delete?: boolean;
  readonly statusTemplate?: string;
  readonly statusSubresource?: string;
  readonly patches?: readonly StagePatch[];
}

export const stages: ResourceType<Stage> = {
  group: 'kwok.x-k8s.io',
  version: 'v1alpha1',
  kind: 'Stage',
  plural: 'stages',
  namespaced: false,
};

export type StagedKind = 'Pod' | 'Node';
