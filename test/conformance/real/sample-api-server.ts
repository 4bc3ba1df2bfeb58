/**
 * An API server of another make: `flunders` of `wardle.example.com/v1alpha1`, for the test of aggregation. It
 * runs in a container by itself, from a ConfigMap, and uses nothing but Node.
 *
 * As the official sample server it keeps its objects in the etcd beside it, knows by their certificate who
 * may say for whom they ask (`kube-system/extension-apiserver-authentication`), and asks the API server of
 * the cluster whether that user may.
 */

import { randomUUID, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';

interface Meta {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  uid?: string;
  resourceVersion?: string;
  creationTimestamp?: string;
}
interface Flunder {
  apiVersion?: string;
  kind?: string;
  metadata?: Meta;
}
interface Answer {
  readonly status: number;
  readonly body: object;
}
interface User {
  readonly user: string;
  readonly groups: readonly string[];
}

const GROUP = 'wardle.example.com';
const VERSION = `${GROUP}/v1alpha1`;
const CERTIFICATES = '/apiserver.local.config/certificates';
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const PREFIX = '/registry/wardle.example.com/flunders/';
const RESOURCE = {
  name: 'flunders',
  singularName: 'flunder',
  namespaced: true,
  kind: 'Flunder',
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'update'],
};

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function ask(
  send: typeof httpRequest | typeof httpsRequest,
  url: string,
  options: object,
  body?: object,
): Promise<Record<string, unknown>> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  const sent = send(url, { method: body === undefined ? 'GET' : 'POST', ...options }, (answer) => {
    textOf(answer)
      .then((text) => {
        if ((answer.statusCode ?? 500) >= 300) throw new Error(`${url}: ${answer.statusCode} ${text}`);
        resolve(JSON.parse(text) as Record<string, unknown>);
      })
      .catch(reject);
  });
  sent.on('error', reject);
  sent.end(body && JSON.stringify(body));
  return promise;
}

/** The API server of the cluster, as this pod's service account. */
function askCluster(path: string, body?: object): Promise<Record<string, unknown>> {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = process.env;
  const ca = readFileSync(`${ACCOUNT}/ca.crt`);
  const authorization = `Bearer ${readFileSync(`${ACCOUNT}/token`, 'utf8')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  return ask(httpsRequest, `https://${host}:${port}${path}`, { ca, headers }, body);
}

interface Kept {
  readonly key: string;
  readonly value?: string;
  readonly mod_revision?: string;
}
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const askEtcd = (call: string, body: object): Promise<Record<string, unknown>> =>
  ask(httpRequest, `http://127.0.0.1:2379/v3/kv/${call}`, {}, body);

/** All objects below a key, or that of exactly the key. */
async function read(key: string, below: boolean): Promise<{ items: readonly Flunder[]; revision: string }> {
  const end = below ? { range_end: base64(`${key.slice(0, -1)}0`) } : {};
  const { header, kvs = [] } = (await askEtcd('range', { key: base64(key), ...end })) as {
    header?: { revision?: string };
    kvs?: readonly Kept[];
  };
  const items = kvs.map(({ value = '', mod_revision: resourceVersion = '' }): Flunder => {
    const flunder = JSON.parse(Buffer.from(value, 'base64').toString()) as Flunder;
    return { ...flunder, metadata: { ...flunder.metadata, resourceVersion } };
  });
  return { items, revision: header?.revision ?? '' };
}

async function write(key: string, flunder: Flunder): Promise<Flunder> {
  await askEtcd('put', { key: base64(key), value: base64(JSON.stringify(flunder)) });
  return (await read(key, false)).items[0] ?? flunder;
}

const failure = (code: number, reason: string, message: string): Answer => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
});
const success = (body: object, status = 200): Answer => ({ status, body });

/** Whose certificate is good may say for whom it asks; undefined: nobody knows who this is. */
async function userOf(request: IncomingMessage): Promise<User | undefined> {
  const peer = (request.socket as TLSSocket).getPeerCertificate();
  if (peer.raw === undefined) return undefined;
  const { data } = (await askCluster(
    '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
  )) as { data: Record<string, string> };
  const authority = new X509Certificate(data['requestheader-client-ca-file'] ?? '');
  const names = JSON.parse(data['requestheader-allowed-names'] ?? '[]') as readonly string[];
  const { CN } = peer.subject;
  if (!new X509Certificate(peer.raw).verify(authority.publicKey)) return undefined;
  if (names.length > 0 && !names.includes(String(CN))) return undefined;
  const header = (name: string): readonly string[] => request.headersDistinct[name] ?? [];
  return { user: header('x-remote-user')[0] ?? '', groups: header('x-remote-group') };
}

