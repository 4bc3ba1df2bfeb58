/**
 * OpenAPI documents: version 2 for the whole API, version 3 for each group-version.
 *
 * Input: the schemas, the operations (`operationsOf` gives those of a resource), further definitions (of
 * custom resources), descriptions when there are any. Output: plain JSON values, so that a caller can
 * encode and cache them. A version 3 document holds the definitions that its operations lead to, and no
 * others.
 */

import {
  definitionOf,
  messagesByName,
  reachableFrom,
  reference,
  scalarDefinitions,
  type DefinitionContext,
  type Descriptions,
} from './openapi-definitions.ts';
import type { OperationSpec } from './openapi-operations.ts';
import { parameterNames, queryParameterShape, type ParameterShape } from './openapi-parameters.ts';
import type { GroupVersionSchema, JsonObject, JsonValue } from './schema.ts';

export interface OpenApiInput {
  readonly schemas: ReadonlyMap<string, GroupVersionSchema>;
  readonly operations: readonly OperationSpec[];
  readonly descriptions: Descriptions;
  /** Shown as the document's version: `v1.36.0`. */
  readonly serverVersion: string;
  /** Definitions beside those of the schemas, written for the version of the document. */
  readonly extraDefinitions?: JsonObject;
  readonly groupVersions: DefinitionContext['groupVersions'];
}

type Writable = { [key: string]: JsonValue };

const SECURITY: JsonObject = {
  description: 'Bearer Token authentication',
  in: 'header',
  name: 'authorization',
  type: 'apiKey',
};
const ENCODINGS = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
];
const WATCH_ENCODINGS = [
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
  'application/cbor-seq',
];
const STRATEGIC = 'application/strategic-merge-patch+json';
const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  STRATEGIC,
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
];

export function openApiV2(input: OpenApiInput): JsonObject {
  return JSON.parse(openApiV2Text(input.serverVersion, [openApiV2Part(input)])) as JsonObject;
}

/** A part of a version 2 document as text: members of `paths` and `definitions`, without their braces. */
export interface OpenApiV2Part {
  readonly paths: string;
  readonly definitions: string;
}

/** What all schemas and these operations give. */
export function openApiV2Part(input: OpenApiInput): OpenApiV2Part {
  const context: DefinitionContext = { ...input, version: 2 };
  const definitions: Writable = { ...(scalarDefinitions(context) as Writable) };
  const roots = [...definitionRoots(input.operations), ...kindNames(input.schemas)];
  addDefinitions(definitions, roots, input, context);
  return partOf(pathsOf(input.operations, writeV2), sortedByKey(definitions));
}

/** What operations on kinds without a schema of ours give: they refer to definitions of the part above. */
export function customOpenApiV2Part(
  operations: readonly OperationSpec[],
  definitions: JsonObject,
): OpenApiV2Part {
  return partOf(pathsOf(operations, writeV2), definitions);
}

function partOf(paths: JsonObject, definitions: JsonObject): OpenApiV2Part {
  const members = (object: JsonObject): string => JSON.stringify(object).slice(1, -1);
  return { paths: members(paths), definitions: members(definitions) };
}

/** A whole version 2 document. Its parts are kept by those who ask, since few change at a time. */
export function openApiV2Text(serverVersion: string, parts: readonly OpenApiV2Part[]): string {
  const joined = (name: keyof OpenApiV2Part): string =>
    parts
      .map((part) => part[name])
      .filter((text) => text !== '')
      .join(',');
  const info = JSON.stringify({ title: 'Kubernetes', version: serverVersion });
  const security = `"securityDefinitions":${JSON.stringify({ BearerToken: SECURITY })},"security":[{"BearerToken":[]}]`;
  return `{"swagger":"2.0","info":${info},"paths":{${joined('paths')}},"definitions":{${joined('definitions')}},${security}}`;
}

export function openApiV3(input: OpenApiInput): JsonObject {
  const context: DefinitionContext = { ...input, version: 3 };
  const roots = [...definitionRoots(input.operations), ...namesReferredTo(input.extraDefinitions ?? {})];
  const reachable = reachableFrom(roots, input.schemas);
  const definitions: Writable = {};
  for (const [name, shape] of Object.entries(scalarDefinitions(context))) {
    if (shape !== undefined && reachable.has(name)) definitions[name] = shape;
  }
  addDefinitions(definitions, roots, input, context);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: input.serverVersion },
    paths: pathsOf(input.operations, writeV3),
    components: {
      schemas: sortedByKey(definitions),
      securitySchemes: { BearerToken: SECURITY },
    },
  };
}

/** The definitions that further definitions refer to. */
function namesReferredTo(value: JsonValue): string[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(namesReferredTo);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as JsonObject).flatMap(([key, below]) =>
    key === '$ref' && typeof below === 'string'
      ? [below.slice(below.lastIndexOf('/') + 1)]
      : namesReferredTo(below ?? null),
  );
}

/** Every kind is described, served or not, as in the official document. */
function kindNames(schemas: OpenApiInput['schemas']): string[] {
  return [...messagesByName(schemas).values()]
    .filter((message) => message.isKind)
    .map((message) => message.name);
}

function definitionRoots(operations: readonly OperationSpec[]): string[] {
  const names = operations.flatMap(({ body, answer }) => (body === undefined ? [answer] : [body, answer]));
  return [...new Set(names)].filter((name) => name !== 'string');
}

