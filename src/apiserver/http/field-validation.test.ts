/**
 * Strict, Warn and Ignore word for word, for creations, updates and the four patches; and what is said of
 * bodies that cannot be read.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../api/schema/schema.ts';
import { createTestFront } from './front.fixture.ts';

const { ask } = createTestFront();
const URL = '/apis/apps/v1/namespaces/default/deployments';
const HEAD = 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ';

const JSON_BODY = `{
  "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"app": "nginx"}},
  "spec": {
    "unknown1": "val1", "unknownDupe": "valDupe", "unknownDupe": "valDupe2", "paused": true, "paused": false,
    "selector": {"matchLabels": {"app": "nginx"}},
    "template": {
      "metadata": {"labels": {"app": "nginx"}},
      "spec": {"containers": [{
        "name": "nginx", "image": "nginx:latest", "unknownNested": "val1",
        "imagePullPolicy": "Always", "imagePullPolicy": "Never"
      }]}
    }
  }
}`;
const JSON_ERRORS = [
  'unknown field "spec.unknown1"',
  'unknown field "spec.unknownDupe"',
  'duplicate field "spec.paused"',
  'unknown field "spec.template.spec.containers[0].unknownNested"',
  'duplicate field "spec.template.spec.containers[0].imagePullPolicy"',
];

const YAML_BODY = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: nginx
spec:
  unknown1: val1
  unknownDupe: valDupe
  unknownDupe: valDupe2
  paused: true
  paused: false
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:latest
        unknownNested: val1
        imagePullPolicy: Always
        imagePullPolicy: Never`;
const YAML_LINES = [
  'line 10: key "unknownDupe" already set in map',
  'line 12: key "paused" already set in map',
  'line 26: key "imagePullPolicy" already set in map',
];
const YAML_UNKNOWN = JSON_ERRORS.filter((text) => text.startsWith('unknown'));

interface Said {
  readonly status: number;
  readonly message: string;
  readonly reason: unknown;
  readonly warnings: readonly string[];
}

async function send(method: string, url: string, type: string, body: string): Promise<Said> {
  const answer = await ask(url, { method, body, headers: { 'content-type': type } });
  const json = JSON.parse(answer.body.toString()) as JsonObject;
  const header = answer.headers['warning'] ?? [];
  const all = Array.isArray(header) ? header : [String(header)];
  const warnings = all.map((text) => text.replace(/^299 - "(.*)"$/s, '$1').replaceAll(String.raw`\"`, '"'));
  const { message = '', reason } = json;
  return { status: answer.status, message: String(message), reason, warnings };
}

const YAML = 'application/yaml';
const JSON_TYPE = 'application/json';

test('creations and updates', async () => {
  const ofYaml = `yaml: unmarshal errors:\n  ${YAML_LINES.join('\n  ')}`;
  const bodies = [
    [JSON_TYPE, JSON_BODY, JSON_ERRORS, JSON_ERRORS],
    [YAML, YAML_BODY, [ofYaml, ...YAML_UNKNOWN], [...YAML_LINES, ...YAML_UNKNOWN]],
  ] as const;
  for (const [type, body, errors, warnings] of bodies) {
    for (const [method, url, status] of [['POST', URL, 201], ['PUT', `${URL}/web`, 200]] as const) {
      const strict = await send(method, `${url}?fieldValidation=Strict`, type, body);
      assert.equal(strict.message, HEAD + errors.join(', '));
      assert.deepEqual([strict.status, strict.reason, strict.warnings], [400, 'BadRequest', []]);
      const isFirst = method === 'POST';
      for (const query of ['?fieldValidation=Warn', '']) {
        const warned = await send(method, url + query + (isFirst ? `${query === '' ? '?' : '&'}dryRun=All` : ''), type, body);
        assert.deepEqual(warned.warnings, warnings);
        assert.equal(warned.status, status);
      }
      const ignored = await send(method, `${url}?fieldValidation=Ignore`, type, body);
      assert.deepEqual(ignored.warnings, []);
      assert.equal(ignored.status, status);
    }
    if (type === JSON_TYPE) await send('DELETE', `${URL}/web`, JSON_TYPE, '');
  }
}); // prettier-ignore

interface PatchCase {
  readonly type: string;
  readonly body: string;
  readonly errors: readonly string[];
  /** What is shown of the patch or its result begins so. */
  readonly shown: string;
}

