import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { present } from '../../base/assert.ts';
import type { Verb } from '../meta/resource-definition.ts';
import { loadBuiltInSchemas } from './built-in.ts';
import {
  definitionOf,
  messagesByName,
  scalarDefinitions,
  type DefinitionContext,
} from './openapi-definitions.ts';
import {
  operationsOf,
  type GroupVersionKindRef,
  type ServedResource,
  type ServedSubresource,
} from './openapi-operations.ts';
import { openApiV2, openApiV3 } from './openapi.ts';
import type { JsonObject, JsonValue } from './schema.ts';

const schemas = loadBuiltInSchemas();
const facts = new URL('../../../../shared/kubernetes-1.36/', import.meta.url);
const V2: DefinitionContext = { version: 2, descriptions: {}, groupVersions: [] };

const DEPLOYMENTS: ServedResource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  definition: 'io.k8s.api.apps.v1.Deployment',
  listDefinition: 'io.k8s.api.apps.v1.DeploymentList',
  subresources: [
    {
      name: 'scale',
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      definition: 'io.k8s.api.autoscaling.v1.Scale',
      verbs: ['get', 'update', 'patch'],
    },
  ],
};

test('a definition says what clients merge by', () => {
  const spec = present(messagesByName(schemas).get('io.k8s.api.core.v1.PodSpec'), 'PodSpec');
  const { properties } = definitionOf(spec, {
    ...V2,
    descriptions: { 'io.k8s.api.core.v1.PodSpec.containers': 'All of them.' },
  });
  assert.deepEqual((properties as JsonObject)['containers'], {
    description: 'All of them.',
    type: 'array',
    items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
  });
  const v3 = definitionOf(spec, { ...V2, version: 3 })['properties'] as JsonObject;
  assert.deepEqual(v3['restartPolicy'], {
    type: 'string',
    enum: ['Always', 'OnFailure', 'Never'],
    default: 'Always',
  });
  assert.deepEqual(v3['affinity'], { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Affinity' }] });
});

test('documents hold the paths of their operations and every definition these lead to', () => {
  const input = {
    schemas,
    operations: operationsOf(DEPLOYMENTS),
    descriptions: {},
    serverVersion: 'v1.36.0',
    groupVersions: [],
  };
  const v3 = openApiV3(input) as unknown as {
    paths: Record<string, JsonObject>;
    components: { schemas: JsonObject };
  };
  assert.deepEqual(
    Object.keys(v3.paths).filter((path) => !path.includes('/watch/')),
    [
      '/apis/apps/v1/deployments',
      '/apis/apps/v1/namespaces/{namespace}/deployments',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
    ],
  );
  const patch = v3.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'] as unknown as {
    parameters: { name: string }[];
  };
  assert.deepEqual(
    patch.parameters.map(({ name }) => name),
    ['dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty'],
  );
  for (const document of [v3 as unknown as JsonValue, openApiV2(input)]) {
    const text = JSON.stringify(document);
    const names = new Set(Object.keys(v3.components.schemas));
    const all =
      document === (v3 as unknown as JsonValue)
        ? names
        : new Set(Object.keys((document as JsonObject)['definitions'] as JsonObject));
    for (const [, name = ''] of text.matchAll(/"#\/(?:definitions|components\/schemas)\/([^"]+)"/g))
      assert.ok(all.has(name), name);
  }
  assert.ok(!('io.k8s.api.core.v1.Node' in v3.components.schemas));
});

function withoutTexts(value: JsonValue | undefined): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(withoutTexts);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value).filter(
    ([key, child]) => key !== 'description' || typeof child !== 'string',
  );
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutTexts(child)]));
}

/** What the official document says and the schema does not know. */
function comparable(definition: JsonObject): JsonObject {
  const {
    'x-kubernetes-unions': _,
    'x-kubernetes-group-version-kind': kinds,
    required,
    ...rest
  } = definition;
  const first = Array.isArray(kinds) ? { kinds: (kinds as readonly JsonValue[])[0] ?? null } : {};
  return { ...rest, ...first, required: [...((required ?? []) as string[])].toSorted() };
}

