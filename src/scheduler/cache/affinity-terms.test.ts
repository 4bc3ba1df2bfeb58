import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/types.gen.ts';
import { termsOf } from './affinity-terms.ts';

test('the same specification means other pods in another namespace', () => {
  const spec = {
    containers: [{ name: 'main', image: 'web', resources: {} }],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
        ],
      },
    },
  };
  const termOf = (namespace: string): unknown =>
    termsOf({ metadata: { namespace, name: 'web' }, spec } as unknown as Pod)[0]?.matcher;
  const shop = termOf('shop');
  assert.equal(termOf('shop'), shop);
  assert.notDeepEqual(termOf('bank'), shop);
  assert.deepEqual(termOf('shop'), shop);
});
