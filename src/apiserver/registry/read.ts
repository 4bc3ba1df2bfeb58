/**
 * Reads: get and list under every combination of `resourceVersion` and `resourceVersionMatch`, with
 * consistent pages. Semantics:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */

import {
  ApiError,
  badRequestError,
  expiredError,
  invalidError,
  notFoundError,
} from '../../api/meta/api-error.ts';
import { nextTurn } from '../../base/turn.ts';
import { forbidden, notSupported } from '../../api/field/field-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { ListResult, Operation, Target } from '../../client/operation.ts';
import { prefixRange, type Page, type ReadOutcome, type Revision, type Store } from '../../store/store.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { collectionPrefix, objectStoreKey } from './keys.ts';
import { fromStored, oneFromStored } from './stored-form.ts';
import { compileSelection, type CompiledSelection } from './selection.ts';

/** Entries examined before a filtered page gives other work a turn and asks the store again. */
const SCAN_CHUNK = 8_000;

type ListOperation = Extract<Operation, { verb: 'list' }>;

export async function getObject(
  store: Store<KubernetesObject>,
  resource: Resource,
  target: Target,
  resourceVersion: string,
): Promise<KubernetesObject> {
  const minimum = parseVersion(resourceVersion);
  if (minimum > store.revision) await waitForRevision(store, minimum);
  else if (resourceVersion === '') await store.sync();
  const entry = store.get(objectStoreKey(resource, target.namespace, target.name));
  if (entry === undefined) throw notFoundError(resource.subject, target.name);
  return resource.stored === undefined ? entry.value : oneFromStored(resource, entry.value);
}

export async function listObjects(
  store: Store<KubernetesObject>,
  resource: Resource,
  operation: ListOperation,
): Promise<ListResult> {
  const selection = compileSelection(resource, operation.selection);
  const namespace = operation.target.namespace || (selection.namespace ?? '');
  const prefix = collectionPrefix(resource, resource.definition.namespaced ? namespace : '');
  const start = await listStart(store, operation);
  const limit = operation.limit ?? 0;
  const single = await singleObject(store, resource, selection, namespace, start);
  if (single !== undefined) return single;
  const collected = await collect(store, resource, prefix, start, limit, selection.predicate);
  return {
    items: collected.items,
    resourceVersion: String(collected.revision),
    continue: collected.more
      ? encodeContinue({ revision: collected.revision, after: collected.lastKey.slice(prefix.length) })
      : '',
    remainingItemCount: collected.more && selection.predicate === undefined ? collected.remaining : undefined,
  };
}

interface ListStart {
  /** Read as of this revision; undefined: the newest. */
  readonly at: Revision | undefined;
  readonly after: string;
}

async function listStart(store: Store<KubernetesObject>, operation: ListOperation): Promise<ListStart> {
  const { resourceVersion = '', resourceVersionMatch = '' } = operation;
  checkVersionOptions(resourceVersion, resourceVersionMatch, operation.continue ?? '');
  if (operation.continue !== undefined && operation.continue !== '') {
    const { revision, after } = decodeContinue(operation.continue);
    return { at: revision > 0 ? revision : undefined, after };
  }
  const version = parseVersion(resourceVersion);
  if (resourceVersion === '') await store.sync();
  if (version > store.revision) await waitForRevision(store, version);
  return { at: resourceVersionMatch === 'Exact' ? version : undefined, after: '' };
}

const LIST_OPTIONS = { group: 'meta.k8s.io', resource: 'ListOptions' };

function checkVersionOptions(resourceVersion: string, match: string, token: string): void {
  const refuse = (detail: string): never => {
    throw invalidError(LIST_OPTIONS, '', [forbidden('resourceVersionMatch', detail)]);
  };
  if (token !== '' && resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequestError('specifying resource version is not allowed when using continue');
  }
  if (match === '') return;
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw invalidError(LIST_OPTIONS, '', [
      notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan']),
    ]);
  }
  if (token !== '') refuse('resourceVersionMatch is forbidden when continue is provided');
  if (resourceVersion === '') refuse('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match === 'Exact' && resourceVersion === '0') {
    refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
}