/** Definitions that differ, each with its reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.version.Info': 'the version endpoint is no part of the schema',
};

test('definitions are those of the official document', (context) => {
  const file = new URL('openapi.json', facts);
  if (!existsSync(file)) return context.diagnostic('the official document is not here: nothing compared');
  const official = (JSON.parse(readFileSync(file, 'utf8')) as { definitions: Record<string, JsonObject> })
    .definitions;
  const messages = messagesByName(schemas);
  const scalars = scalarDefinitions(V2);
  let checked = 0;
  for (const [name, definition] of Object.entries(official)) {
    if (name in DIFFERENT) continue;
    const message = messages.get(name);
    const ours = message === undefined ? scalars[name] : definitionOf(message, V2);
    assert.ok(ours !== undefined, `${name} is missing`);
    assert.deepEqual(
      comparable(withoutTexts(ours) as JsonObject),
      comparable(withoutTexts(definition) as JsonObject),
      name,
    );
    checked++;
  }
  context.diagnostic(`${checked} definitions`);
});

interface Row {
  readonly path: string;
  readonly method: string;
  readonly action: string;
  readonly groupVersion: string;
  readonly kind: string;
  readonly id: string;
}

const VERBS: Readonly<Record<string, Verb>> = {
  list: 'list', get: 'get', post: 'create', put: 'update', patch: 'patch', delete: 'delete',
  deletecollection: 'deletecollection', watchlist: 'watch',
}; // prettier-ignore

/** The resources that the list of operations speaks of. */
function resourcesIn(rows: readonly Row[]): ServedResource[] {
  const resources = new Map<string, ServedResource & { verbs: Verb[]; subresources: ServedSubresource[] }>();
  const read = (
    row: Row,
  ): { key: string; subresource: string | undefined; namespaced: boolean } | undefined => {
    const match =
      /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(\/watch)?(\/namespaces\/\{namespace\})?\/([^/{]+)(?:\/\{name\}(?:\/([^/]+))?.*)?$/.exec(
        row.path,
      );
    if (match === null || row.action === '') return undefined;
    return { key: `${match[1]}/${match[4]}`, subresource: match[5], namespaced: match[3] !== undefined };
  };
  for (const row of rows) {
    const at = read(row);
    if (at === undefined || at.subresource !== undefined) continue;
    const [, root = '', plural = ''] = /^(.*)\/([^/]+)$/.exec(at.key) ?? [];
    const [group = '', version = ''] = root === '/api/v1' ? ['', 'v1'] : root.split('/').slice(2);
    const known = resources.get(at.key) ?? {
      group, version, kind: row.kind, plural, namespaced: false, verbs: [], definition: '', listDefinition: '', subresources: [],
    }; // prettier-ignore
    const verb = VERBS[row.action];
    if (verb !== undefined && !known.verbs.includes(verb)) known.verbs.push(verb);
    resources.set(at.key, { ...known, namespaced: known.namespaced || at.namespaced });
  }
  for (const row of rows) {
    const at = read(row);
    const owner = at === undefined ? undefined : resources.get(at.key);
    if (at?.subresource === undefined || owner === undefined) continue;
    let sub = owner.subresources.find(({ name }) => name === at.subresource);
    if (sub === undefined) {
      const [group = '', version = ''] = row.groupVersion.includes('/')
        ? row.groupVersion.split('/')
        : ['', row.groupVersion];
      const kind: GroupVersionKindRef = { group, version, kind: row.kind };
      const connect =
        row.action === 'connect'
          ? { connect: at.subresource === 'proxy' ? ('any' as const) : ('stream' as const) }
          : {};
      sub = { name: at.subresource, kind, definition: '', verbs: [], ...connect };
      owner.subresources.push(sub);
    }
    const verb = VERBS[row.action];
    if (verb !== undefined) (sub.verbs as Verb[]).push(verb);
  }
  return [...resources.values()];
}

test('operations of resources are those of the official document', (context) => {
  const file = new URL('operations.tsv', facts);
  if (!existsSync(file)) return context.diagnostic('the official operations are not here: nothing compared');
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  const rows: Row[] = lines.map((line) => {
    const [path = '', method = '', action = '', groupVersion = '', kind = '', id = ''] = line.split('\t');
    return { path, method, action, groupVersion, kind, id };
  });
  const text = ({
    path,
    method,
    action,
    id,
    kind,
  }: {
    path: string;
    method: string;
    action?: string;
    id: string;
    kind?: { kind: string } | string;
  }): string =>
    [path, method.toLowerCase(), action, typeof kind === 'object' ? kind.kind : kind, id].join(' ');
  const ours = resourcesIn(rows)
    .flatMap((resource) => operationsOf(resource))
    .map(text);
  const official = rows.filter(({ action }) => action !== '').map(text);
  assert.deepEqual(
    official.filter((line) => !ours.includes(line)),
    [],
  );
  assert.deepEqual(
    ours.filter((line) => !official.includes(line)),
    [],
  );
  context.diagnostic(`${official.length} operations`);
});
