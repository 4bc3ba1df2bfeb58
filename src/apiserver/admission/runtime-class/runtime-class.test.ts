import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { runtimeClasses } from '../../../api/groups/node/runtime-class/runtime-class.ts';
import type { Draft } from '../../../api/meta/object.ts';
import type { Pod, PodSpec, RuntimeClass } from '../../../api/types.gen.ts';
import { createTestPipeline } from '../../pipeline.fixture.ts';
import { runtimeClassAdmission } from './runtime-class.ts';

async function made(definition: Partial<Draft<RuntimeClass>>, spec: Partial<Draft<PodSpec>>): Promise<Pod> {
  const { client } = createTestPipeline(({ store }) => ({ admission: [runtimeClassAdmission(store)] }));
  await client.create(runtimeClasses, { metadata: { name: 'gvisor' }, handler: 'runsc', ...definition });
  const metadata = { namespace: 'default', name: 'web' };
  return client.create(pods, { metadata, spec: { containers: [{ name: 'c', image: 'web:1' }], ...spec } });
}
const named = { runtimeClassName: 'gvisor' };
const forbidden = (why: string): object => ({ code: 403, message: `pods "web" is forbidden: ${why}` });

test('a class that is not there is refused', async () => {
  await assert.rejects(
    made({}, { runtimeClassName: 'kata' }),
    forbidden('pod rejected: RuntimeClass "kata" not found'),
  );
  assert.equal((await made({}, {})).spec.overhead, undefined);
});

test('the overhead is that of the class, and nobody sets another', async () => {
  const overhead = { podFixed: { cpu: '250m', memory: '64Mi' } };
  assert.deepEqual((await made({ overhead }, named)).spec.overhead, overhead.podFixed);
  const same = { cpu: '0.25', memory: '65536Ki' };
  assert.deepEqual((await made({ overhead }, { ...named, overhead: same })).spec.overhead, overhead.podFixed);
  await assert.rejects(
    made({ overhead }, { ...named, overhead: { cpu: '1' } }),
    forbidden("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"),
  );
  const why = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
  for (const spec of [named, {}])
    await assert.rejects(made({}, { ...spec, overhead: { cpu: '1' } }), forbidden(why));
});

test('node selectors and tolerations of the class are added, wider tolerations win', async () => {
  const scheduling: RuntimeClass['scheduling'] = {
    nodeSelector: { runtime: 'gvisor' },
    tolerations: [{ key: 'runtime', operator: 'Exists' }],
  };
  const tolerations: PodSpec['tolerations'] = [
    { key: 'runtime', operator: 'Equal', value: 'gvisor', effect: 'NoSchedule' },
    { key: 'other', operator: 'Equal', value: 'x' },
  ];
  const { spec } = await made({ scheduling }, { ...named, nodeSelector: { disk: 'ssd' }, tolerations });
  assert.deepEqual(spec.nodeSelector, { disk: 'ssd', runtime: 'gvisor' });
  assert.deepEqual(spec.tolerations, [tolerations[1], scheduling.tolerations?.[0]]);
  const conflict =
    'runtimeClass.scheduling.nodeSelector[runtime] = gvisor; pod.spec.nodeSelector[runtime] = runc';
  await assert.rejects(
    made({ scheduling }, { ...named, nodeSelector: { runtime: 'runc' } }),
    forbidden(`conflict: ${conflict}`),
  );
});
