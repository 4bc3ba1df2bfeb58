/** Probes over the gRPC health checking protocol (`grpc.health.v1.Health/Check`), in upstream's words. */

import type { Clock } from '../../host/host.ts';
import type { GrpcHealth } from '../probes/probe.ts';

const METHOD = '/grpc.health.v1.Health/Check';
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const DEADLINE_EXCEEDED = 4;
const UNIMPLEMENTED = 12;

export function createGrpcHealth(clock: Clock): GrpcHealth {
  return async (host, port, service, timeoutMs) => {
    // The library is large, and most pods have no such probe.
    const { Client, credentials } = await import('@grpc/grpc-js');
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const client = new Client(address, credentials.createInsecure());
    const deadline = clock.now() + timeoutMs;
    try {
      return await new Promise<string | undefined>((resolve) => {
        client.makeUnaryRequest(
          METHOD,
          encodeRequest,
          decodeStatus,
          service,
          { deadline },
          (error, status) => {
            if (error === null) resolve(verdict(status));
            else resolve(failureText(error, address, timeoutMs));
          },
        );
      });
    } finally {
      client.close();
    }
  };
}

function verdict(status: number | undefined): string | undefined {
  const name = STATUSES[status ?? 0] ?? 'UNKNOWN';
  return name === 'SERVING' ? undefined : `service unhealthy (responded with "${name}")`;
}

function failureText(
  { code, details }: { readonly code: number; readonly details: string },
  address: string,
  timeoutMs: number,
): string {
  const limit = `${timeoutMs / 1000}s`;
  if (code === DEADLINE_EXCEEDED)
    return `timeout: failed to connect service "${address}" within ${limit}: context deadline exceeded`;
  if (code === UNIMPLEMENTED)
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}`;
  return `error: health rpc probe failed: ${details}`;
}

/** Field 1: the service's name. Field 1 of the answer: its status. */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  return name.length === 0 ? name : Buffer.concat([Uint8Array.of(0x0a, name.length), name]);
}

function decodeStatus(bytes: Buffer): number {
  return bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0;
}
