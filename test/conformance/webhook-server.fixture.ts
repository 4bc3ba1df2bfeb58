/**
 * For conformance tests of admission webhooks: a real HTTPS server in this process, which answers as the
 * official webhook image does, behind a Service of the cluster.
 */

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Network } from '../../src/host/host.ts';
import { createNodeNetwork } from '../../src/host/node/network.ts';
import { SimulatedNetwork } from '../../src/host/simulated/network.ts';
import { createAuthority, issueCertificate } from '../../src/pki/pki.ts';
import type { Api, Fields } from './api.fixture.ts';

const SERVICE = 'e2e-test-webhook';
const NAMESPACE = 'webhook-server';
/** In the cluster only: what is sent there comes to this process. */
const ADDRESS = '10.99.0.1';
const PORT = 8443;
/** The official one takes 5 s, with timeouts in proportion. */
const DELAY_MS = 1_500;

type Answer = Readonly<Record<string, unknown>>;
type Decide = (request: Fields) => Answer | undefined | Promise<Answer | undefined>;

const ALLOWED: Answer = { allowed: true };
const denied = (message: string): Answer => ({ allowed: false, status: { message } });

function patched(operations: readonly object[]): Answer {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}

function addData(request: Fields): Answer {
  const data = (request.object?.data ?? {}) as Readonly<Record<string, unknown>>;
  const operations: object[] = [];
  if (data['mutation-start'] === 'yes') {
    operations.push({ op: 'add', path: '/data/mutation-stage-1', value: 'yes' });
  }
  if (data['mutation-stage-1'] === 'yes') {
    operations.push({ op: 'add', path: '/data/mutation-stage-2', value: 'yes' });
  }
  return operations.length === 0 ? ALLOWED : patched(operations);
}

const isUnwanted = (object: Fields | undefined): boolean =>
  String(object?.data?.['webhook-e2e-test']) === 'webhook-disallow';

const PATHS: Readonly<Record<string, Decide>> = {
  '/always-deny': () => denied('this webhook denies all requests'),
  '/always-allow-delay': async () => {
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    return ALLOWED;
  },
  '/add-label': ({ object }) =>
    patched([
      object?.metadata?.labels === undefined
        ? { op: 'add', path: '/metadata/labels', value: { 'added-label': 'yes' } }
        : { op: 'add', path: '/metadata/labels/added-label', value: 'yes' },
    ]),
  '/pods': ({ object }) => {
    const labels = object?.metadata?.labels as Readonly<Record<string, unknown>> | undefined;
    if (labels?.['webhook-e2e-test'] === 'wait-forever') return undefined;
    const reasons = [
      ...(labels?.['webhook-e2e-test'] === 'webhook-disallow' ? ['the pod contains unwanted label'] : []),
      ...(JSON.stringify(object?.spec).includes('"name":"webhook-disallow"')
        ? ['the pod contains unwanted container name']
        : []),
    ];
    return reasons.length === 0 ? ALLOWED : denied(reasons.join('; '));
  },
  '/pods/attach': ({ name, kind }) =>
    String(kind?.kind) === 'PodAttachOptions' && String(name) === 'to-be-attached-pod'
      ? denied(`attaching to pod 'to-be-attached-pod' is not allowed`)
      : ALLOWED,
  '/mutating-pods': () => {
    const container = { name: 'webhook-added-init-container', image: 'webhook-added-image' };
    return patched([{ op: 'add', path: '/spec/initContainers', value: [{ ...container, resources: {} }] }]);
  },
  '/configmaps': ({ object }) =>
    isUnwanted(object) ? denied('the configmap contains unwanted key and value') : ALLOWED,
  '/mutating-configmaps': addData,
  '/custom-resource': ({ object, oldObject, operation }) =>
    isUnwanted(String(operation) === 'DELETE' ? oldObject : object)
      ? denied(
          String(operation) === 'DELETE'
            ? 'the custom resource cannot be deleted because it contains unwanted key and value'
            : 'the custom resource contains unwanted data',
        )
      : ALLOWED,
  '/mutating-custom-resource': addData,
  '/crd': ({ object }) =>
    String(object?.metadata?.labels?.['webhook-e2e-test']) === 'webhook-disallow'
      ? denied('the crd contains unwanted label')
      : ALLOWED,
};

export class WebhookServer {
  /** For the cluster whose webhooks shall be found here. */
  readonly network: Network;
  readonly #server: Server;
  readonly #authorityPem: string;

  constructor() {
    const now = { nowMs: Date.now(), validDays: 1 };
    const authority = createAuthority('webhook-authority', now.nowMs, now.validDays);
    const hosts = [`${SERVICE}.${NAMESPACE}.svc`];
    const pair = issueCertificate(authority, { commonName: SERVICE, hosts, usage: 'server', ...now });
    this.#authorityPem = authority.certificatePem;
    this.#server = createServer({ cert: pair.certificatePem, key: pair.keyPem }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as { readonly request: Fields };
        const path = (request.url ?? '').split('?')[0] ?? '';
        void Promise.resolve(PATHS[path]?.(review.request)).then((answer) => {
          if (answer === undefined) return;
          const { uid } = review.request;
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ ...review, response: { uid, ...answer } }));
        });
      });
    });
    const network = new SimulatedNetwork();
    const real = createNodeNetwork();
    network.onRequest = (request) => {
      assert.deepEqual(request.connectTo, { host: ADDRESS, port: PORT });
      const { port } = this.#server.address() as AddressInfo;
      return real.request({ ...request, connectTo: { host: '127.0.0.1', port } });
    };
    this.network = network;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** The Service that leads here. */
  async serve(api: Api): Promise<void> {
    const namespace = await api.namespace(NAMESPACE);
    await api.post(`/api/v1/namespaces/${namespace}/services`, {
      metadata: { name: SERVICE },
      spec: { ports: [{ port: PORT }] },
    });
    await api.post(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
      metadata: { name: SERVICE, labels: { 'kubernetes.io/service-name': SERVICE } },
      addressType: 'IPv4',
      ports: [{ port: PORT }],
      endpoints: [{ addresses: [ADDRESS] }],
    });
  }

  /** `clientConfig` of a webhook at this path. */
  client(path: string): object {
    const service = { namespace: NAMESPACE, name: SERVICE, path, port: PORT };
    return { service, caBundle: Buffer.from(this.#authorityPem).toString('base64') };
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
