import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';

import { createNodeClock } from '../../host/node/clock.ts';
import { createGrpcHealth } from './grpc-health.ts';

test('services that serve, that do not, and that are not there', async () => {
  const server = new Server();
  const identity = (bytes: Buffer): Buffer => bytes;
  const check: handleUnaryCall<Buffer, Buffer> = ({ request }, answer) => {
    const isDown = request.subarray(2).toString() === 'down';
    answer(null, Buffer.from([0x08, isDown ? 2 : 1]));
  };
  const method = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  };
  server.addService({ check: method }, { check });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const health = createGrpcHealth(createNodeClock());
  assert.equal(await health('127.0.0.1', port, '', 1000), undefined);
  assert.equal(
    await health('127.0.0.1', port, 'down', 1000),
    'service unhealthy (responded with "NOT_SERVING")',
  );
  server.forceShutdown();
  assert.match((await health('127.0.0.1', port, '', 1000)) ?? '', /^error: health rpc probe failed: /);
});
