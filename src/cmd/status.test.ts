import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentStatus } from '../api/types.gen.ts';
import { unwellLine } from './status.ts';

const part = (conditions?: ComponentStatus['conditions']): ComponentStatus => ({
  kind: 'ComponentStatus',
  apiVersion: 'v1',
  metadata: { name: 'scheduler' },
  ...(conditions === undefined ? {} : { conditions }),
});

test('parts of the control plane are told while they are not well', () => {
  assert.deepEqual(unwellLine(part([{ type: 'Healthy', status: 'True', message: 'ok' }])), []);
  assert.deepEqual(unwellLine(part()), []);
  const waiting = { type: 'Healthy', status: 'False', message: 'waiting for its informers' };
  assert.deepEqual(unwellLine(part([waiting])), ['scheduler  waiting for its informers']);
  const unknown = { type: 'Healthy', status: 'Unknown' };
  assert.deepEqual(unwellLine(part([unknown])), ['scheduler  not healthy']);
});