const SPEC =
  '"spec": {"unknown1": "val1", "unknownDupe": "a", "unknownDupe": "b", "paused": true, "paused": false}';
const PATCHES: readonly PatchCase[] = [
  {
    type: 'merge-patch+json',
    body: `{${SPEC}}`,
    errors: [
      'duplicate field "spec.unknownDupe"',
      'duplicate field "spec.paused"',
      'unknown field "spec.unknown1"',
      'unknown field "spec.unknownDupe"',
    ],
    shown: String.raw`"{\"`,
  },
  {
    type: 'strategic-merge-patch+json',
    body: `{${SPEC}}`,
    errors: [
      'duplicate field "spec.unknownDupe"',
      'duplicate field "spec.paused"',
      'unknown field "spec.unknown1"',
      'unknown field "spec.unknownDupe"',
    ],
    shown: '"map[spec:map[paused:false unknown1:val1 unknownDupe:b]]"',
  },
  {
    type: 'json-patch+json',
    body: `[
      {"op": "add", "path": "/spec/unknown1", "value": "val1", "foo": "bar"},
      {"op": "add", "path": "/spec/paused", "path": "/spec/paused", "value": true},
      {"op": "test", "path": "/spec/none", "value": {"a": null, "a": null}},
      {"op": "add", "path": "/spec/paused", "value": false, "other": {"b": 1, "b": 2}}
    ]`.replace('/spec/none', '/spec/paused').replace('{"a": null, "a": null}', 'true'),
    errors: [
      'json patch unknown field "[0].foo"',
      'json patch duplicate field "[1].path"',
      'json patch unknown field "[3].other"',
      'unknown field "spec.unknown1"',
    ],
    shown: String.raw`"{\"`,
  },
]; // prettier-ignore

test('JSON patches, merge patches, strategic merge patches', async () => {
  for (const { type, body, errors, shown } of PATCHES) {
    const patch = (query: string): Promise<Said> =>
      send('PATCH', `${URL}/web${query}`, `application/${type}`, body);
    const strict = await patch('?fieldValidation=Strict');
    assert.deepEqual([strict.status, strict.reason], [422, 'Invalid'], type);
    const head = ` "" is invalid: patch: Invalid value: ${shown}`;
    assert.equal(strict.message.slice(0, head.length), head);
    const tail = `: strict decoding error: ${errors.join(', ')}`;
    assert.equal(strict.message.slice(-tail.length), tail, type);
    for (const query of ['?fieldValidation=Warn', '']) {
      const warned = await patch(query);
      assert.deepEqual(warned.warnings, errors, type);
      assert.equal(warned.status, 200, type);
    }
    assert.deepEqual((await patch('?fieldValidation=Ignore')).warnings, []);
  }
});

test('apply: repeated keys, in JSON as in YAML', async () => {
  const json = '{"apiVersion": "apps/v1", "kind": "Deployment",\n"spec": {"paused": false,\n"paused": false}}';
  const yaml = 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  paused: true\n  paused: false\n';
  for (const [body, line] of [[json, 3], [yaml, 5]] as const) {
    const apply = (query: string): Promise<Said> =>
      send('PATCH', `${URL}/web?fieldManager=m&force=true${query}`, 'application/apply-patch+yaml', body);
    const said = `line ${line}: key "paused" already set in map`;
    const strict = await apply('&fieldValidation=Strict');
    const why = `error converting YAML to JSON: yaml: unmarshal errors:\n  ${said}`;
    assert.deepEqual([strict.status, strict.message], [400, `error strict decoding YAML: ${why}`]);
    for (const query of ['', '&fieldValidation=Warn']) {
      const warned = await apply(query);
      assert.deepEqual([warned.status, warned.warnings], [200, [said]]);
    }
    assert.deepEqual((await apply('&fieldValidation=Ignore')).warnings, []);
  }
}); // prettier-ignore

const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