async function mayDo(user: User, resourceAttributes: object): Promise<boolean> {
  const { status } = (await askCluster('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { ...user, resourceAttributes },
  })) as { status: { allowed: boolean } };
  return status.allowed;
}

async function flunders(method: string, namespace: string, name: string, body: string): Promise<Answer> {
  const folder = namespace === '' ? PREFIX : `${PREFIX}${namespace}/`;
  const key = `${folder}${name}`;
  const { items, revision } = await read(key, name === '');
  const notFound = failure(404, 'NotFound', `flunders.${GROUP} "${name}" not found`);
  const list = { kind: 'FlunderList', apiVersion: VERSION, metadata: { resourceVersion: revision }, items };
  if (name === '') {
    if (method === 'GET') return success(list);
    if (method === 'DELETE') {
      await askEtcd('deleterange', { key: base64(key), range_end: base64(`${key.slice(0, -1)}0`) });
      return success(list);
    }
    const { metadata = {}, ...rest } = JSON.parse(body) as Flunder;
    const { name: created = '' } = metadata;
    const own = { namespace, uid: randomUUID(), creationTimestamp: new Date().toISOString() };
    const flunder = { ...rest, kind: 'Flunder', apiVersion: VERSION, metadata: { ...metadata, ...own } };
    if ((await read(`${folder}${created}`, false)).items.length > 0)
      return failure(409, 'AlreadyExists', `flunders.${GROUP} "${created}" already exists`);
    return success(await write(`${folder}${created}`, flunder), 201);
  }
  const [found] = items;
  if (found === undefined) return notFound;
  if (method === 'GET') return success(found);
  if (method === 'PUT') return success(await write(key, JSON.parse(body) as Flunder));
  await askEtcd('deleterange', { key: base64(key) });
  return success({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
}

const VERBS: Readonly<Record<string, readonly [one: string, all: string]>> = {
  GET: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  DELETE: ['delete', 'deletecollection'],
};

/** Documents that everybody who is known may read. */
function documentAt(path: string): object | undefined {
  const version = { groupVersion: VERSION, version: 'v1alpha1' };
  const group = { name: GROUP, versions: [version], preferredVersion: version };
  switch (path) {
    case '/apis':
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] };
    case `/apis/${GROUP}`:
      return { kind: 'APIGroup', apiVersion: 'v1', ...group };
    case `/apis/${VERSION}`:
      return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: VERSION, resources: [RESOURCE] };
    default:
      return undefined;
  }
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'https://sample-api');
  const { method = 'GET' } = request;
  if (pathname === '/readyz') {
    await read(PREFIX, true);
    return success({});
  }
  const user = await userOf(request);
  if (user === undefined) return failure(401, 'Unauthorized', 'Unauthorized');
  const document = documentAt(pathname);
  if (document !== undefined) return success(document);
  const match = new RegExp(`^/apis/${VERSION}(?:/namespaces/([^/]+))?/flunders(?:/([^/]+))?$`).exec(pathname);
  const verbs = VERBS[method];
  if (match === null || verbs === undefined)
    return failure(404, 'NotFound', 'the server could not find the requested resource');
  const [, namespace = '', name = ''] = match;
  const verb = name === '' ? verbs[1] : verbs[0];
  const place = { group: GROUP, version: 'v1alpha1', resource: 'flunders', namespace, name, verb };
  if (!(await mayDo(user, place)))
    return failure(403, 'Forbidden', `User "${user.user}" cannot ${verb} flunders`);
  return flunders(method, namespace, name, await textOf(request));
}

function respond(request: IncomingMessage, response: ServerResponse): void {
  answer(request)
    .catch((error: unknown) => failure(500, 'InternalError', String(error)))
    .then(({ status, body }) => {
      process.stdout.write(`${request.method} ${request.url} ${status}\n`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })
    .catch((error: unknown) => process.stdout.write(`${String(error)}\n`));
}

const tls = {
  cert: readFileSync(`${CERTIFICATES}/tls.crt`),
  key: readFileSync(`${CERTIFICATES}/tls.key`),
  requestCert: true,
  // Whether a certificate is good is asked for each request: the authority may change.
  rejectUnauthorized: false,
};
createServer(tls, respond).listen(443);