function addDefinitions(
  definitions: Writable,
  roots: readonly string[],
  input: OpenApiInput,
  context: DefinitionContext,
): void {
  const messages = messagesByName(input.schemas);
  for (const name of reachableFrom(roots, input.schemas)) {
    const message = messages.get(name);
    if (message !== undefined) definitions[name] = definitionOf(message, context);
  }
  for (const [name, shape] of Object.entries(input.extraDefinitions ?? {})) {
    if (shape !== undefined) definitions[name] = shape;
  }
}

function sortedByKey(object: Writable): JsonObject {
  const keys = Object.keys(object).toSorted();
  return Object.fromEntries(keys.map((key) => [key, object[key]]));
}

interface Writer {
  operation(spec: OperationSpec): JsonObject;
  parameter(shape: ParameterShape): JsonObject;
}

/** Parameters of the path stand with the path, those of the query with the operation. */
function pathsOf(operations: readonly OperationSpec[], writer: Writer): JsonObject {
  const paths = new Map<string, Writable>();
  for (const operation of operations) {
    let item = paths.get(operation.path);
    if (item === undefined) {
      const inPath = parameterNames(operation.path).map((name) =>
        writer.parameter(pathParameter(name, operation)),
      );
      item = inPath.length === 0 ? {} : { parameters: inPath };
      paths.set(operation.path, item);
    }
    item[operation.method] = writer.operation(operation);
  }
  return sortedByKey(Object.fromEntries(paths));
}

function pathParameter(name: string, operation: OperationSpec): ParameterShape {
  const what = operation.kind?.kind ?? 'object';
  const description =
    name === 'namespace'
      ? 'object name and auth scope, such as for teams and projects'
      : `${name} of the ${what}`;
  return { name, in: 'path', type: 'string', description };
}

function queryOf({ query, action }: OperationSpec): ParameterShape[] {
  // What is passed through is not indented by us.
  return [...query, ...(action === 'connect' ? [] : ['pretty'])].map(queryParameterShape);
}

function extensionsOf({ action, kind }: OperationSpec): JsonObject {
  return {
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(kind === undefined
      ? {}
      : { 'x-kubernetes-group-version-kind': { group: kind.group, version: kind.version, kind: kind.kind } }),
  };
}

function codesOf({ method, action }: OperationSpec): readonly (readonly [string, string])[] {
  const ok = ['200', 'OK'] as const;
  const created = ['201', 'Created'] as const;
  const accepted = ['202', 'Accepted'] as const;
  if (action === 'post') return [ok, created, accepted];
  if (action === 'put' || action === 'patch') return [ok, created];
  return method === 'delete' && action === 'delete' ? [ok, accepted] : [ok];
}

/** `kubectl apply` looks here for what it may send. */
function patchesOf({ isCustom }: OperationSpec): string[] {
  return isCustom === true ? PATCHES.filter((type) => type !== STRATEGIC) : PATCHES;
}

function producedBy({ action, answer, isCustom }: OperationSpec): string[] {
  if (isCustom === true) return ['application/json', 'application/yaml'];
  if (action === 'connect') return ['*/*'];
  if (answer === 'string') return ['text/plain', ...ENCODINGS];
  return action === 'list' || action?.startsWith('watch') === true
    ? [...ENCODINGS, ...WATCH_ENCODINGS]
    : ENCODINGS;
}

const writeV2: Writer = {
  parameter: ({ name, in: place, type, description }) => ({
    name,
    in: place,
    description,
    type,
    uniqueItems: true,
    ...(place === 'path' ? { required: true } : {}),
  }),
  operation: (spec) => {
    const schema = spec.answer === 'string' ? { type: 'string' } : reference(2, spec.answer);
    const isOptional = spec.method === 'delete';
    const body =
      spec.body === undefined
        ? []
        : [
            {
              name: 'body',
              in: 'body',
              ...(isOptional ? {} : { required: true }),
              schema: reference(2, spec.body),
            },
          ];
    return {
      description: spec.description,
      consumes: spec.method === 'patch' && spec.body !== undefined ? patchesOf(spec) : ['*/*'],
      produces: producedBy(spec),
      schemes: ['https'],
      tags: [spec.tag],
      operationId: spec.id,
      parameters: [...body, ...queryOf(spec).map((shape) => writeV2.parameter(shape))],
      responses: {
        ...Object.fromEntries(codesOf(spec).map(([code, description]) => [code, { description, schema }])),
        401: { description: 'Unauthorized' },
      },
      ...extensionsOf(spec),
    };
  },
};

const writeV3: Writer = {
  parameter: ({ name, in: place, type, description }) => ({
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  }),
  operation: (spec) => {
    const schema = spec.answer === 'string' ? { type: 'string' } : reference(3, spec.answer);
    const content = Object.fromEntries(producedBy(spec).map((type) => [type, { schema }]));
    const { body } = spec;
    const taken = spec.method === 'patch' ? patchesOf(spec) : ['*/*'];
    const requestBody =
      body === undefined
        ? {}
        : {
            requestBody: {
              content: Object.fromEntries(taken.map((type) => [type, { schema: reference(3, body) }])),
            },
          };
    return {
      tags: [spec.tag],
      description: spec.description,
      operationId: spec.id,
      parameters: queryOf(spec).map((shape) => writeV3.parameter(shape)),
      ...requestBody,
      responses: {
        ...Object.fromEntries(codesOf(spec).map(([code, description]) => [code, { description, content }])),
        401: { description: 'Unauthorized' },
      },
      ...extensionsOf(spec),
    };
  },
};
