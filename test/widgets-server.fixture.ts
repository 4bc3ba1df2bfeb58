/** What the API server of `widgets.example` answers, and what else stands behind its Service. */

import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** A request that came in: by whom, and for whom. */
export interface Seen {
  readonly url: string;
  readonly user: string;
  readonly groups: string;
  readonly isProxy: boolean;
}

export const WIDGET = {
  apiVersion: 'widgets.example/v1',
  kind: 'Widget',
  metadata: { name: 'one', namespace: 'default' },
};
const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'widgets.example/v1',
  resources: [
    {
      name: 'widgets',
      singularName: 'widget',
      namespaced: true,
      kind: 'Widget',
      verbs: ['get', 'list', 'watch', 'create'],
      shortNames: ['wd'],
    },
  ],
};

const KIND = { group: 'widgets.example', version: 'v1', kind: 'Widget' };
const PATHS = (reference: object): object => ({
  '/apis/widgets.example/v1/namespaces/{namespace}/widgets/{name}': {
    get: { 'x-kubernetes-action': 'get', 'x-kubernetes-group-version-kind': KIND, ...reference },
  },
});
export const DEFINITION = {
  description: 'A widget of another server.',
  type: 'object',
  properties: { size: { type: 'integer', description: 'How large it is.' } },
  'x-kubernetes-group-version-kind': [KIND],
};
const OPENAPI_V3 = {
  openapi: '3.0.0',
  info: { title: 'widgets', version: '1' },
  paths: PATHS({
    responses: {
      200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/example.Widget' } } } },
    },
  }),
  components: { schemas: { 'example.Widget': DEFINITION } },
};
const OPENAPI_V2 = {
  swagger: '2.0',
  info: { title: 'widgets', version: '1' },
  paths: PATHS({ responses: { 200: { schema: { $ref: '#/definitions/example.Widget' } } } }),
  definitions: { 'example.Widget': DEFINITION },
};

export function answerWidgets(
  request: IncomingMessage,
  response: ServerResponse,
  frontProxyCa: string,
  seen: Seen[],
): void {
  const url = new URL(request.url ?? '/', 'https://widgets');
  const certificate = (request.socket as TLSSocket).getPeerCertificate();
  const isProxy =
    certificate.raw !== undefined &&
    new X509Certificate(certificate.raw).verify(new X509Certificate(frontProxyCa).publicKey) &&
    certificate.subject.CN === 'front-proxy-client';
  const text = (name: string): string => [request.headers[name] ?? ''].flat().join(',');
  seen.push({ url: request.url ?? '', user: text('x-remote-user'), groups: text('x-remote-group'), isProxy });
  const json = (body: unknown): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  switch (url.pathname) {
    case '/apis/widgets.example/v1':
      return json(RESOURCES);
    case '/openapi/v3':
      return json({
        paths: {
          'apis/widgets.example/v1': { serverRelativeURL: '/openapi/v3/apis/widgets.example/v1?hash=1' },
        },
      });
    case '/openapi/v3/apis/widgets.example/v1':
      return json(OPENAPI_V3);
    case '/openapi/v2':
      return json(OPENAPI_V2);
    case '/apis/widgets.example/v1/namespaces/default/widgets/one':
      return json(WIDGET);
    case '/apis/widgets.example/v1/namespaces/default/widgets': {
      if (request.method === 'POST')
        return void request.pipe(response.writeHead(201, { 'content-type': 'application/json' }));
      if (!url.searchParams.has('watch')) {
        return json({ ...WIDGET, kind: 'WidgetList', metadata: { resourceVersion: '1' }, items: [WIDGET] });
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      // The stream stays open: what is written must arrive all the same.
      return void response.write(`${JSON.stringify({ type: 'ADDED', object: WIDGET })}\n`);
    }
    case '/page':
      response.writeHead(200, { 'content-type': 'text/html' });
      return void response.end('<a href="/next">next</a>');
    case '/moved':
      response.writeHead(302, { location: '/page' });
      return void response.end();
    case '/echo':
      return void request.pipe(response.writeHead(200, { 'x-method': request.method ?? '' }));
    default:
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('nothing here');
  }
}