test('apply: what the schema does not know, whatever is to be checked', async () => {
  const body = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {foo: 1}';
  for (const mode of ['Strict', 'Warn', 'Ignore']) {
    for (const name of ['web', 'new']) {
      const url = `${URL}/${name}?fieldManager=m&fieldValidation=${mode}`;
      const said = await send('PATCH', url, 'application/apply-patch+yaml', body);
      const text = 'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema';
      assert.deepEqual([said.status, said.reason, said.message, said.warnings], [500, undefined, text, []]);
    }
  }
}); // prettier-ignore

test('bodies that are no object of the kind', async () => {
  const head = 'the object provided is unrecognized (must be of type Deployment): ';
  const json = `${head}couldn't get version/kind; json parse error: `;
  const handled = (kind: string, version = 'v1'): string =>
    `${kind} in version "${version}" cannot be handled as a Deployment: `;
  const scheme = 'in scheme "pkg/api/legacyscheme/scheme.go:30"';
  const cases: readonly (readonly [type: string, body: string, message: string])[] = [
    [JSON_TYPE, '', `${json}unexpected end of JSON input (<empty>)`],
    [JSON_TYPE, '{"a":1,}', `${json}invalid character '}' looking for beginning of object key string ({"a":1,})`],
    [JSON_TYPE, `{"kind":"Deployment","a":'x'}`, `${json}invalid character '\\'' looking for beginning of value ({"kind":"Deployment","a":'x'})`],
    [JSON_TYPE, 'hello', `${json}invalid character 'h' looking for beginning of value (68656c6c6f)`],
    [JSON_TYPE, `[${' '.repeat(40)}]`, `${json}json: cannot unmarshal array into Go value of type ${TYPE_META} (5b${'20'.repeat(29)} ...)`],
    [JSON_TYPE, '{"kind":7}', `${json}json: cannot unmarshal number into Go struct field .kind of type string ({"kind":7})`],
    [JSON_TYPE, '{"apiVersion":"a/b/c"}', `${head}unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})`],
    [JSON_TYPE, '{"kind":"Frob"}', `${handled('Frob')}no kind "Frob" is registered for version "apps/v1" ${scheme}`],
    [JSON_TYPE, '{"kind":"DaemonSet","apiVersion":"apps/v1"}', `${handled('DaemonSet')}converting (v1.DaemonSet) to (apps.Deployment): unknown conversion`],
    [JSON_TYPE, '{"kind":"Deployment","apiVersion":"extensions/v1beta1"}', `${handled('Deployment', 'v1beta1')}no kind "Deployment" is registered for version "extensions/v1beta1" ${scheme}`],
    [JSON_TYPE, '{"spec":{"replicas":"x"}}', `${handled('Deployment')}json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`],
    [JSON_TYPE, '{"spec":{"replicas":99999999999999999999}}', `${handled('Deployment')}json: cannot unmarshal number 99999999999999999999 into Go struct field DeploymentSpec.spec.replicas of type int32`],
    [JSON_TYPE, '{"spec":{"replicas":1.50}}', `${handled('Deployment')}json: cannot unmarshal number 1.50 into Go struct field DeploymentSpec.spec.replicas of type int32`],
  ];
  for (const [type, body, message] of cases) {
    for (const [method, url] of [['POST', URL], ['PUT', `${URL}/web`]] as const) {
      const said = await send(method, url, type, body);
      assert.deepEqual([said.status, said.reason, said.message], [400, 'BadRequest', message], `${method} ${body}`);
    }
  }
  const yaml = await send('POST', URL, YAML, 'a: b: c');
  assert.match(yaml.message, /^the object provided is unrecognized \(must be of type Deployment\): [^]*yaml: [^]* \(613a20623a2063\)$/);
}); // prettier-ignore

