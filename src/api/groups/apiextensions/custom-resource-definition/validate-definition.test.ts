import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../../field/field-error.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '../../../types.gen.ts';
import { customResourceDefinitions } from './custom-resource-definition.ts';
import { validateCreate, validateStatusUpdate, validateUpdate } from './validate-definition.ts';
import { definitionWarnings } from './warnings.ts';

const TEXT: JSONSchemaProps = { type: 'string' };

function schemaOf(spec: JSONSchemaProps): JSONSchemaProps {
  return { type: 'object', properties: { spec } };
}

function versionOf(
  schema: JSONSchemaProps,
  more: Partial<CustomResourceDefinitionVersion> = {},
): CustomResourceDefinitionVersion {
  return { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more };
}

function definition(
  version: CustomResourceDefinitionVersion,
  spec: Partial<CustomResourceDefinitionSpec> = {},
): CustomResourceDefinition {
  const { group = 'example.com' } = spec;
  const made = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `tabs.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'tabs', kind: 'Tab' },
      versions: [version],
      ...spec,
    },
    status: { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] },
  } satisfies CustomResourceDefinition;
  return customResourceDefinitions.defaults?.(made) ?? made;
}

function problems(
  version: CustomResourceDefinitionVersion,
  spec?: Partial<CustomResourceDefinitionSpec>,
): string[] {
  return validateCreate(definition(version, spec)).map(fieldErrorText);
}

const AT = 'spec.validation.openAPIV3Schema';
const LIST: JSONSchemaProps = { type: 'array', items: TEXT };
const KEYED: JSONSchemaProps = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: { type: 'object', required: ['k'], properties: { k: TEXT, v: TEXT } },
};

type SchemaCase = readonly [string, JSONSchemaProps, readonly string[]];
const SCHEMAS: readonly SchemaCase[] = [
  ['nothing wrong', schemaOf({ ...KEYED }), []],
  ['no type at the root', {}, [`${AT}.type: Required value: must not be empty at the root`]],
  ['no type in a field', schemaOf({}), [`${AT}.properties[spec].type: Required value: must not be empty for specified object fields`]],
  ['no type in an item', schemaOf({ type: 'array', items: {} }), [`${AT}.properties[spec].items.type: Required value: must not be empty for specified array items`]],
  ['a list without items', schemaOf({ type: 'array' }), [`${AT}.properties[spec].items: Required value: must be specified`]],
  ['an unknown type', schemaOf({ type: 'text' }), [`${AT}.properties[spec].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`]],
  ['a pattern that is none', schemaOf({ ...TEXT, pattern: '(' }), [`${AT}.properties[spec].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``]],
  ['a type in an alternative', schemaOf({ ...TEXT, anyOf: [{ type: 'string' }] }), [`${AT}.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural`]],
  ...(['allOf', 'anyOf', 'oneOf'] as const).map((name): SchemaCase =>
    [`rules in ${name}`, schemaOf({ ...TEXT, [name]: [{ 'x-kubernetes-validations': [{ rule: 'true' }] }] }), [`${AT}.properties[spec].${name}[0].x-kubernetes-validations: Forbidden: must be empty to be structural`]]),
  ['rules below not', schemaOf({ type: 'object', properties: { a: TEXT }, not: { properties: { a: { 'x-kubernetes-validations': [{ rule: 'true' }] } } } }), [`${AT}.properties[spec].not.properties[a].x-kubernetes-validations: Forbidden: must be empty to be structural`]],
  ['the one pattern where types may stand there', schemaOf({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }), []],
  ['a field that only an alternative knows', { ...schemaOf(TEXT), not: { properties: { a: {} } } }, [`${AT}.properties[a]: Required value: because it is defined in ${AT}.not.properties[a]`]],
  ['restrictions of metadata', { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } }, [`${AT}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`]],
  ['unique items', schemaOf({ ...LIST, uniqueItems: true }), [`${AT}.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`]],
  ['map and object at once', schemaOf({ type: 'object', properties: { a: TEXT }, additionalProperties: TEXT }), [`${AT}.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`]],
  ['references', schemaOf({ ...TEXT, $ref: '#/x' }), [`${AT}.properties[spec].$ref: Forbidden: $ref is not supported`]],
  ['nullable at the root', { ...schemaOf(TEXT), nullable: true }, [`${AT}.nullable: Forbidden: nullable cannot be true at the root`]],
  ['a set of granular items', schemaOf({ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } }), [`${AT}.properties[spec].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`]],
  ['keys that may be missing', schemaOf({ ...KEYED, items: { type: 'object', properties: { k: TEXT } } }), [`${AT}.properties[spec].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`]],
  ['a default with unknown fields', schemaOf({ type: 'object', properties: { a: TEXT }, default: { b: 1 } }), [`${AT}.properties[spec].default: Invalid value: {"b":1}: must not have unknown fields`]],
  ['a default of the wrong type', schemaOf({ ...TEXT, default: 1 }), [`${AT}.properties[spec].default: Invalid value: "integer": ${AT}.properties[spec].default in body must be of type string: "integer"`]],
]; // prettier-ignore

