/**
 * The operations of a served resource, with the paths, actions and identifiers of the official OpenAPI
 * document.
 *
 * Input: what the API server knows of a resource. Output: `OperationSpec`s, for `openapi.ts` to write down.
 */

import type { Verb } from '../meta/resource-definition.ts';

export type HttpMethod = 'get' | 'put' | 'post' | 'delete' | 'patch' | 'head' | 'options';

export interface GroupVersionKindRef {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface OperationSpec {
  /** With its parameters in braces: `/apis/apps/v1/namespaces/{namespace}/deployments/{name}`. */
  readonly path: string;
  readonly method: HttpMethod;
  /** `x-kubernetes-action`; absent for operations that are not about a kind. */
  readonly action?: string;
  readonly kind?: GroupVersionKindRef;
  readonly id: string;
  readonly description: string;
  /** `apps_v1` */
  readonly tag: string;
  /** The definition of the body, and of the answer; `string` for plain text. */
  readonly body?: string;
  readonly answer: string;
  /** On custom resources, which know fewer encodings and kinds of patches. */
  readonly isCustom?: boolean;
  /** Names of query parameters. */
  readonly query: readonly string[];
}

export interface ServedSubresource {
  readonly name: string;
  readonly kind: GroupVersionKindRef;
  /** The definition of what it takes and gives; `string` for plain text. */
  readonly definition: string;
  readonly verbs: readonly Verb[];
  /** Passed through to a node or a program, with any method (`proxy`) or GET and POST (`exec`). */
  readonly connect?: 'any' | 'stream';
}

export interface ServedResource extends GroupVersionKindRef {
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** Definitions of the kind and of its list: `io.k8s.api.apps.v1.Deployment`, `…DeploymentList`. */
  readonly definition: string;
  readonly listDefinition: string;
  readonly subresources: readonly ServedSubresource[];
  readonly isCustom?: boolean;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const STATUS = `${META}.Status`;
const WRITE_QUERY = ['dryRun', 'fieldManager', 'fieldValidation'];
const LIST_QUERY = [
  'continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents',
  'shardSelector', 'timeoutSeconds',
]; // prettier-ignore
const WATCH_QUERY = ['allowWatchBookmarks', ...LIST_QUERY, 'watch'];
const DELETE_QUERY = [
  'dryRun', 'gracePeriodSeconds', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents', 'propagationPolicy',
]; // prettier-ignore

const PROCESS_QUERY = ['container', 'stderr', 'stdin', 'stdout', 'tty'];
const CONNECT_QUERY: Readonly<Record<string, readonly string[]>> = {
  attach: PROCESS_QUERY,
  exec: ['command', ...PROCESS_QUERY],
  portforward: ['ports'],
};
const LOG_QUERY = [
  'container', 'follow', 'insecureSkipTLSVerifyBackend', 'limitBytes', 'previous', 'sinceSeconds', 'stream', 'tailLines',
  'timestamps',
]; // prettier-ignore

export function apiRoot(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** `RbacAuthorizationV1` */
function idPrefix(group: string, version: string): string {
  const words = group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split(/[.-]/);
  return [...words, version].map(capitalised).join('');
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function tagOf(group: string, version: string): string {
  return `${group === '' ? 'core' : group.replace(/\.k8s\.io$/, '').replaceAll(/[.-](\w)/g, (_, c: string) => c.toUpperCase())}_${version}`;
}

export function operationsOf(resource: ServedResource): OperationSpec[] {
  const root = apiRoot(resource.group, resource.version);
  const base = resource.namespaced
    ? `${root}/namespaces/{namespace}/${resource.plural}`
    : `${root}/${resource.plural}`;
  const build = new OperationBuilder(resource);
  return [
    ...collectionOperations(build, base, root),
    ...itemOperations(build, `${base}/{name}`),
    ...watchOperations(build, root),
    ...resource.subresources.flatMap((sub) =>
      subresourceOperations(build, sub, `${base}/{name}/${sub.name}`),
    ),
  ];
}

/** Knows the names that all operations of a resource share. */
class OperationBuilder {
  readonly resource: ServedResource;
  readonly prefix: string;
  /** `NamespacedDeployment`, `Node` */
  readonly scoped: string;

  constructor(resource: ServedResource) {
    this.resource = resource;
    this.prefix = idPrefix(resource.group, resource.version);
    this.scoped = (resource.namespaced ? 'Namespaced' : '') + resource.kind;
  }

  has(verb: Verb): boolean {
    return this.resource.verbs.includes(verb);
  }

  make(spec: Omit<OperationSpec, 'kind' | 'tag'> & { readonly kind?: GroupVersionKindRef }): OperationSpec {
    const { group, version, kind, isCustom = false } = this.resource;
    return {
      kind: { group, version, kind },
      tag: tagOf(group, version),
      ...(isCustom ? { isCustom } : {}),
      ...spec,
    };
  }
}

/** `an Event`, `a Pod`; kinds that are plural already have no article. */
function withArticle(kind: string): string {
  if (kind.endsWith('s') && !kind.endsWith('ss')) return kind;
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function collectionOperations(build: OperationBuilder, base: string, root: string): OperationSpec[] {
  const { kind, plural, namespaced, definition, listDefinition } = build.resource;
  const operations: OperationSpec[] = [];
  const list = { method: 'get', action: 'list', answer: listDefinition, query: WATCH_QUERY, description: `list ${build.has('watch') ? 'or watch ' : ''}objects of kind ${kind}` } as const; // prettier-ignore
  if (build.has('list')) {
    operations.push(build.make({ ...list, path: base, id: `list${build.prefix}${build.scoped}` }));
    if (namespaced) {
      operations.push(
        build.make({ ...list, path: `${root}/${plural}`, id: `list${build.prefix}${kind}ForAllNamespaces` }),
      );
    }
  }
  if (build.has('create')) {
    operations.push(build.make({ path: base, method: 'post', action: 'post', id: `create${build.prefix}${build.scoped}`, description: `create ${withArticle(kind)}`, body: definition, answer: definition, query: WRITE_QUERY })); // prettier-ignore
  }
  if (build.has('deletecollection')) {
    operations.push(build.make({ path: base, method: 'delete', action: 'deletecollection', id: `delete${build.prefix}Collection${build.scoped}`, description: `delete collection of ${kind}`, body: `${META}.DeleteOptions`, answer: STATUS, query: [...DELETE_QUERY, ...LIST_QUERY] })); // prettier-ignore
  }
  return operations;
}

/** Deleting gives a Status, except where upstream says that it gives the object. */
const ANSWERS_WITH_OBJECT: ReadonlySet<string> = new Set([
  'Pod', 'PodTemplate', 'PersistentVolume', 'PersistentVolumeClaim', 'ResourceQuota', 'Service', 'ServiceAccount',
  'StorageClass', 'CSIDriver', 'CSINode', 'VolumeAttachment', 'VolumeAttributesClass', 'DeviceClass', 'ResourceClaim',
  'ResourceClaimTemplate', 'ResourceSlice', 'DeviceTaintRule',
]); // prettier-ignore

function itemOperations(build: OperationBuilder, path: string): OperationSpec[] {
  const { kind, definition } = build.resource;
  const item = rwOperations(build, path, '', definition, build.resource.verbs, `the specified ${kind}`);
  if (build.has('delete')) {
    const answer = ANSWERS_WITH_OBJECT.has(kind) ? definition : STATUS;
    item.push(build.make({ path, method: 'delete', action: 'delete', id: `delete${build.prefix}${build.scoped}`, description: `delete ${withArticle(kind)}`, body: `${META}.DeleteOptions`, answer, query: DELETE_QUERY })); // prettier-ignore
  }
  return item;
}

/** Reading, replacing and patching of an item or of one of its subresources. */
function rwOperations(
  build: OperationBuilder,
  path: string,
  suffix: string,
  definition: string,
  verbs: readonly Verb[],
  what: string,
  kind?: GroupVersionKindRef,
): OperationSpec[] {
  const id = `${build.prefix}${build.scoped}${suffix}`;
  const shared = { path, answer: definition, ...(kind === undefined ? {} : { kind }) };
  const operations: OperationSpec[] = [];
  if (verbs.includes('get')) {
    operations.push(
      build.make({
        ...shared,
        method: 'get',
        action: 'get',
        id: `read${id}`,
        description: `read ${what}`,
        query: suffix === 'Log' ? LOG_QUERY : [],
      }),
    );
  }
  if (verbs.includes('update')) {
    operations.push(build.make({ ...shared, method: 'put', action: 'put', id: `replace${id}`, description: `replace ${what}`, body: definition, query: WRITE_QUERY })); // prettier-ignore
  }
  if (verbs.includes('patch')) {
    operations.push(build.make({ ...shared, method: 'patch', action: 'patch', id: `patch${id}`, description: `partially update ${what}`, body: `${META}.Patch`, query: [...WRITE_QUERY, 'force'] })); // prettier-ignore
  }
  return operations;
}

/** The old `/watch/` paths, which the query parameter `watch` has replaced. */
function watchOperations(build: OperationBuilder, root: string): OperationSpec[] {
  if (!build.has('watch')) return [];
  const { kind, plural, namespaced } = build.resource;
  const base = namespaced ? `${root}/watch/namespaces/{namespace}/${plural}` : `${root}/watch/${plural}`;
  const old = "deprecated: use the 'watch' parameter with a list operation instead";
  const shared = { method: 'get', answer: `${META}.WatchEvent`, query: WATCH_QUERY } as const;
  const lists = {
    ...shared,
    action: 'watchlist',
    description: `watch individual changes to a list of ${kind}. ${old}.`,
  };
  const one = {
    ...shared,
    action: 'watch',
    description: `watch changes to an object of kind ${kind}. ${old}, filtered to a single item with the 'fieldSelector' parameter.`,
  };
  const operations = [build.make({ ...lists, path: base, id: `watch${build.prefix}${build.scoped}List` })];
  if (build.has('get'))
    operations.push(
      build.make({ ...one, path: `${base}/{name}`, id: `watch${build.prefix}${build.scoped}` }),
    );
  if (namespaced) {
    operations.push(
      build.make({
        ...lists,
        path: `${root}/watch/${plural}`,
        id: `watch${build.prefix}${kind}ListForAllNamespaces`,
      }),
    );
  }
  return operations;
}

function subresourceOperations(
  build: OperationBuilder,
  sub: ServedSubresource,
  path: string,
): OperationSpec[] {
  const { kind } = build.resource;
  const suffix = capitalised(sub.name);
  if (sub.connect !== undefined) return connectOperations(build, sub, path, suffix);
  const operations = rwOperations(
    build,
    path,
    suffix,
    sub.definition,
    sub.verbs,
    `${sub.name} of the specified ${kind}`,
    sub.kind,
  );
  if (sub.verbs.includes('create')) {
    operations.push(build.make({ path, method: 'post', action: 'post', kind: sub.kind, id: `create${build.prefix}${build.scoped}${suffix}`, description: `create ${sub.name} of ${withArticle(kind)}`, body: sub.definition, answer: sub.definition, query: WRITE_QUERY })); // prettier-ignore
  }
  return operations;
}

function connectOperations(
  build: OperationBuilder,
  sub: ServedSubresource,
  path: string,
  suffix: string,
): OperationSpec[] {
  const methods: readonly HttpMethod[] =
    sub.connect === 'stream' ? ['get', 'post'] : ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
  const make = (at: string, method: HttpMethod, tail: string): OperationSpec =>
    build.make({ path: at, method, action: 'connect', kind: sub.kind, id: `connect${build.prefix}${capitalised(method)}${build.scoped}${suffix}${tail}`, description: `connect ${method.toUpperCase()} requests to ${sub.name} of ${build.resource.kind}`, answer: 'string', query: CONNECT_QUERY[sub.name] ?? ['path'] }); // prettier-ignore
  const plain = methods.map((method) => make(path, method, ''));
  return sub.connect === 'stream'
    ? plain
    : [...plain, ...methods.map((method) => make(`${path}/{path}`, method, 'WithPath'))];
}
