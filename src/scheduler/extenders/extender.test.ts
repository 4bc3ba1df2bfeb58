import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { Pod } from '../../api/types.gen.ts';
import { createNodeHost } from '../../host/node/node.ts';
import { createAuthority, issueCertificate } from '../../pki/pki.ts';
import type { Extender } from '../configuration/document.ts';
import { HttpExtender } from './extender.ts';
import { withTlsFiles } from './tls-files.ts';

const POD = { metadata: { name: 'p', namespace: 'd', uid: 'u' }, spec: { containers: [] } } as unknown as Pod;

test('an extender is reached over TLS by a name of its own, with a certificate from files', async (context) => {
  const nowMs = Date.now();
  const authority = createAuthority('extenders', nowMs, 1);
  const of = { nowMs, validDays: 1 } as const;
  const served = issueCertificate(authority, {
    ...of,
    commonName: 'extender',
    hosts: ['extender.example'],
    usage: 'server',
  });
  const client = issueCertificate(authority, { ...of, commonName: 'scheduler', usage: 'client' });
  const callers: string[] = [];
  const server = createServer(
    {
      cert: served.certificatePem,
      key: served.keyPem,
      ca: authority.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      callers.push(`${String(subject.CN)} ${request.url ?? ''}`);
      response.end('{}');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const files: { readonly [path: string]: string } = {
    ca: authority.certificatePem,
    cert: client.certificatePem,
    key: client.keyPem,
  };
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    const text = files[path];
    return text === undefined ? undefined : Buffer.from(text);
  };
  const bindBy = async (tlsConfig: NonNullable<Extender['tlsConfig']>): Promise<void> => {
    const written = {
      urlPrefix: `https://127.0.0.1:${port}/a/`,
      bindVerb: 'bind',
      enableHTTPS: true,
      tlsConfig,
    };
    const [extender] = (await withTlsFiles([written], read)).extenders;
    assert.ok(extender !== undefined);
    await new HttpExtender(extender, createNodeHost()).bind(POD, 'n', new AbortController().signal);
  };
  const named = { serverName: 'extender.example', certFile: 'cert', keyFile: 'key', caFile: 'ca' };
  await bindBy(named);
  assert.deepEqual(callers, ['scheduler /a/bind']);
  await bindBy({ insecure: true, certFile: 'cert', keyFile: 'key' });
  await assert.rejects(bindBy({ ...named, serverName: 'other.example' }), /other\.example/);
  assert.equal(callers.length, 2);
  const missing = await withTlsFiles([{ urlPrefix: 'https://x', tlsConfig: { caFile: 'gone' } }], read);
  assert.deepEqual(
    missing.problems.map(({ path, message }) => `${path}: ${message}`),
    ['extenders[0].tlsConfig.caFile: Not found: "gone"'],
  );
});
