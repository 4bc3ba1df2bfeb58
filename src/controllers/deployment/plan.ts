/**
 * One step of a Deployment: which ReplicaSets to create, scale, annotate and delete, and the status to
 * report. Pure.
 *
 * The plan is computed on a working copy, so that what one stage decides is seen by the next, in upstream's
 * order: revision and current ReplicaSet, then scaling (or pausing), then the strategy, then cleanup, then
 * status. Invariants of a step under RollingUpdate: the sets' `spec.replicas` together never grow beyond
 * replicas + maxSurge, and no step takes available pods below replicas − maxUnavailable.
 */

import type { Deployment, DeploymentStatus, OwnerReference, Pod, ReplicaSet } from '../../api/types.gen.ts';
import { condition, conditionOf, progressDeadlineMs, setCondition } from './conditions.ts';
import { countStatus, deadlineInMs, isComplete, rolloutStatus } from './progress.ts';
import {
  desiredReplicas,
  maxRevision,
  REVISION,
  compareRevisions,
  withAnnotations,
  withReplicaAnnotations,
  withRevision,
} from './replica-annotations.ts';
import {
  isRolling,
  newSetReplicas,
  replicasOf,
  rolloutBounds,
  scaleDownOld,
  scaleProportionally,
  type Scale,
} from './scale.ts';
import { byCreation, findNewReplicaSet, newReplicaSet } from './template.ts';

export interface DeploymentState {
  readonly deployment: Deployment;
  /** All ReplicaSets it controls. */
  readonly sets: readonly ReplicaSet[];
  /** The pods of a set. */
  podsOf(set: ReplicaSet): readonly Pod[];
  /** The reference that its ReplicaSets carry. */
  readonly owner: OwnerReference;
}

export type DeploymentAction =
  | { readonly type: 'create'; readonly set: ReplicaSet }
  /** `from` is set when the size changes. */
  | { readonly type: 'update'; readonly set: ReplicaSet; readonly from?: number }
  | { readonly type: 'delete'; readonly set: ReplicaSet };

export interface DeploymentPlan {
  /** In this order. */
  readonly actions: readonly DeploymentAction[];
  /** The deployment with its revision annotation and status as they should be reported. */
  readonly deployment: Deployment;
  /** When a deadline passes, in milliseconds from now. */
  readonly lookAgainMs: number | undefined;
}

export function planDeployment(state: DeploymentState, nowMs: number): DeploymentPlan {
  const step = new Step(state, nowMs);
  step.run();
  const { deployment } = step;
  const leftMs = isComplete(deployment, deployment.status)
    ? undefined
    : deadlineInMs(deployment, deployment.status, nowMs);
  // A second late rather than early: times of the API have whole seconds.
  const lookAgainMs = leftMs === undefined ? undefined : Math.max(leftMs, 0) + 1_000;
  return { actions: step.actions, deployment, lookAgainMs };
}

class Step {
  deployment: Deployment;
  readonly actions: DeploymentAction[] = [];
  readonly #state: DeploymentState;
  readonly #nowMs: number;
  #new: ReplicaSet | undefined;
  #old: readonly ReplicaSet[];

  constructor(state: DeploymentState, nowMs: number) {
    this.#state = state;
    this.#nowMs = nowMs;
    this.deployment = state.deployment;
    this.#new = findNewReplicaSet(state.deployment, state.sets);
    this.#old = state.sets.filter((set) => set !== this.#new);
  }

  run(): void {
    const { spec, metadata } = this.deployment;
    if (metadata.deletionTimestamp !== undefined) return this.#report(countStatus);
    this.#reportPause();
    this.#adoptRevision();
    if (spec.paused === true) {
      this.#scaleAll();
      this.#cleanUp();
      return this.#report(countStatus);
    }
    if (this.#isScaled()) {
      this.#scaleAll();
      return this.#report(countStatus);
    }
    if (isRolling(this.deployment)) this.#roll();
    else this.#recreate();
    this.#report(rolloutStatus);
  }

