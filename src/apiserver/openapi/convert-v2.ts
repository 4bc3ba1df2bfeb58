/**
 * A version 2 document as one of version 3, for servers that have no version 3 of their own. As upstream
 * (kube-openapi/pkg/openapiconv): what version 2 cannot say is not there, and what is not about schemas,
 * paths and responses is left out. Pure.
 */

import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { isList, isObject } from '../../api/structural/structural.ts';

type Writable = { [name: string]: JsonValue };

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;
/** Members of a schema that are schemas, lists of them, or schemas by name. */
const INNER = ['items', 'additionalProperties', 'additionalItems', 'not', 'allOf', 'anyOf', 'oneOf'] as const;
const INNER_BY_NAME = ['properties', 'patternProperties', 'definitions'] as const;
/** What a parameter in a query or header says of its value itself in version 2. */
const SIMPLE = ['type', 'format', 'uniqueItems'] as const;
const NEW_PLACES: readonly (readonly [string, string])[] = [
  ['#/definitions/', '#/components/schemas/'],
  ['#/parameters/', '#/components/parameters/'],
  ['#/responses/', '#/components/responses/'],
];

export function convertV2(document: JsonObject): JsonObject {
  const produces = document['produces'];
  return present({
    openapi: '3.0.0',
    info: document['info'],
    externalDocs: document['externalDocs'],
    paths: mapped(document['paths'] ?? {}, convertPath),
    components: present({
      schemas: mapped(document['definitions'], convertSchema),
      parameters: mapped(document['parameters'], convertParameter),
      responses: mapped(document['responses'], (response) => convertResponse(response, produces)),
      securitySchemes: mapped(document['securityDefinitions'], convertSecurity),
    }),
  });
}

function convertPath(path: JsonObject): JsonObject {
  const converted: Writable = { ...only(path, ['$ref']), ...extensions(path) } as Writable;
  for (const method of METHODS) {
    const operation = path[method];
    if (isObject(operation)) converted[method] = convertOperation(operation);
  }
  const parameters = objectsOf(path['parameters']).map(convertParameter);
  return parameters.length === 0 ? converted : { ...converted, parameters };
}

function convertOperation(operation: JsonObject): JsonObject {
  const all = objectsOf(operation['parameters']);
  const body = all.find(isBody);
  const parameters = all.filter((parameter) => !isBody(parameter)).map(convertParameter);
  const { produces, consumes, responses } = operation;
  const kept = ['tags', 'summary', 'description', 'externalDocs', 'operationId', 'deprecated'];
  return present({
    ...only(operation, kept),
    parameters: parameters.length === 0 ? undefined : parameters,
    requestBody: body === undefined ? undefined : present({ content: contentOf(body['schema'], consumes) }),
    responses: mapped(responses ?? {}, (response) => convertResponse(response, produces)),
    ...extensions(operation),
  });
}

function isBody({ name, schema }: JsonObject): boolean {
  return name === 'body' && schema !== undefined;
}

function convertResponse(response: JsonObject, produces: JsonValue | undefined): JsonObject {
  const { schema, description = '' } = response;
  const reference = referenceOf(response);
  if (reference !== undefined) return { $ref: reference };
  const content = schema === undefined ? undefined : contentOf(schema, produces);
  return present({ description, content, ...extensions(response) });
}

/** The same schema for every media type. */
function contentOf(schema: JsonValue | undefined, types: JsonValue | undefined): JsonObject | undefined {
  if (types === undefined || !isList(types) || !isObject(schema)) return undefined;
  const converted = convertSchema(schema);
  return Object.fromEntries(types.map((type) => [String(type), { schema: converted }]));
}

function convertParameter(parameter: JsonObject): JsonObject {
  const reference = referenceOf(parameter);
  if (reference !== undefined) return { $ref: reference };
  const { schema } = parameter;
  return {
    ...only(parameter, ['name', 'in', 'description', 'required', 'allowEmptyValue']),
    schema: isObject(schema) ? convertSchema(schema) : only(parameter, SIMPLE),
    ...extensions(parameter),
  };
}

/** A reference stands alone in version 3: what is said beside it moves around it. */
function convertSchema(schema: JsonObject): JsonObject {
  const converted: Writable = { ...schema } as Writable;
  for (const name of INNER) {
    const inner = schema[name];
    if (isObject(inner)) converted[name] = convertSchema(inner);
    else if (inner !== undefined && isList(inner)) {
      converted[name] = inner.map((one) => (isObject(one) ? convertSchema(one) : one));
    }
  }
  for (const name of INNER_BY_NAME) {
    const inner = mapped(schema[name], convertSchema);
    if (inner !== undefined) converted[name] = inner;
  }
  const reference = referenceOf(schema);
  if (reference === undefined) return converted;
  const { $ref: _old, ...beside } = converted;
  return Object.keys(beside).length === 0 ? { $ref: reference } : { ...beside, allOf: [{ $ref: reference }] };
}

function convertSecurity(scheme: JsonObject): JsonObject {
  const { flow, authorizationUrl, tokenUrl, scopes } = scheme;
  const flows =
    typeof flow === 'string' ? { [flow]: present({ authorizationUrl, tokenUrl, scopes }) } : undefined;
  return present({ ...only(scheme, ['type', 'description', 'name', 'in']), flows, ...extensions(scheme) });
}

function referenceOf({ $ref }: JsonObject): string | undefined {
  if (typeof $ref !== 'string') return undefined;
  const [from, to] = NEW_PLACES.find(([place]) => $ref.includes(place)) ?? [];
  if (from === undefined || to === undefined) return $ref;
  return to + $ref.slice($ref.indexOf(from) + from.length);
}

function mapped(
  all: JsonValue | undefined,
  convert: (one: JsonObject) => JsonObject,
): JsonObject | undefined {
  if (!isObject(all)) return undefined;
  const entries = Object.entries(all).map(([name, one = null]): [string, JsonValue] => [
    name,
    isObject(one) && !name.startsWith('x-') ? convert(one) : one,
  ]);
  return Object.fromEntries(entries);
}

function objectsOf(list: JsonValue | undefined): readonly JsonObject[] {
  return list !== undefined && isList(list) ? list.filter(isObject) : [];
}

function extensions(of: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(of).filter(([name]) => name.startsWith('x-')));
}

function only(of: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (of[name] === undefined ? [] : [[name, of[name]]])));
}

function present(object: { readonly [name: string]: JsonValue | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
