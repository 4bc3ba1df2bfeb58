/** Queries and headers with odd values: upstream's words for each. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../api/schema/schema.ts';
import { createTestFront } from './front.fixture.ts';

const { ask } = createTestFront();
const MAPS = '/api/v1/namespaces/default/configmaps';

interface Said {
  readonly status: number;
  readonly reason: unknown;
  readonly message: unknown;
}

async function send(method: string, url: string, body = '', headers = {}): Promise<Said> {
  const answer = await ask(url, { method, body, headers, writesMax: 1 });
  const { reason, message } = JSON.parse(answer.body.toString()) as JsonObject;
  return { status: answer.status, reason, message };
}

const created = await send('POST', MAPS, '{"metadata":{"name":"one"}}');
assert.equal(created.status, 201);

type Case = readonly [method: string, query: string, status: number, reason: string, message: string];

const TOO_LARGE = '9223372036854775808';
const LIST = 'ListOptions.meta.k8s.io "" is invalid: ';
const DELETE = 'DeleteOptions.meta.k8s.io "" is invalid: ';
const CREATE = 'CreateOptions.meta.k8s.io "" is invalid: ';
const PATCH = 'PatchOptions.meta.k8s.io "" is invalid: ';

test('lists and watches', async () => {
  const cases: readonly Case[] = [
    ['GET', 'limit=x', 400, 'BadRequest', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['GET', 'limit=', 400, 'BadRequest', 'strconv.ParseInt: parsing "": invalid syntax'],
    ['GET', 'limit=1.5', 400, 'BadRequest', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
    ['GET', `limit=${TOO_LARGE}`, 400, 'BadRequest', `strconv.ParseInt: parsing "${TOO_LARGE}": value out of range`],
    ['GET', 'timeoutSeconds=soon', 400, 'BadRequest', 'strconv.ParseInt: parsing "soon": invalid syntax'],
    ['GET', 'timeout=soon', 400, 'BadRequest', 'invalid timeout specified in the request URL - time: invalid duration "soon"'],
    ['GET', 'sendInitialEvents=true', 422, 'Invalid', `${LIST}sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list`],
    ['GET', 'resourceVersionMatch=Exact', 422, 'Invalid', `${LIST}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided`],
    ['GET', 'resourceVersionMatch=Exact&resourceVersion=0', 422, 'Invalid', `${LIST}resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`],
    ['GET', 'resourceVersionMatch=Newest&resourceVersion=1', 422, 'Invalid', `${LIST}resourceVersionMatch: Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""`],
    ['GET', 'resourceVersionMatch=x&continue=y&sendInitialEvents', 422, 'Invalid', `${LIST}[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided, resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided, resourceVersionMatch: Unsupported value: "x": supported values: "Exact", "NotOlderThan", "", sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list]`],
    ['GET', 'watch=1&resourceVersionMatch=Exact', 422, 'Invalid', `${LIST}[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]`],
    ['GET', 'watch=1&sendInitialEvents=true', 422, 'Invalid', `${LIST}resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`],
    ['GET', 'watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&continue=x', 422, 'Invalid', `${LIST}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided`],
  ]; // prettier-ignore
  for (const [method, query, status, reason, message] of cases) {
    assert.deepEqual(await send(method, `${MAPS}?${query}`), { status, reason, message }, query);
  }
  assert.deepEqual(await send('GET', `${MAPS}/one?export=true`), {
    status: 400,
    reason: 'BadRequest',
    message: 'the export parameter, deprecated since v1.14, is no longer supported',
  });
  for (const query of ['limit=-1', 'limit=%2B5', 'watch=FALSE', 'pretty=x', 'export', 'unknown=1']) {
    assert.equal((await ask(`${MAPS}?${query}`)).status, 200, query);
  }
});

test('a watch from the beginning hears where the beginning ends', async () => {
  for (const query of ['', '&resourceVersion=0']) {
    const url = `${MAPS}?watch=1&allowWatchBookmarks=1${query}`;
    const answer = await ask(url, { writesMax: 2 });
    const events = answer.body.toString().trim().split('\n');
    const last = JSON.parse(events.at(-1) ?? '') as JsonObject;
    assert.equal(last['type'], 'BOOKMARK');
    assert.match(JSON.stringify(last), /"k8s\.io\/initial-events-end":"true"/);
  }
});

test('writes', async () => {
  const manager = 'x'.repeat(129);
  const cases: readonly Case[] = [
    ['POST', 'dryRun=', 422, 'Invalid', `${CREATE}dryRun: Unsupported value: [""]: supported values: "All"`],
    ['POST', 'dryRun=All&dryRun=Some', 422, 'Invalid', `${CREATE}dryRun: Unsupported value: ["All","Some"]: supported values: "All"`],
    ['POST', 'fieldValidation=strict', 422, 'Invalid', `${CREATE}fieldValidation: Unsupported value: "strict": supported values: "", "Ignore", "Strict", "Warn"`],
    ['POST', `fieldManager=${manager}`, 422, 'Invalid', `${CREATE}fieldManager: Too long: may not be more than 128 bytes`],
    ['POST', 'fieldManager=a%07b%E2%80%83', 422, 'Invalid', `${CREATE}[fieldManager: Invalid value: "a\\u0007b\u2003": invalid character U+0007 (at position 1), fieldManager: Invalid value: "a\\u0007b\u2003": invalid character U+2003 (at position 3)]`],
    ['POST', 'dryRun=x&fieldValidation=y', 422, 'Invalid', `${CREATE}[dryRun: Unsupported value: ["x"]: supported values: "All", fieldValidation: Unsupported value: "y": supported values: "", "Ignore", "Strict", "Warn"]`],
  ]; // prettier-ignore
  for (const [method, query, status, reason, message] of cases) {
    assert.deepEqual(await send(method, `${MAPS}?${query}`, '{}'), { status, reason, message }, query);
  }
  const patch = (query: string, type: string): Promise<Said> =>
    send('PATCH', `${MAPS}/one?${query}`, '{}', { 'content-type': `application/${type}` });
  assert.equal(
    (await patch('dryRun=x', 'apply-patch+yaml')).message,
    `${PATCH}[fieldManager: Required value: is required for apply patch, dryRun: Unsupported value: ["x"]: supported values: "All"]`,
  );
  assert.equal(
    (await patch('force=false', 'merge-patch+json')).message,
    `${PATCH}force: Forbidden: may not be specified for non-apply patch`,
  );
});

test('deletions: options in the query, or in the body and then only there', async () => {
  const queries: readonly Case[] = [
    ['DELETE', 'gracePeriodSeconds=', 400, 'BadRequest', 'strconv.ParseInt: parsing "": invalid syntax'],
    ['DELETE', 'propagationPolicy=', 422, 'Invalid', `${DELETE}propagationPolicy: Unsupported value: "": supported values: "Foreground", "Background", "Orphan", "nil"`],
    ['DELETE', 'orphanDependents=true&propagationPolicy=Orphan', 422, 'Invalid', `${DELETE}propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set`],
    ['DELETE', 'dryRun=None', 422, 'Invalid', `${DELETE}dryRun: Unsupported value: ["None"]: supported values: "All"`],
    ['DELETE', 'uid=other', 409, 'Conflict', `Operation cannot be fulfilled on ConfigMap "one": the UID in the precondition (other) does not match the UID in record (`],
  ]; // prettier-ignore
  for (const [method, query, status, reason, message] of queries) {
    const said = await send(method, `${MAPS}/one?${query}`);
    assert.deepEqual([said.status, said.reason], [status, reason], query);
    assert.equal(String(said.message).slice(0, message.length), message, query);
  }
  const head = "couldn't get version/kind; json parse error: ";
  const bodies: readonly (readonly [body: string, status: number, message: string])[] = [
    ['{', 400, `${head}unexpected end of JSON input`],
    ['{"kind":"Pod","apiVersion":"v1"}', 400, 'no kind "Pod" is registered for version "v1" in scheme "pkg/apis/meta/internalversion/scheme/register.go:27"'],
    ['{"gracePeriodSeconds":"x"}', 400, 'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64'],
    ['{"preconditions":[]}', 400, 'json: cannot unmarshal array into Go struct field DeleteOptions.preconditions of type v1.Preconditions'],
    ['{"dryRun":"All"}', 400, 'json: cannot unmarshal string into Go struct field DeleteOptions.dryRun of type []string'],
    ['{"dryRun":["x"],"propagationPolicy":"y"}', 422, `${DELETE}[propagationPolicy: Unsupported value: "y": supported values: "Foreground", "Background", "Orphan", "nil", dryRun: Unsupported value: ["x"]: supported values: "All"]`],
  ]; // prettier-ignore
  for (const [body, status, message] of bodies) {
    for (const url of [`${MAPS}/one`, MAPS]) {
      const said = await send('DELETE', `${url}?propagationPolicy=Orphan`, body);
      assert.deepEqual([said.status, said.message], [status, message], body);
    }
  }
  const media = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  const text = await send('DELETE', `${MAPS}/one`, 'x', { 'content-type': 'text/plain' });
  assert.deepEqual(text, {
    status: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${media}`,
  });
  // What the query says does not count beside a body: this deletes.
  assert.equal((await send('DELETE', `${MAPS}/one?dryRun=All`, '{"kind":"DeleteOptions"}')).status, 200);
  assert.equal((await send('GET', `${MAPS}/one`)).status, 404);
});

test('methods in places where they are not', async () => {
  const message = 'the server does not allow this method on the requested resource';
  for (const [method, url] of [
    ['POST', `${MAPS}/two`],
    ['PUT', MAPS],
    ['PATCH', MAPS],
  ] as const) {
    const said = await send(method, url, '{}');
    assert.deepEqual(said, { status: 405, reason: 'MethodNotAllowed', message }, `${method} ${url}`);
  }
});

test('a Table that cannot be made is refused before anything is written', async () => {
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  const said = await send('POST', `${MAPS}?includeObject=All`, '{"metadata":{"name":"two"}}', { accept });
  assert.equal(said.status, 400);
  assert.equal((await send('GET', `${MAPS}/two`)).status, 404);
});

test('formats that nobody serves', async () => {
  const media = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  const accepted: readonly (readonly [accept: string, status: number])[] = [
    ['text/html', 406],
    ['text/html, */*;q=0.1', 200],
    ['application/*', 200],
    ['application/json;as=Table;g=meta.k8s.io;v=v2', 406],
    ['application/json;as=Table;v=v1', 406],
    ['application/json;as=Frob;g=meta.k8s.io;v=v1', 406],
    ['application/json;stream=other', 406],
    ['application/json;sv=v1', 406],
    ['application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1', 406],
    ['application/json;q=x', 200],
    [';;;', 406],
    [',', 406],
  ];
  for (const [accept, status] of accepted) {
    const answer = await ask(MAPS, { headers: { accept } });
    assert.equal(answer.status, status, accept);
    if (status !== 406) continue;
    const { reason, message } = JSON.parse(answer.body.toString()) as JsonObject;
    const text = `only the following media types are accepted: ${media}`;
    assert.deepEqual([reason, message], ['NotAcceptable', text], accept);
  }
  const table = 'application/json;as=Table;g=meta.k8s.io;v=v1beta1';
  const old = await ask(MAPS, { headers: { accept: table } });
  assert.equal((JSON.parse(old.body.toString()) as JsonObject)['apiVersion'], 'meta.k8s.io/v1beta1');
  const include = await ask(`${MAPS}?includeObject=All`, { headers: { accept: table } });
  assert.equal(
    (JSON.parse(include.body.toString()) as JsonObject)['message'],
    `Unable to convert to Table as requested: includeObject: Invalid value: "All": must be 'Metadata', 'Object', 'None', or empty`,
  );
  const yaml = await send('GET', `${MAPS}?watch=1`, '', { accept: 'application/yaml, application/yaml' });
  assert.equal(yaml.status, 406);
  for (const type of ['*/*', 'text/plain', 'application/xml; charset=utf-8', 'json', 'application/']) {
    const said = await send('POST', MAPS, '{}', { 'content-type': type });
    const head = 'the body of the request was in an unknown format - accepted media types include';
    assert.deepEqual([said.status, said.message], [415, `${head}: ${media}`], type);
  }
  for (const type of ['', 'application/json', 'application/xml']) {
    const said = await send('PATCH', `${MAPS}/none`, '{}', { 'content-type': type });
    const types = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'];
    const told = types.map((name) => `application/${name}`).join(', ');
    assert.equal(said.status, 415);
    assert.match(String(said.message), new RegExp(`include: ${told.replaceAll('+', '\\+')}$`));
  }
});
