/** The objects that bindings name as parameters of their policies, read as they are now. */

import { fromLabelSelector, matches } from '../../../api/labels/selector.ts';
import { parseApiVersion, type KubernetesObject } from '../../../api/meta/object.ts';
import type { Resource } from '../../../api/resource.ts';
import type { ParamKind, ParamRef } from '../../../api/types.gen.ts';
import { keyRange, prefixRange, type Store } from '../../../store/store.ts';
import { collectionPrefix } from '../../registry/keys.ts';

/** A policy or binding that cannot be carried out; what happens then is up to its `failurePolicy`. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
}

export interface ParameterParts {
  readonly store: Store<KubernetesObject>;
  readonly resources: { all(): readonly Resource[] };
}

/** `undefined` among them: evaluated without. None at all: not evaluated. Throws `Misconfigured`. */
export async function parametersOf(
  { store }: ParameterParts,
  kind: Resource | undefined,
  reference: ParamRef | undefined,
  namespace: string,
): Promise<readonly (KubernetesObject | undefined)[]> {
  if (kind === undefined || reference === undefined) return [undefined];
  const found = await readAs(kind, stored(store, kind, reference, namespaceFor(kind, reference, namespace)));
  if (found.length === 0 && reference.parameterNotFoundAction === 'Deny') {
    throw new Misconfigured('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}

/** Throws `Misconfigured` when nothing of that kind is served. */
export function parameterKind(
  { resources }: ParameterParts,
  paramKind: ParamKind | undefined,
): Resource | undefined {
  if (paramKind === undefined) return undefined;
  const { apiVersion = '', kind = '' } = paramKind;
  const found = resources.all().find((one) => one.definition.kind === kind && one.apiVersion === apiVersion);
  if (found !== undefined) return found;
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' };
  const text = `${group}/${version}, Kind=${kind}`;
  throw new Misconfigured(`failed to find resource referenced by paramKind: '${text}'`);
}

function namespaceFor(kind: Resource, reference: ParamRef, requested: string): string {
  const { namespace: named = '' } = reference;
  if (!kind.definition.namespaced) {
    if (named === '') return '';
    throw new Misconfigured('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const namespace = named === '' ? requested : named;
  if (namespace !== '') return namespace;
  const why = 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources';
  throw new Misconfigured(why);
}

function stored(
  store: Store<KubernetesObject>,
  kind: Resource,
  { name = '', selector }: ParamRef,
  namespace: string,
): readonly KubernetesObject[] {
  const { group, plural } = kind.definition.storedAs?.hub ?? kind.definition;
  const prefix = collectionPrefix({ ...kind, definition: { ...kind.definition, group, plural } }, namespace);
  const page = store.list(name === '' ? prefixRange(prefix) : keyRange(prefix + name));
  const objects = page.ok ? page.result.entries.map(({ value }) => value) : [];
  if (name !== '') return objects;
  const compiled = fromLabelSelector(selector) ?? [];
  return objects.filter(({ metadata }) => matches(compiled, metadata.labels));
}

async function readAs(
  { definition, stored: form }: Resource,
  objects: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[]> {
  const converter = definition.storedAs;
  if (converter !== undefined) return objects.map((object) => converter.fromHub(object));
  return form === undefined || objects.length === 0 ? objects : form.fromStored(objects);
}