  get #all(): readonly ReplicaSet[] {
    return this.#new === undefined ? this.#old : [...this.#old, this.#new];
  }

  #report(status: typeof countStatus): void {
    this.#setStatus(status(this.deployment, this.#all, this.#new, this.#nowMs));
  }

  #setStatus(status: DeploymentStatus): void {
    this.deployment = { ...this.deployment, status };
  }

  /** A paused rollout must not run into its deadline. */
  #reportPause(): void {
    const { status, spec } = this.deployment;
    if (progressDeadlineMs(this.deployment) === undefined) return;
    const reason = conditionOf(status, 'Progressing')?.reason;
    if (reason === 'ProgressDeadlineExceeded') return;
    const wasPaused = reason === 'DeploymentPaused';
    if (spec.paused === true && !wasPaused)
      this.#progress('Unknown', 'DeploymentPaused', 'Deployment is paused');
    if (spec.paused !== true && wasPaused)
      this.#progress('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  }

  #progress(...[status, reason, message]: ProgressArguments): void {
    const next = condition('Progressing', status, reason, message, this.#nowMs);
    this.#setStatus(setCondition(this.deployment.status, next));
  }

  /**
   * The set with the current template gets the highest revision; a rollback makes an old set the newest
   * again.
   */
  #adoptRevision(): void {
    if (this.#new === undefined) return;
    const { minReadySeconds = 0 } = this.deployment.spec;
    const revised = withRevision(this.#new, this.deployment, maxRevision(this.#old) + 1n);
    const next =
      (revised.spec.minReadySeconds ?? 0) === minReadySeconds
        ? revised
        : { ...revised, spec: { ...revised.spec, minReadySeconds } };
    this.#update(this.#new, next);
    this.#showRevision(next);
    const unheard = conditionOf(this.deployment.status, 'Progressing') === undefined;
    if (unheard && progressDeadlineMs(this.deployment) !== undefined) {
      this.#progress(
        'True',
        'FoundNewReplicaSet',
        `Found new replica set ${JSON.stringify(next.metadata.name)}`,
      );
    }
  }

  #showRevision(set: ReplicaSet): void {
    const revision = set.metadata.annotations?.[REVISION];
    if (revision !== undefined) this.deployment = withAnnotations(this.deployment, { [REVISION]: revision });
  }

  #createNew(): ReplicaSet {
    const bare = newReplicaSet(this.deployment, this.#state.owner);
    const replicas = newSetReplicas(this.deployment, [...this.#old, bare], bare);
    const sized = { ...bare, spec: { ...bare.spec, replicas } };
    const revised = withRevision(sized, this.deployment, maxRevision(this.#old) + 1n);
    const set = this.#annotate(revised);
    this.actions.push({ type: 'create', set });
    this.#new = set;
    this.#showRevision(set);
    if (progressDeadlineMs(this.deployment) !== undefined) {
      this.#progress(
        'True',
        'NewReplicaSetCreated',
        `Created new replica set ${JSON.stringify(set.metadata.name)}`,
      );
    }
    return set;
  }

  #annotate(set: ReplicaSet): ReplicaSet {
    const replicas = replicasOf(this.deployment);
    return withReplicaAnnotations(set, replicas, replicas + rolloutBounds(this.deployment).surge);
  }

  /** Replaces a set in the working copy; several changes of one set become one write. */
  #update(set: ReplicaSet, next: ReplicaSet): void {
    if (next === set) return;
    if (set === this.#new) this.#new = next;
    this.#old = this.#old.map((old) => (old === set ? next : old));
    const at = this.actions.findIndex((action) => action.set === set);
    const planned = this.actions[at];
    const from = planned?.type === 'update' && planned.from !== undefined ? planned.from : replicasOf(set);
    const resized = from !== replicasOf(next);
    const write: DeploymentAction =
      planned?.type === 'create'
        ? { type: 'create', set: next }
        : { type: 'update', set: next, ...(resized ? { from } : {}) };
    if (at < 0) this.actions.push(write);
    else this.actions[at] = write;
  }

  #scale({ set, replicas }: Scale): boolean {
    const sized = replicasOf(set) === replicas ? set : { ...set, spec: { ...set.spec, replicas } };
    this.#update(set, this.#annotate(sized));
    return sized !== set;
  }

  /** As `#scale`, but leaves a set of the right size alone. */
  #resize({ set, replicas }: Scale): boolean {
    return replicasOf(set) !== replicas && this.#scale({ set, replicas });
  }

  /** The sets know for which size they were scaled; another one now means that the Deployment was scaled. */
  #isScaled(): boolean {
    return activeSets(this.#all).some((set) => {
      const desired = desiredReplicas(set);
      return desired !== undefined && desired !== replicasOf(this.deployment);
    });
  }

  #scaleAll(): void {
    const wanted = replicasOf(this.deployment);
    const single = activeOrLatest(this.#new, this.#old);
    if (single !== undefined) {
      // Also when the size is right already: as long as the set tells of another one, nothing else is done.
      this.#scale({ set: single, replicas: wanted });
    } else if (this.#isSaturated()) {
      for (const set of activeSets(this.#old)) this.#resize({ set, replicas: 0 });
    } else {
      const active = activeSets(this.#all);
      // Recreate knows no proportions: its next step brings the sizes about.
      const scales = isRolling(this.deployment)
        ? scaleProportionally(this.deployment, active)
        : active.map((set) => ({ set, replicas: replicasOf(set) }));
      for (const scale of scales) this.#scale(scale);
    }
  }

  #isSaturated(): boolean {
    const wanted = replicasOf(this.deployment);
    const set = this.#new;
    if (set === undefined || desiredReplicas(set) !== wanted) return false;
    return replicasOf(set) === wanted && (set.status.availableReplicas ?? 0) === wanted;
  }

  #roll(): void {
    // A set that was just created already has the replicas that fit.
    const created = this.#new === undefined;
    const newSet = this.#new ?? this.#createNew();
    if (!created) {
      const wanted = replicasOf(this.deployment);
      const replicas =
        replicasOf(newSet) > wanted ? wanted : newSetReplicas(this.deployment, this.#all, newSet);
      if (this.#resize({ set: newSet, replicas })) return;
    }
    const scales = scaleDownOld(this.deployment, activeSets(this.#old), newSet);
    for (const scale of scales) this.#resize(scale);
    if (scales.length === 0 && isComplete(this.deployment, this.deployment.status)) this.#cleanUp();
  }

  #recreate(): void {
    const active = activeSets(this.#old);
    for (const set of active) this.#resize({ set, replicas: 0 });
    if (active.length > 0 || this.#oldPodsRun()) return;
    const newSet = this.#new ?? this.#createNew();
    this.#resize({ set: newSet, replicas: replicasOf(this.deployment) });
    if (isComplete(this.deployment, this.deployment.status)) this.#cleanUp();
  }

  /** Old pods on their way out count too: two versions must never run at once. */
  #oldPodsRun(): boolean {
    return this.#old.some(
      (set) =>
        set.status.replicas > 0 ||
        this.#state.podsOf(set).some(({ status: { phase } }) => phase !== 'Failed' && phase !== 'Succeeded'),
    );
  }

  #cleanUp(): void {
    const limit = this.deployment.spec.revisionHistoryLimit;
    if (limit === undefined || limit === 0x7fffffff) return;
    const alive = this.#old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const oldest = alive.toSorted((a, b) => compareRevisions(a, b) || byCreation(a, b));
    for (const set of oldest.slice(0, Math.max(0, alive.length - limit))) {
      const settled = (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0);
      const empty = set.status.replicas === 0 && replicasOf(set) === 0;
      if (settled && empty) this.actions.push({ type: 'delete', set });
    }
  }
}

type ProgressArguments = [
  status: Parameters<typeof condition>[1],
  reason: Parameters<typeof condition>[2],
  message: string,
];

function activeSets(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.filter((set) => replicasOf(set) > 0);
}

/** The only set with replicas; with none at all, the current or the newest one. */
function activeOrLatest(newSet: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const newestFirst = old.toSorted((a, b) => byCreation(b, a));
  const active = activeSets(newSet === undefined ? newestFirst : [...newestFirst, newSet]);
  if (active.length === 0) return newSet ?? newestFirst[0];
  return active.length === 1 ? active[0] : undefined;
}