/** A `metadata.name` selector names one object: no scan. */
async function singleObject(
  store: Store<KubernetesObject>,
  resource: Resource,
  selection: CompiledSelection,
  namespace: string,
  start: ListStart,
): Promise<ListResult | undefined> {
  if (selection.name === undefined || start.after !== '') return undefined;
  if (resource.definition.namespaced && namespace === '') return undefined;
  const key = objectStoreKey(resource, namespace, selection.name);
  const entry = start.at === undefined ? store.get(key) : unwrap(store.getAt(key, start.at));
  const object = entry === undefined ? undefined : await oneFromStored(resource, entry.value);
  const hit = object !== undefined && (selection.predicate?.(object) ?? true);
  return {
    items: hit ? [object] : [],
    resourceVersion: String(start.at ?? store.revision),
    continue: '',
    remainingItemCount: undefined,
  };
}

interface Collected {
  readonly items: readonly KubernetesObject[];
  readonly revision: Revision;
  readonly lastKey: string;
  readonly more: boolean;
  readonly remaining: number;
}

async function collect(
  store: Store<KubernetesObject>,
  resource: Resource,
  prefix: string,
  start: ListStart,
  limit: number,
  predicate: ((object: KubernetesObject) => boolean) | undefined,
): Promise<Collected> {
  const whole = prefixRange(prefix);
  const items: KubernetesObject[] = [];
  // Later chunks read at the first one's revision, so that the answer is one consistent picture.
  let at = start.at;
  let lastKey = start.after === '' ? '' : prefix + start.after;
  for (;;) {
    const wanted = predicate === undefined && limit > 0 ? limit - items.length : SCAN_CHUNK;
    const range = { start: lastKey === '' ? whole.start : `${lastKey}\0`, end: whole.end };
    const read = store.list(range, { limit: wanted, ...(at === undefined ? {} : { at }) });
    if (!read.ok && read.reason === 'compacted' && start.after !== '') throw tooOldToContinue(start.after);
    const page: Page<KubernetesObject> = unwrap(read);
    at = page.revision;
    const entries = resource.stored === undefined ? page.entries : await entriesFromStored(resource, page);
    let examined = 0;
    for (const { key, value } of entries) {
      examined++;
      if (predicate !== undefined && !predicate(value)) continue;
      items.push(value);
      if (limit > 0 && items.length >= limit) {
        const left = entries.length - examined + page.remaining;
        return { items, revision: at, lastKey: key, more: left > 0, remaining: left };
      }
    }
    lastKey = page.entries.at(-1)?.key ?? lastKey;
    if (!page.more) return { items, revision: at, lastKey, more: false, remaining: 0 };
    await nextTurn('request');
  }
}

async function entriesFromStored(
  resource: Resource,
  { entries }: Page<KubernetesObject>,
): Promise<readonly { readonly key: string; readonly value: KubernetesObject }[]> {
  const stored = entries.map((entry) => entry.value);
  const objects = await fromStored(resource, stored);
  return entries.map(({ key, value }, i) => ({ key, value: objects[i] ?? value }));
}

/** The rest of the list as it is now can be had all the same, by a token that says so. */
function tooOldToContinue(after: string): ApiError {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
    'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
    'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
    'deleted between the time the first chunk was returned and now may show up in the list.';
  return expiredError(message, encodeContinue({ revision: -1, after }));
}

export function unwrap<T>(outcome: ReadOutcome<T>): T {
  if (outcome.ok) return outcome.result;
  if (outcome.reason === 'compacted') {
    throw expiredError('The resourceVersion for the provided list is too old.');
  }
  throw badRequestError('the requested resource version lies in the future');
}

/** Versions of this server are decimal numbers; 0 stands for none. */
export function parseVersion(text: string): Revision {
  if (text === '' || text === '0') return 0;
  if (!/^\d{1,16}$/.test(text)) {
    throw badRequestError(`Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  }
  return Number(text);
}

/** Asks the store to catch up; a version that nobody has written yet is refused as upstream refuses it. */
export async function waitForRevision(store: Store<KubernetesObject>, minimum: Revision): Promise<void> {
  if ((await store.sync()) >= minimum) return;
  const message = `Timeout: Too large resource version: ${minimum}, current: ${store.revision}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  throw new ApiError(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
}