for (const [name, schema, expected] of SCHEMAS) {
  test(`schemas of definitions: ${name}`, () => assert.deepEqual(problems(versionOf(schema)), expected));
}

test('rules of definitions: they compile, are bool, cost no more than allowed, see oldSelf where it is known', () => {
  const check = (schema: JSONSchemaProps, rule: object, pattern: RegExp | undefined): void => {
    const rules = [rule] as unknown as NonNullable<JSONSchemaProps['x-kubernetes-validations']>;
    const found = problems(versionOf(schemaOf({ ...schema, 'x-kubernetes-validations': rules })));
    if (pattern === undefined) assert.deepEqual(found, []);
    else assert.match(found.join('\n'), pattern);
  };
  const object: JSONSchemaProps = { type: 'object', properties: { a: { type: 'integer' }, b: LIST } };
  check(object, { rule: 'self.a > 1' }, undefined);
  check(object, { rule: 'self.c > 1' }, /rule: Invalid value: .*: compilation failed: ERROR: <input>:1:5: undefined field 'c'/);
  check(object, { rule: 'self.a' }, /cel expression must evaluate to a bool/);
  check(object, { rule: ' ' }, /rule: Required value: rule is not specified/);
  check(object, { rule: 'true\n&& true' }, /message: Required value: message must be specified if rule contains/);
  check(object, { rule: 'self.a > 1', messageExpression: 'self.a' }, /messageExpression must evaluate to a string/);
  check(object, { rule: 'self.a > 1', fieldPath: '.c' }, /fieldPath: Invalid value: ".c": must be a valid path/);
  check(object, { rule: 'self.a > 1', reason: 'Bad' }, /reason: Unsupported value: "Bad"/);
  check(object, { rule: 'self.a > 1', optionalOldSelf: true }, /may not be set if oldSelf is not used in rule/);
  check(object, { rule: 'oldSelf.hasValue()', optionalOldSelf: true }, undefined);
  check(object, { rule: 'self.b.all(x, self.b.exists(y, x == y))' }, /estimated rule cost exceeds budget by factor of more than 100x/);
  const inItems = (rule: string, more: JSONSchemaProps = {}): string[] =>
    problems(versionOf(schemaOf({ ...LIST, ...more, items: { ...TEXT, maxLength: 10, 'x-kubernetes-validations': [{ rule }] } })));
  assert.deepEqual(inItems("self == oldSelf", { maxItems: 5 }), [
    `${AT}.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${AT}.properties[spec]`,
  ]);
  assert.deepEqual(inItems("self.contains('x')", { maxItems: 5 }), []);
}); // prettier-ignore

test('defaults are judged by the rules as well', () => {
  const rules = [{ rule: 'self > 5', message: 'too small' }];
  const schema = schemaOf({ type: 'integer', default: 1, 'x-kubernetes-validations': rules });
  assert.deepEqual(problems(versionOf(schema)), [
    `${AT}.properties[spec].default: Invalid value: 1: too small`,
  ]);
});

