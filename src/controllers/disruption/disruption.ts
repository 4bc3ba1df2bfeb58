/**
 * The disruption controller: says for every PodDisruptionBudget how many of its pods may be evicted now.
 *
 * Inputs: budgets, pods and their owners. Outputs: status of budgets, events, and DisruptionTarget conditions
 * taken back from pods that stayed. The eviction of pods (`apiserver/subresources/pod-eviction.ts`) takes from
 * the status that is written here; both write with the version they have seen, so neither undoes the other.
 *
 * Two kinds of keys: a budget's, and `STALE` with a pod's key for a condition that may have to be taken back.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { withSyncFailed } from '../../api/groups/policy/pod-disruption-budget/disruption-allowed.ts';
import { podDisruptionBudgets } from '../../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { withPodCondition } from '../pod-state/pod-state.ts';
import {
  asksForScale,
  expectation,
  planBudget,
  sameStatus,
  selectorGoText,
  staleDisruptionInMs,
  type Expectation,
} from './plan.ts';
import { Scales } from './scale.ts';

/** No budget can be called so: namespaces are not empty. */
const STALE = '/pod/';
/** After a failure nothing is allowed; what caused it may change without any event. */
const RETRY_MS = 30_000;

export function disruptionController(kinds: () => readonly ResourceDefinition[]): ControllerDefinition {
  return {
    name: 'disruption-controller',
    permissions: [
      { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['policy'], resources: ['poddisruptionbudgets/status'], verbs: ['update'] },
      { apiGroups: [''], resources: ['pods', 'replicationcontrollers'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['pods/status'], verbs: ['patch', 'update'] },
      {
        apiGroups: ['apps'],
        resources: ['deployments', 'replicasets', 'statefulsets'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['*'], resources: ['*/scale'], verbs: ['get'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    build: (context, enqueue) => new DisruptionReconciler(context, enqueue, kinds),
  };
}

class DisruptionReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #pods: Informer<Pod>;
  readonly #scales: Scales;

  constructor(context: ControllerContext, enqueue: Enqueue, kinds: () => readonly ResourceDefinition[]) {
    const { informers, client } = context;
    this.#context = context;
    this.#budgets = informers.of(podDisruptionBudgets);
    this.#pods = informers.of(pods);
    this.#scales = new Scales(client, informers, kinds);
    this.#budgets.subscribe((_next, _old, key) => enqueue(key));
    this.#pods.subscribe((next, old) => this.#onPod(next, old, enqueue));
  }

  #onPod(next: Pod | undefined, old: Pod | undefined, enqueue: Enqueue): void {
    for (const pod of [next, old]) {
      for (const budget of pod === undefined ? [] : this.#budgetsOf(pod)) enqueue(objectKey(budget));
    }
    if (next === undefined) return;
    const [first, ...more] = this.#budgetsOf(next);
    const { namespace = '', name = '' } = next.metadata;
    if (first !== undefined && more.length > 0) {
      const chosen = JSON.stringify(first.metadata.name);
      const which = `Pod ${JSON.stringify(namespace)}/${JSON.stringify(name)}`;
      const message = `${which} matches multiple PodDisruptionBudgets.  Chose ${chosen} arbitrarily.`;
      this.#context.events.record(next, 'Warning', 'MultiplePodDisruptionBudgets', message);
    }
    const staleInMs = staleDisruptionInMs(next, this.#context.clock.now());
    if (staleInMs !== undefined) enqueue(`${STALE}${objectKey(next)}`, staleInMs);
  }

  #budgetsOf({ metadata }: Pod): readonly PodDisruptionBudget[] {
    return this.#budgets.list(metadata.namespace).filter(({ spec }) => {
      const selector = fromLabelSelector(spec.selector);
      return selector !== undefined && matches(selector, metadata.labels);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    if (key.startsWith(STALE)) return this.#reconcileStale(key.slice(STALE.length));
    const budget = this.#budgets.getByKey(key);
    if (budget === undefined) return {};
    try {
      return await this.#reconcileBudget(budget);
    } catch (error) {
      // Somebody was faster, an eviction perhaps: the cache will show it.
      if (isApiError(error, 'Conflict')) throw error;
      const status = withSyncFailed(budget.status, errorText(error), this.#context.clock.now());
      await this.#writeStatus(budget, status);
      return { requeueAfterMs: RETRY_MS };
    }
  }

  async #reconcileBudget(budget: PodDisruptionBudget): Promise<ReconcileResult> {
    const { clock, events } = this.#context;
    const selector = fromLabelSelector(budget.spec.selector);
    const own = this.#pods
      .list(budget.metadata.namespace)
      .filter(({ metadata }) => selector !== undefined && matches(selector, metadata.labels));
    if (own.length === 0) events.record(budget, 'Normal', 'NoPods', 'No matching pods found');
    const expected = await this.#expectation(budget, own);
    const { status, notDeleted, lookAgainMs } = planBudget(budget, own, expected, clock.now());
    await this.#writeStatus(budget, status);
    const { namespace = '', name = '' } = budget.metadata;
    for (const pod of notDeleted) {
      const message = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`;
      events.record(pod, 'Warning', 'NotDeleted', message);
    }
    return lookAgainMs === undefined ? {} : { requeueAfterMs: lookAgainMs };
  }

  async #expectation(budget: PodDisruptionBudget, own: readonly Pod[]): Promise<Expectation> {
    const { events } = this.#context;
    if (!asksForScale(budget)) return expectation(budget, own.length, 0);
    try {
      const { scale, unmanaged } = await this.#scales.of(own);
      if (unmanaged.length > 0) {
        const message =
          `Pods selected by this PodDisruptionBudget (selector: ${selectorGoText(budget.spec.selector)}) were ` +
          'found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which ' +
          'may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field ' +
          'of the PDB to an integer value.';
        events.record(budget, 'Warning', 'UnmanagedPods', message);
      }
      return expectation(budget, own.length, scale);
    } catch (error) {
      const message = `Failed to calculate the number of expected pods: ${errorText(error)}`;
      events.record(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      throw error;
    }
  }

  async #writeStatus(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (sameStatus(status, budget.status)) return;
    try {
      const next = { ...budget, status };
      await this.#context.client.update(podDisruptionBudgets, next, { subresource: 'status' });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  async #reconcileStale(podKey: string): Promise<ReconcileResult> {
    const { client, clock } = this.#context;
    const pod = this.#pods.getByKey(podKey);
    const leftMs = pod === undefined ? undefined : staleDisruptionInMs(pod, clock.now());
    if (pod === undefined || leftMs === undefined) return {};
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    const next = withPodCondition(pod, { type: 'DisruptionTarget', status: 'False' }, clock.now());
    try {
      await client.update(pods, next, { subresource: 'status' });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
    return {};
  }
}
