import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Node, Pod, PodSpec } from '../../../api/types.gen.ts';
import { SchedulerCache } from '../../cache/cache.ts';
import { imageLocality } from './image-locality.ts';

const MB = 1024 * 1024;

function scoreOf(spec: Partial<PodSpec>): number | undefined {
  const cache = new SchedulerCache();
  const images = [
    { names: ['web:1'], sizeBytes: 250 * MB },
    { names: ['models:latest'], sizeBytes: 750 * MB },
  ];
  cache.setNode({ metadata: { name: 'n' }, spec: {}, status: { images } } as unknown as Node);
  const plugin = imageLocality(cache);
  const pod = { metadata: {}, spec: { containers: [], ...spec }, status: {} } as unknown as Pod;
  const prepared = plugin.prepare?.(pod);
  assert.ok(prepared !== undefined && 'state' in prepared);
  const node = cache.node('n') ?? assert.fail('the node is there');
  return prepared.scores === false ? undefined : plugin.score?.(prepared.state, pod, node);
}

test('images that a node has count by their size, those of volumes too', () => {
  const containers = [{ name: 'c', image: 'web:1', resources: {} }];
  const other = [{ name: 'c', image: 'other:1', resources: {} }];
  const volumes = [
    { name: 'v', image: { reference: 'models' } },
    { name: 'e', emptyDir: {} },
  ];
  assert.equal(scoreOf({ containers: other }), undefined);
  assert.equal(scoreOf({ containers }), Math.trunc((100 * (250 - 23)) / (1000 - 23)));
  assert.equal(scoreOf({ containers, volumes }), Math.trunc((100 * (1000 - 23)) / (2000 - 23)));
  assert.equal(scoreOf({ containers: other, volumes }), Math.trunc((100 * (750 - 23)) / (2000 - 23)));
});