test('patches that cannot be read, or are none', async () => {
  const json = 'json-patch+json';
  const merge = 'merge-patch+json';
  const strategic = 'strategic-merge-patch+json';
  const apply = 'apply-patch+yaml';
  const map = 'into Go value of type map[string]interface {}';
  const cases: readonly (readonly [type: string, body: string, warn: string, ignore: string])[] = [
    [json, '[', 'error decoding patch: unexpected end of JSON input', 'unexpected end of JSON input'],
    [json, '{}', 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp', 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
    [json, '[7]', 'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp', 'json: cannot unmarshal number into Go value of type jsonpatch.Operation'],
    [json, '[{"op":7}]', 'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string', ''],
    [merge, '{', 'error decoding patch: unexpected end of JSON input', 'Invalid JSON Patch'],
    [merge, '[]', `error decoding patch: json: cannot unmarshal array ${map}`, 'Invalid JSON Patch'],
    [merge, 'null', 'Invalid JSON Patch', 'Invalid JSON Patch'],
    [strategic, '{', 'unexpected end of JSON input', 'unexpected end of JSON input'],
    [strategic, '"x"', `json: cannot unmarshal string ${map}`, `json: cannot unmarshal string ${map}`],
    [apply, '[]', `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array ${map}`, `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array ${map}`],
    [apply, 'null', 'invalid object type: /, Kind=', 'invalid object type: /, Kind='],
  ];
  for (const [type, body, warn, ignore] of cases) {
    const patch = (query: string, name = 'web'): Promise<Said> => {
      const manager = type === apply ? '&fieldManager=m' : '';
      return send('PATCH', `${URL}/${name}?fieldValidation=${query}${manager}`, `application/${type}`, body);
    };
    for (const mode of ['Warn', 'Strict']) {
      const said = await patch(mode);
      assert.deepEqual([said.status, said.reason, said.message], [400, 'BadRequest', warn], `${type} ${body}`);
    }
    if (ignore !== '') assert.equal((await patch('Ignore')).message, ignore, `${type} ${body}`);
    // Nobody is told of the patch of what is not there.
    if (type !== apply) assert.equal((await patch('Warn', 'none')).status, 404);
  }
  const added = await send('PATCH', `${URL}/web`, `application/${json}`, '[{"op":"add","path":"/metadata/annotations","value":{"z":"<","a":1}}]');
  assert.match(added.message, /Invalid value: "\{\\"apiVersion\\":\\"apps\/v1\\",\\"kind\\":[^]*\\"annotations\\":\{\\"z\\":\\"\\\\u003c\\",\\"a\\":1\},/);
  const unfit = await ask(`${URL}/web`, {
    method: 'PATCH',
    body: '[{"op":"remove","path":"/none"}]',
    headers: { 'content-type': 'application/json-patch+json' },
  });
  assert.deepEqual(JSON.parse(unfit.body.toString()), {
    kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'Invalid', details: {}, code: 422,
    message: 'the server rejected our request due to an error in our request',
  });
}); // prettier-ignore

test('a strategic merge patch is converted: what it calls itself does not count, what is too large is cut off', async () => {
  const patch = async (body: string): Promise<unknown> => {
    const headers = { 'content-type': 'application/strategic-merge-patch+json' };
    const answer = await ask(`${URL}/web`, { method: 'PATCH', body, headers });
    const { spec, message } = JSON.parse(answer.body.toString()) as { spec?: JsonObject; message?: string };
    return spec?.['replicas'] ?? message;
  };
  assert.equal(await patch('{"kind":"Frob","apiVersion":"x/v9","spec":{"replicas":3}}'), 3);
  assert.equal(await patch('{"spec":{"replicas":4294967298}}'), 2);
  assert.equal(await patch('{"spec":{"replicas":1e10}}'), 1_410_065_408);
  assert.equal(await patch('{"spec":{"replicas":1e30}}'), 0);
  const shown = 'patch: Invalid value: "map[spec:map[replicas';
  assert.equal(await patch('{"spec":{"replicas":1.5}}'), ` "" is invalid: ${shown}:1.5]]": cannot convert float64 to int32`);
  assert.equal(await patch('{"spec":{"replicas":"3"}}'), ` "" is invalid: ${shown}:3]]": unrecognized type: int32`);
  assert.equal(await patch('{"spec":{"paused":1}}'), ' "" is invalid: patch: Invalid value: "map[spec:map[paused:1]]": unrecognized type: bool');
}); // prettier-ignore
