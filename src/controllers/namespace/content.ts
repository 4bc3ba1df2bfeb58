/**
 * Empties a namespace and counts what is left. Pods go first (KEP-5080): while one is left, nothing else is
 * deleted, so that no pod outlives the policies and secrets it runs under.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import { ALL_VERBS, type Verb } from '../../api/meta/resource-definition.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { Client, DeleteRequest, ObjectRef } from '../../client/client.ts';
import type { RemainingContent } from './plan.ts';

/** Upstream's guess for objects that wait for a finalizer. */
const FINALIZER_SECONDS = 15;
/** Objects per page while counting. */
const PAGE = 1_000;
/** Types emptied at the same time. */
const CONCURRENT = 8;

/** A kind whose objects may lie in a namespace. */
export interface ContentType extends ResourceType {
  /** Absent: all. */
  readonly verbs?: readonly Verb[];
}

/** Where objects are listed and deleted: this server, or those behind it. */
export interface ContentClient {
  list: Client['list'];
  delete(type: ContentType, ref: ObjectRef, options?: DeleteRequest): Promise<unknown>;
  deleteCollection(
    type: ContentType,
    place: { readonly namespace: string },
    options?: DeleteRequest,
  ): Promise<unknown>;
}

/** The API servers behind this one. */
export interface OtherServers {
  /** Their namespaced kinds, and the `group/version`s of those who do not say what they have. */
  content(): { readonly types: readonly ContentType[]; readonly stale: readonly string[] };
  readonly client: ContentClient;
}

export async function emptyNamespace(
  client: Client,
  namespace: string,
  types: readonly ContentType[],
  others: OtherServers | undefined,
): Promise<RemainingContent> {
  const { types: foreign, stale } = others?.content() ?? { types: [], stale: [] };
  const counted = new Content(stale);
  await emptyType(client, namespace, pods as unknown as ContentType, counted);
  if (counted.isEmpty) {
    const own = types.map((type) => ({ type, at: client }) as const);
    const all = [...own, ...foreign.map((type) => ({ type, at: others?.client ?? client }) as const)];
    const queue = all.filter(({ type }) => !isPods(type) && can(type, 'delete') && can(type, 'list'));
    const worker = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        await emptyType(next.at, namespace, next.type, counted);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
  }
  return counted.result();
}

const isPods = ({ group, plural }: ContentType): boolean => group === '' && plural === 'pods';

function can({ verbs = ALL_VERBS }: ContentType, verb: Verb): boolean {
  return verbs.includes(verb);
}

async function emptyType(
  client: ContentClient,
  namespace: string,
  type: ContentType,
  counted: Content,
): Promise<void> {
  try {
    const present = await listAll(client, type, namespace);
    if (present.length === 0) return;
    const options = { propagationPolicy: 'Background' } as const;
    if (can(type, 'deletecollection')) await client.deleteCollection(type, { namespace }, options);
    else {
      for (const { metadata } of present) {
        await client.delete(type, { namespace, name: metadata.name ?? '' }, options).catch(ignoreMissing);
      }
    }
    counted.add(type, await listAll(client, type, namespace));
  } catch (error) {
    // A kind that is not served (any more) has no objects.
    if (!isApiError(error, 'NotFound') && !isApiError(error, 'MethodNotAllowed'))
      counted.fail(errorText(error));
  }
}

function ignoreMissing(error: unknown): void {
  if (!isApiError(error, 'NotFound')) throw error;
}

async function listAll(
  client: ContentClient,
  type: ContentType,
  namespace: string,
): Promise<readonly KubernetesObject[]> {
  const items: KubernetesObject[] = [];
  let token: string | undefined;
  do {
    const page = await client.list(type, {
      namespace,
      limit: PAGE,
      ...(token === undefined ? {} : { continue: token }),
    });
    items.push(...page.items);
    token = page.continue;
  } while (token !== undefined);
  return items;
}

class Content {
  readonly #perType = new Map<string, number>();
  readonly #perFinalizer = new Map<string, number>();
  readonly #errors: string[] = [];
  readonly #undiscovered: readonly string[];
  #estimateSeconds = 0;

  constructor(undiscovered: readonly string[]) {
    this.#undiscovered = undiscovered;
  }

  get isEmpty(): boolean {
    return this.#perType.size === 0 && this.#errors.length === 0;
  }

  fail(error: string): void {
    this.#errors.push(error);
  }

  add(type: ContentType, objects: readonly KubernetesObject[]): void {
    if (objects.length === 0) return;
    this.#perType.set(`${type.plural}.${type.group}`, objects.length);
    for (const object of objects) {
      const { finalizers = [] } = object.metadata;
      for (const finalizer of finalizers) {
        this.#perFinalizer.set(finalizer, (this.#perFinalizer.get(finalizer) ?? 0) + 1);
      }
      const grace = isPods(type) ? ((object as unknown as Pod).spec.terminationGracePeriodSeconds ?? 0) : 0;
      const seconds = finalizers.length > 0 ? Math.max(grace, FINALIZER_SECONDS) : grace;
      this.#estimateSeconds = Math.max(this.#estimateSeconds, seconds, 1);
    }
  }

  result(): RemainingContent {
    return {
      perType: this.#perType,
      perFinalizer: this.#perFinalizer,
      errors: this.#errors,
      undiscovered: this.#undiscovered,
      estimateSeconds: this.#estimateSeconds,
    };
  }
}
