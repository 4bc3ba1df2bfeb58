/**
 * Admission: what may still change or refuse a write after it was authorized. Mutating plugins run in
 * order, each seeing the object as the one before left it; validating ones run on the final object.
 */

import type { GroupVersionKind, KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { OneAtATime } from '../../base/one-at-a-time.ts';
import type { Change, CommitOutcome, Precondition } from '../../store/store.ts';
import type { RequestContext, Target } from '../../client/operation.ts';

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** The stored version, which `object` and `oldObject` have. */
  readonly resource: Resource;
  /** The version that the client speaks, when it is another one. */
  readonly served?: Resource | undefined;
  readonly target: Target;
  /** The new object; undefined for DELETE. */
  readonly object: KubernetesObject | undefined;
  /** The stored object; undefined for CREATE. */
  readonly oldObject: KubernetesObject | undefined;
  readonly dryRun: boolean;
  readonly context: RequestContext;
  /** What the client sent and gets, where a subresource speaks in objects of another kind. */
  readonly body?: AdmissionBody;
  /** The request's options, a `CreateOptions` and the like as JSON; absent: as if none were given. */
  readonly options?: JsonObject;
  /**
   * What the server writes in the course of another request, or for a subresource whose `body` was admitted
   * already: hooks and policies were asked about that.
   */
  readonly isInternal?: boolean;
  /** The name is no part of the request: the server generates it, or deletes a whole collection. */
  readonly isUnnamed?: boolean;
  /** Set while objects are changed. */
  readonly reinvocation?: Reinvocation;
}

/** A Scale, a Binding, an Eviction, a TokenRequest, the options of what connects. */
export interface AdmissionBody {
  readonly kind: GroupVersionKind;
  readonly object: KubernetesObject | undefined;
  readonly oldObject: KubernetesObject | undefined;
}

export interface AdmissionPlugin {
  /** As upstream names it: `NamespaceLifecycle`. */
  readonly name: string;
  /** The kinds it has to do with, as `group/plural`; it never hears of others. All when it does not say. */
  readonly kinds?: readonly string[];
  /** The object as it shall be, or the same object. Throws `ApiError` to refuse. */
  mutate?(
    request: AdmissionRequest & { readonly object: KubernetesObject },
  ): Promise<KubernetesObject> | KubernetesObject;
  /** Throws `ApiError` to refuse. */
  validate?(request: AdmissionRequest): Promise<void> | void;
  /**
   * As `mutate`, for what writes no object of the kind: deletions, what connects, what subresources speak of.
   * The `body`'s object as it shall be; undefined where there is none.
   */
  mutateOther?(
    request: AdmissionRequest,
  ): Promise<KubernetesObject | undefined> | KubernetesObject | undefined;
  /** As `validate`, for what connects and what subresources speak of. Throws `ApiError` to refuse. */
  validateOther?(request: AdmissionRequest): Promise<void> | void;
  /** Whether `charge` has to be asked. */
  charges?(request: AdmissionRequest): boolean;
  /**
   * What is written along with the object, in the same commit: what it takes of something that is limited.
   * Asked at the last moment, and again when somebody else was faster. Throws `ApiError` to refuse.
   */
  charge?(request: AdmissionRequest): Charge;
  /** The server stops: the plugin follows nothing any more. */
  stop?(): void;
}

export interface Charge {
  readonly changes: readonly Change<KubernetesObject>[];
  readonly preconditions: readonly Precondition[];
}

/**
 * What the plugins that change an object tell each other while they are asked one after the other: once one
 * of them that is not built in has changed it, all are asked a second time, and no more than that.
 */
export class Reinvocation {
  #isAsked = false;
  #isSecond = false;
  #notes: Map<string, unknown> | undefined;

