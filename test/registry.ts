/** A read-only image registry on loopback, plain HTTP, that serves images made by our builder; for tests. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Blob, BuiltImage } from '../src/kubelet/images/image.ts';

export interface TestRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Serves `image` as `<host>/<repository>:<tag>`. */
  add(repository: string, tag: string, image: BuiltImage): void;
  close(): void;
}

/** What lies below `private/` wants these credentials. */
export const registryUser = { username: 'robot', password: 'sesame' } as const;

export async function startRegistry(): Promise<TestRegistry> {
  const byPath = new Map<string, Blob>();
  const server = createServer((request, response) => answer(byPath, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    add(repository, tag, { manifest, configBlob, layers }) {
      for (const name of [tag, manifest.digest]) byPath.set(`/v2/${repository}/manifests/${name}`, manifest);
      for (const blob of [configBlob, ...layers]) byPath.set(`/v2/${repository}/blobs/${blob.digest}`, blob);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(byPath: ReadonlyMap<string, Blob>, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://registry');
  const { username, password } = registryUser;
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  if (pathname.startsWith('/v2/private/') && request.headers.authorization !== wanted) {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
    return;
  }
  const blob = byPath.get(pathname);
  if (blob === undefined) {
    response.writeHead(pathname === '/v2/' ? 200 : 404).end();
    return;
  }
  const headers = {
    'Content-Type': blob.mediaType,
    'Content-Length': blob.bytes.length,
    'Docker-Content-Digest': blob.digest,
  };
  response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : blob.bytes);
}
