/** Resources inside of custom objects: their metadata is kept and judged as that of any object. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import type { Draft } from '../api/meta/object.ts';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../api/types.gen.ts';
import {
  clusterWith,
  cronTabs,
  definitionOf,
  GROUP,
  refusal,
  type CustomObject,
} from './custom-kind.fixture.ts';

const EMBEDDED: JSONSchemaProps = {
  type: 'object',
  'x-kubernetes-embedded-resource': true,
  'x-kubernetes-preserve-unknown-fields': true,
};

function version(spec: { readonly [name: string]: JSONSchemaProps }): CustomResourceDefinitionVersion {
  return {
    name: 'v1',
    served: true,
    storage: true,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: { type: 'object', properties: spec },
          status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  };
}

const PLACE = { namespace: 'default', name: 'one' };

function draft(spec: CustomObject['spec']): Draft<CustomObject> {
  return { metadata: PLACE, spec };
}

test('metadata of embedded resources is kept in its own form, and judged', async () => {
  const cluster = await clusterWith(
    definitionOf([version({ template: EMBEDDED, list: { type: 'array', items: EMBEDDED } })]),
  );
  const { client } = cluster;
  const template = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', creationTimestamp: null, labels: {}, unknown: 1 },
    spec: { any: [1] },
  };
  const strict = client.create(cronTabs(), draft({ template }), { fieldValidation: 'Strict' });
  assert.match((await refusal(strict)).message, /unknown field "spec\.template\.metadata\.unknown"$/);
  const created = await client.create(cronTabs(), draft({ template }));
  assert.deepEqual(created.spec, { template: { ...template, metadata: { name: 'x' } } });

  const update = (metadata: unknown, more: object = {}): Promise<{ code: number; message: string }> =>
    refusal(
      client.update(cronTabs(), { ...created, spec: { template: { ...template, metadata, ...more } } }),
    );
  assert.deepEqual(await update({ name: 1 }), {
    code: 400,
    message:
      'CronTab in version "v1" cannot be handled as a CronTab: spec.template.metadata: Invalid value: {"name":1}: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string',
  });
  const prefix = 'CronTab.stable.example.com "one" is invalid: ';
  assert.deepEqual(await update({ name: 'a/b', namespace: 'A' }, { apiVersion: 'a/b/c', kind: 'p od' }), {
    code: 422,
    message: `${prefix}[${[
      'spec.template.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `spec.template.kind: Invalid value: "p od": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
      'spec.template.metadata.name: Invalid value: "a/b": may not contain \'/\'',
      "spec.template.metadata.namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ].join(', ')}]`,
  });
  const managed = await update({ managedFields: [{ operation: 'Guess', fieldsType: 'FieldsV2' }] });
  assert.equal(
    managed.message,
    `${prefix}[spec.template.metadata.managedFields[0].operation: Invalid value: "Guess": must be \`Apply\` or \`Update\`, spec.template.metadata.managedFields[0].fieldsType: Invalid value: "FieldsV2": must be \`FieldsV1\`]`,
  );
  const missing = await refusal(
    client.update(cronTabs(), { ...created, spec: { list: [{}, { kind: '' }] } }),
  );
  assert.equal(
    missing.message,
    `${prefix}[spec.list[0].apiVersion: Required value, spec.list[0].kind: Required value, spec.list[1].apiVersion: Required value, spec.list[1].kind: Invalid value: "": must not be empty]`,
  );
  await cluster.stop();
});

test('what was stored before its metadata was judged is read without the fields that do not fit', async () => {
  const name = `crontabs.${GROUP}`;
  const free: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const cluster = await clusterWith(definitionOf([version({ template: free })]));
  const { client } = cluster;
  const template = { apiVersion: 7, kind: 'Pod', metadata: { name: 'x', labels: 'none' } };
  await client.create(cronTabs(), draft({ template }));
  const current = await client.get(customResourceDefinitions, { name });
  const spec = { ...current.spec, versions: [version({ template: EMBEDDED })] };
  await client.update(customResourceDefinitions, { ...current, spec });
  await cluster.settle();
  const read = await client.get(cronTabs(), PLACE);
  assert.deepEqual(read.spec, { template: { kind: 'Pod', metadata: { name: 'x' } } });
  await cluster.stop();
});

test('a default inside of metadata has to make valid metadata', async () => {
  const cluster = await clusterWith();
  const metadata: JSONSchemaProps = {
    type: 'object',
    properties: { name: { type: 'string', default: 'a/b' } },
  };
  const template: JSONSchemaProps = { ...EMBEDDED, properties: { metadata } };
  const refused = await refusal(
    cluster.client.create(customResourceDefinitions, definitionOf([version({ template })])),
  );
  assert.match(
    refused.message,
    /\[template\]\.properties\[metadata\]\.properties\[name\]\.default: Invalid value: "a\/b": must result in valid metadata: metadata\.name: Invalid value: "a\/b": may not contain '\/'/,
  );
  await cluster.stop();
});
