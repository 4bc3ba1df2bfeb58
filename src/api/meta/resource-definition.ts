/**
 * The definition of a kind: everything that makes it different from other kinds, as data and pure functions.
 * One folder under `groups/` holds one definition, and one line of `catalog.ts` makes it known; REST paths,
 * discovery, OpenAPI, watches, patches, tables and RBAC verbs follow. A CustomResourceDefinition builds the
 * very same structure at run time.
 *
 * Objects that these functions receive are complete (decoded, normalised, static defaults applied) and
 * immutable: return a changed copy, or the same object when nothing changes.
 */

import type { FieldError } from '../field/field-error.ts';
import type { KubernetesObject, ResourceType } from './object.ts';

/** Who asks. */
export interface RequestingUser {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: { readonly [key: string]: readonly string[] };
}

export interface PrepareContext {
  /** Wall time in milliseconds. */
  readonly nowMs: number;
  readonly user: RequestingUser;
}

export interface Column<T> {
  readonly name: string;
  /** `string`, `integer`, `number`, `boolean` or `date`; custom resources bring their own. */
  readonly type: string;
  /** `name` marks the column that identifies the object. */
  readonly format?: string;
  readonly description: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number;
  /** Null: there is nothing to show. */
  value(object: T, nowMs: number): string | number | boolean | null;
}

export type NameFormat = 'dns1123Subdomain' | 'dns1123Label' | 'dns1035Label' | 'pathSegment';

/** Dotted paths into the object, as CustomResourceDefinitions have them. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  /** Path of the selector: a LabelSelector, a plain map, or its text; empty: it has none. */
  readonly selector: string;
}

/**
 * A served version that is a view: its objects are stored as another version of the kind, the hub, and
 * converted by two pure functions. Defaults and columns of the view are its own; everything else is judged
 * on the hub.
 */
export interface StoredAs<T extends KubernetesObject> {
  readonly hub: ResourceType;
  toHub(object: T): KubernetesObject;
  fromHub(object: KubernetesObject): T;
  /** Selectable fields that have another name in the hub. */
  readonly fieldNames?: { readonly [name: string]: string };
}

export interface ResourceDefinition<T extends KubernetesObject = KubernetesObject> extends ResourceType<T> {
  readonly singular: string;
  /** Of its lists; absent: the kind with `List` behind it. */
  readonly listKind?: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Absent: this version is the stored one. */
  readonly storedAs?: StoredAs<T>;
  /** Another served version of a custom kind: whoever goes through all objects leaves it out. */
  readonly isOtherVersion?: boolean;
  /** The message of this version in the schema notation: `apps/v1.Deployment`. */
  readonly message: string;
  /** Every request for the kind is answered with this warning. */
  readonly deprecation?: string;
  /** What can be done; absent: get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verbs?: readonly Verb[];
  readonly nameFormat: NameFormat;
  /** `status` is written through its own subresource only, and reset on create. */
  readonly hasStatus: boolean;
  /** Except here: a node registers itself together with what it found out about itself. */
  readonly keepsStatusOnCreate?: boolean;
  /** `metadata.generation` counts changes of everything but metadata and status. */
  readonly hasGeneration: boolean;
  /** PUT of an object that is not there creates it. */
  readonly createOnUpdate?: boolean;
  readonly scale?: ScalePaths;
  /** Further subresources that the API server serves by handlers of their own: `log`, `binding`, `token`. */
  readonly subresources?: readonly SubresourceDefinition[];
  /** Defaults that depend on other fields; static ones stand in the notation. Must be idempotent. */
  defaults?(object: T): T;
  prepareForCreate?(object: T, context: PrepareContext): T;
  prepareForUpdate?(next: T, old: T, context: PrepareContext): T;
  /** As `prepareForUpdate`, for writes to the `status` subresource. */
  prepareForStatusUpdate?(next: T, old: T, context: PrepareContext): T;
  /** Rules beyond the notation's. Runs on create and, before `validateUpdate`, on update. */
  validate?(object: T): readonly FieldError[];
  /** Rules for new objects alone, where older ones are tolerated. Runs after `validate`. */
  validateCreate?(object: T): readonly FieldError[];
  validateUpdate?(next: T, old: T): readonly FieldError[];
  /** As `validateUpdate`, for writes to the `status` subresource. */
  validateStatusUpdate?(next: T, old: T): readonly FieldError[];
  /** Warnings for the client (`Warning` headers), for suspicious values; not of writes to a subresource. */
  warnings?(object: T, old: T | undefined): readonly string[];
  /**
   * Seconds that the object keeps running after a deletion, from what the client asked for; 0 when absent.
   */
  deletionGraceSeconds?(object: T, requested: number | undefined): number;
  /**
   * What the object owns outlives it when a deletion says nothing about it; the client is warned so.
   */
  readonly orphansByDefault?: string;
  /** The last change before the object waits for its finalizers (a namespace becomes Terminating). */
  prepareForDelete?(object: T): T;
  /** Holds the object back beyond `metadata.finalizers` (a namespace's `spec.finalizers`). */
  holdsDeletion?(object: T): boolean;
  /** Beside metadata.name and metadata.namespace, which every kind has. */
  selectableFields?(object: T): Readonly<Record<string, string>>;
  /** Names of the fields above, to refuse others. */
  readonly selectableFieldNames?: readonly string[];
  /** What tables show, the name included (`columns.ts` has the usual ones). */
  readonly columns: readonly Column<T>[];
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface SubresourceDefinition {
  readonly name: string;
  /** The kind that discovery shows. */
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly Verb[];
}

export const ALL_VERBS: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];
