import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { validatingWebhookConfigurations } from './validating-webhook-configuration.ts';

const kind = judge(validatingWebhookConfigurations);
const RULE: JsonObject = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const HOOK: JsonObject = {
  name: 'a.acme.io',
  clientConfig: { url: 'https://acme.io/hook' },
  rules: [RULE],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const of = (...hooks: JsonObject[]): JsonObject => ({
  webhooks: hooks.map((hook) => ({ ...HOOK, ...hook })),
});
const rule = (fields: JsonObject): JsonObject => of({ rules: [{ ...RULE, ...fields }] });
const url = (text: string): JsonObject => of({ clientConfig: { url: text } });
const service = (fields: JsonObject): JsonObject =>
  of({ clientConfig: { service: { name: 's', namespace: 'n', ...fields } } });
const AT = 'webhooks[0]';
const FORM = '; desired format: https://host[/path]';

test('what is defaulted', () => {
  const [webhook] = kind.complete(service({})).webhooks ?? [];
  assert.deepEqual(
    [webhook?.failurePolicy, webhook?.matchPolicy, webhook?.timeoutSeconds, webhook?.namespaceSelector],
    ['Fail', 'Equivalent', 10, {}],
  );
  assert.deepEqual([webhook?.clientConfig.service?.port, webhook?.rules?.[0]?.scope], [443, '*']);
});

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [of({}), []],
  [service({ path: '/a/b/' }), []],
  [rule({ resources: ['*', 'pods/status'] }), []],
  [of({ name: '' }), [`${AT}.name: Required value`]],
  [
    of({ name: 'acme.io' }),
    [
      `${AT}.name: Invalid value: "acme.io": should be a domain with at least three segments separated by dots`,
    ],
  ],
  [of({}, {}), ['webhooks[1].name: Duplicate value: "a.acme.io"']],
  [
    { webhooks: [{ name: 'a.b.c', clientConfig: {}, admissionReviewVersions: [] }] },
    [
      `${AT}.sideEffects: Required value: must specify one of None, NoneOnDryRun`,
      `${AT}.clientConfig: Required value: exactly one of url or service is required`,
      `${AT}.admissionReviewVersions: Required value: must specify one of v1, v1beta1`,
    ],
  ],
  [
    of({ sideEffects: 'Some' }),
    [`${AT}.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"`],
  ],
  [
    of({ timeoutSeconds: 31 }),
    [`${AT}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`],
  ],
  [
    of({ admissionReviewVersions: ['v2', 'v2'] }),
    [
      `${AT}.admissionReviewVersions[1]: Invalid value: "v2": duplicate version`,
      `${AT}.admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1`,
    ],
  ],
  [
    url('http://u@/x?q=1#f'),
    [
      `${AT}.clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme${FORM}`,
      `${AT}.clientConfig.url: Invalid value: "": host must be provided${FORM}`,
      `${AT}.clientConfig.url: Invalid value: "u": user information is not permitted in the URL`,
      `${AT}.clientConfig.url: Invalid value: "f": fragments are not permitted in the URL`,
      `${AT}.clientConfig.url: Invalid value: "q=1": query parameters are not permitted in the URL`,
    ],
  ],
  [
    service({ name: '', namespace: '', port: 0 }),
    [
      `${AT}.clientConfig.service.name: Required value: service name is required`,
      `${AT}.clientConfig.service.namespace: Required value: service namespace is required`,
      `${AT}.clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive`,
    ],
  ],
  [
    service({ path: '/a//B' }),
    [
      `${AT}.clientConfig.service.path: Invalid value: "/a//B": segment[1] may not be empty`,
      `${AT}.clientConfig.service.path: Invalid value: "/a//B": segment[2]: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
  ],
  [service({ path: 'ab' }), [`${AT}.clientConfig.service.path: Invalid value: "ab": must start with a '/'`]],
  [
    rule({ operations: ['*', 'CREATE'], apiGroups: ['*', 'a'], apiVersions: ['', '*'], scope: 'Pod' }),
    [
      `${AT}.rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
      `${AT}.rules[0].apiGroups: Invalid value: ["*","a"]: if '*' is present, must not specify other API groups`,
      `${AT}.rules[0].apiVersions: Invalid value: ["","*"]: if '*' is present, must not specify other API versions`,
      `${AT}.rules[0].apiVersions[0]: Required value`,
      `${AT}.rules[0].scope: Unsupported value: "Pod": supported values: "*", "Cluster", "Namespaced"`,
    ],
  ],
  [
    rule({ operations: ['PATCH'], resources: [] }),
    [
      `${AT}.rules[0].operations[0]: Unsupported value: "PATCH": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"`,
      `${AT}.rules[0].resources: Required value`,
    ],
  ],
  [
    rule({ resources: ['pods/*', 'pods/log', '*/scale', 'x/scale', '*', 'nodes'] }),
    [
      `${AT}.rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
      `${AT}.rules[0].resources[3]: Invalid value: "x/scale": if '*/scale' is present, must not specify x/scale`,
      `${AT}.rules[0].resources: Invalid value: ["pods/*","pods/log","*/scale","x/scale","*","nodes"]: if '*' is present, must not specify other resources without subresources`,
    ],
  ],
  [
    of({
      matchConditions: [
        { name: 'a', expression: ' ' },
        { name: 'a', expression: 'true' },
      ],
    }),
    [
      `${AT}.matchConditions[0].expression: Required value`,
      `${AT}.matchConditions[1].name: Duplicate value: "a"`,
    ],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
  assert.equal(kind.cells(of({}, { name: 'b.acme.io' }))['Webhooks'], 2);
});