test('what a version brings', () => {
  const schema = schemaOf({ type: 'object', properties: { a: TEXT, l: LIST } });
  const check = (more: Partial<CustomResourceDefinitionVersion>, ...expected: string[]): void =>
    assert.deepEqual(problems(versionOf(schema, more)), expected);
  check({ deprecationWarning: 'x' }, 'spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions');
  check({ subresources: { scale: { specReplicasPath: '.status.x', statusReplicasPath: 'x' } } },
    'spec.subresources.scale.specReplicasPath: Invalid value: ".status.x": should be a json path under .spec',
    'spec.subresources.scale.statusReplicasPath: Invalid value: "x": must be a simple json path starting with .');
  check({ additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '' }] },
    'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    'spec.additionalPrinterColumns[0].JSONPath: Required value');
  check({ selectableFields: [{ jsonPath: '.spec.a' }, { jsonPath: '.spec.a' }, { jsonPath: '.spec.l' }, { jsonPath: '.spec.x' }] },
    'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.a"',
    'spec.selectableFields[2].jsonPath: Invalid value: ".spec.l": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    'spec.selectableFields[3].jsonPath: Invalid value: ".spec.x": is an invalid path: does not refer to a valid field');
}); // prettier-ignore

test('names, approval, conversion, preserveUnknownFields', () => {
  const version = versionOf(schemaOf(TEXT));
  const check = (spec: Partial<CustomResourceDefinitionSpec>, pattern: RegExp): void =>
    assert.match(problems(version, spec).join('\n'), pattern);
  check(
    { group: 'x.k8s.io' },
    /^metadata.annotations\[api-approved.kubernetes.io\]: Required value: protected groups/,
  );
  check(
    { names: { plural: 'tabs', kind: 'T b' } },
    /kind: Invalid value: "T b": may have mixed case, but should/,
  );
  check(
    { preserveUnknownFields: true },
    /spec.preserveUnknownFields: Invalid value: true: cannot set to true/,
  );
  check(
    { conversion: { strategy: 'Webhook' } },
    /webhookClientConfig: Required value: required when strategy/,
  );
  const webhook = (url: string): Partial<CustomResourceDefinitionSpec> => ({
    conversion: { strategy: 'Webhook', webhook: { clientConfig: { url }, conversionReviewVersions: ['v2'] } },
  });
  check(webhook('http://a.b/c?d#e'), /"http": 'https' is the only allowed URL scheme; desired format/);
  check(
    webhook('https://a.b'),
    /^spec.conversion.conversionReviewVersions: Invalid value: \["v2"\]: must include/,
  );
});

test('updates keep what cannot change, and stored versions; old faults are tolerated', () => {
  const old = definition(versionOf(schemaOf(TEXT)));
  const conditions = [{ type: 'Established', status: 'True' }];
  const established = { ...old, status: { ...old.status, conditions } };
  const texts = (next: CustomResourceDefinition): string[] =>
    validateUpdate(next, established).map(fieldErrorText);
  assert.deepEqual(texts({ ...established, spec: { ...old.spec, scope: 'Cluster' } }), [
    'spec.scope: Invalid value: "Cluster": field is immutable',
  ]);
  assert.deepEqual(texts({ ...established, spec: { ...old.spec, versions: [versionOf(schemaOf(TEXT), { name: 'v2' })] } }), [
    'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ]);
  const bad = definition(versionOf(schemaOf({ ...KEYED, items: { type: 'object', properties: { k: TEXT } } })));
  assert.equal(validateCreate(bad).length, 1);
  assert.deepEqual(validateUpdate(bad, bad), []);
  const status = { ...old.status, acceptedNames: { plural: 'A', kind: 'a' } };
  assert.equal(validateStatusUpdate({ ...old, status }).length, 1);
}); // prettier-ignore

test('formats that nobody knows are warned of, once', () => {
  const made = definition(versionOf(schemaOf({ ...TEXT, format: 'colour' })));
  assert.deepEqual(definitionWarnings(made, undefined), ['unrecognized format "colour"']);
  assert.deepEqual(definitionWarnings(made, made), []);
  assert.deepEqual(definitionWarnings(definition(versionOf(schemaOf({ ...TEXT, format: 'date-time' }))), undefined), []);
}); // prettier-ignore