  /** What plugins keep for the second time, by their name. */
  get notes(): Map<string, unknown> {
    return (this.#notes ??= new Map());
  }

  /** Whether this is the second time. */
  get isSecond(): boolean {
    return this.#isSecond;
  }

  ask(): void {
    this.#isAsked = true;
  }

  /** Whether to begin again. */
  next(): boolean {
    const goesOn = this.#isAsked && !this.#isSecond;
    this.#isSecond = true;
    return goesOn;
  }
}

export const NO_CHARGE: Charge = { changes: [], preconditions: [] };

/** Writers of other servers only: those of this one wait for each other. */
const CHARGE_RETRIES_MAX = 20;

type ChangingOther = Required<Pick<AdmissionPlugin, 'mutateOther'>>;
type JudgingOther = Required<Pick<AdmissionPlugin, 'validateOther'>>;

/** What admission has to do for a kind. */
interface PluginsOfKind {
  readonly mutating: readonly Required<Pick<AdmissionPlugin, 'mutate'>>[];
  readonly validating: readonly Required<Pick<AdmissionPlugin, 'validate'>>[];
  readonly charging: readonly AdmissionPlugin[];
}

export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #changing: readonly ChangingOther[];
  readonly #judging: readonly JudgingOther[];
  readonly #ofKind = new WeakMap<Resource['definition'], PluginsOfKind>();
  readonly #turns = new OneAtATime();

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
    this.#changing = plugins.filter(canMutateOther);
    this.#judging = plugins.filter(canValidateOther);
  }

  /** Most plugins answer at once: nothing is waited for then. */
  async mutate(request: AdmissionRequest & { readonly object: KubernetesObject }): Promise<KubernetesObject> {
    const { mutating } = this.#pluginsFor(request);
    const reinvocation = new Reinvocation();
    let current = { ...request, reinvocation };
    do {
      for (let i = 0; i < mutating.length; i++) {
        const answer = mutating[i]?.mutate(current);
        const object = answer instanceof Promise ? await answer : answer;
        if (object !== undefined && object !== current.object) current = { ...current, object };
      }
    } while (reinvocation.next());
    return current.object;
  }

  /** The object that was asked about in `request.body`, as it shall be. Throws `ApiError` to refuse. */
  async admitOther<T extends KubernetesObject>(
    request: AdmissionRequest & { readonly body: AdmissionBody & { readonly object: T } },
  ): Promise<T> {
    const object = ((await this.#mutateOther(request)) ?? request.body.object) as T;
    const final = { ...request, body: { ...request.body, object } };
    for (const plugin of this.#judging) {
      const answer = plugin.validateOther(final);
      if (answer instanceof Promise) await answer;
    }
    return object;
  }

  async admitDeletion(request: AdmissionRequest): Promise<void> {
    await this.#mutateOther(request);
    await this.validate(request);
  }

  async #mutateOther(request: AdmissionRequest): Promise<KubernetesObject | undefined> {
    const reinvocation = new Reinvocation();
    let current = { ...request, reinvocation };
    do {
      for (const plugin of this.#changing) {
        const answer = plugin.mutateOther(current);
        const object = answer instanceof Promise ? await answer : answer;
        const { body } = current;
        if (body !== undefined && object !== body.object) current = { ...current, body: { ...body, object } };
      }
    } while (reinvocation.next());
    return current.body?.object;
  }

  /** Runs `write` with what has to be written along. One write at a time for each namespace that is charged. */
  async charged<V>(
    request: AdmissionRequest,
    write: (charge: Charge) => Promise<CommitOutcome<V>>,
  ): Promise<CommitOutcome<V>> {
    const charging = this.#pluginsFor(request).charging.filter(
      (plugin) => plugin.charges?.(request) === true,
    );
    if (charging.length === 0) return write(NO_CHARGE);
    return this.#turns.take(request.target.namespace, async () => {
      for (let attempt = 1; ; attempt++) {
        const all = charging.map((plugin) => plugin.charge?.(request) ?? NO_CHARGE);
        const charge = {
          changes: all.flatMap(({ changes }) => changes),
          preconditions: all.flatMap(({ preconditions }) => preconditions),
        };
        const outcome = await write(charge);
        const isTooLate = !outcome.ok && charge.preconditions.some(({ key }) => key === outcome.key);
        if (!isTooLate || attempt >= CHARGE_RETRIES_MAX) return outcome;
      }
    });
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const { validating } = this.#pluginsFor(request);
    for (let i = 0; i < validating.length; i++) {
      const answer = validating[i]?.validate(request);
      if (answer instanceof Promise) await answer;
    }
  }

  #pluginsFor({ resource: { definition } }: AdmissionRequest): PluginsOfKind {
    const known = this.#ofKind.get(definition);
    if (known !== undefined) return known;
    const kind = `${definition.group}/${definition.plural}`;
    const plugins = this.#plugins.filter(({ kinds }) => kinds === undefined || kinds.includes(kind));
    const found = {
      mutating: plugins.filter(canMutate),
      validating: plugins.filter(canValidate),
      charging: plugins.filter(({ charges }) => charges !== undefined),
    };
    this.#ofKind.set(definition, found);
    return found;
  }
}

/** For what the server does by itself. */
export const NO_ADMISSION = new AdmissionChain([]);

function canMutate(plugin: AdmissionPlugin): plugin is AdmissionPlugin & PluginsOfKind['mutating'][number] {
  return plugin.mutate !== undefined;
}

function canValidate(
  plugin: AdmissionPlugin,
): plugin is AdmissionPlugin & PluginsOfKind['validating'][number] {
  return plugin.validate !== undefined;
}

function canMutateOther(plugin: AdmissionPlugin): plugin is AdmissionPlugin & ChangingOther {
  return plugin.mutateOther !== undefined;
}

function canValidateOther(plugin: AdmissionPlugin): plugin is AdmissionPlugin & JudgingOther {
  return plugin.validateOther !== undefined;
}
