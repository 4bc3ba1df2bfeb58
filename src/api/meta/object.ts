/** What every API object has, and how kinds are named. */

import { flat } from '../../base/flat-text.ts';
import type { ObjectMeta } from '../types.gen.ts';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Names a collection of the API; `T` is the type of its objects. */
export interface ResourceType<T extends KubernetesObject = KubernetesObject> extends GroupVersionKind {
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set; carries `T` for the compiler. */
  readonly objectType?: T;
}

/** An object to be written: the server fills in what is left out. */
export type Draft<T> = T extends readonly (infer I)[]
  ? readonly Draft<I>[]
  : T extends object
    ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
    : T;

/** `v1`, `apps/v1` */
export function apiVersionOf(type: { readonly group: string; readonly version: string }): string {
  return type.group === '' ? type.version : flat(`${type.group}/${type.version}`);
}

/** The inverse of `apiVersionOf`; undefined when the text has more than one slash. */
export function parseApiVersion(text: string): { group: string; version: string } | undefined {
  const parts = text.split('/');
  if (parts.length === 1) return { group: '', version: text };
  if (parts.length === 2) return { group: parts[0] ?? '', version: parts[1] ?? '' };
  return undefined;
}

/** `namespace/name`, or `name` for cluster-scoped objects: the key of queues and caches. */
export function objectKey(object: { readonly metadata: ObjectMeta }): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === '' ? (name ?? '') : `${namespace}/${name ?? ''}`;
}

export interface ObjectName {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

export function splitKey(key: string): ObjectName {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: '', name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
