/**
 * What the official tests named `should support … API operations` have in common: discovery, then the life of
 * some objects through every verb, with watches that see it.
 */

import assert from 'node:assert/strict';
import { each, includes, nameOf, refusal, type Api, type Fields } from './api.fixture.ts';

export interface Operations {
  /** `v1` or `networking.k8s.io/v1`. */
  readonly groupVersion: string;
  readonly plural: string;
  readonly kind: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  /** Made by number, for kinds of which no two may be equal. */
  readonly object: (i: number) => object;
  /** Names count when they mean something. */
  readonly nameOf?: (i: number) => string;
  /** Statuses to patch in, and to replace by. */
  readonly status?: { readonly patch: object; readonly update: object };
}

const LABEL = 'special-label';
const COUNT = 3;

export async function supportsOperations(api: Api, what: Operations): Promise<void> {
  await isDiscovered(api, what);
  const root = what.groupVersion === 'v1' ? '/api/v1' : `/apis/${what.groupVersion}`;
  const everywhere = `${root}/${what.plural}`;
  const url =
    what.namespace === undefined ? everywhere : `${root}/namespaces/${what.namespace}/${what.plural}`;
  const label = `${what.plural}-${what.namespace ?? 'cluster'}`;
  const selector = `labelSelector=${LABEL}%3D${label}`;
  const create = (i: number): Promise<Fields> => {
    const name = what.nameOf === undefined ? { generateName: 'e2e-example-' } : { name: what.nameOf(i) };
    const object = what.object(i) as { metadata?: object };
    return api.post(url, {
      ...object,
      metadata: { ...object.metadata, ...name, labels: { [LABEL]: label } },
    });
  };
  const made = [];
  for (let i = 0; i < COUNT; i++) made.push(await create(i));
  const [first] = made;
  const one = `${url}/${nameOf(first)}`;
  includes(await api.get(one), { kind: what.kind, metadata: { uid: first?.metadata?.uid } });
  const list = await api.get(`${url}?${selector}`);
  assert.equal(each(list.items).length, COUNT);
  assert.equal((await api.list(`${everywhere}?${selector}`)).length, COUNT);
  const from = `&resourceVersion=${list.metadata?.resourceVersion}`;
  const watches = [api.watch(`${url}?${selector}${from}`), api.watch(`${everywhere}?${selector}${from}`)];
  const patch = { metadata: { annotations: { patched: 'true' } } };
  includes(await api.patch(one, patch), patch);
  const updated = await api.change(one, (object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, updated: 'true' } },
  }));
  includes(updated.metadata?.annotations, { patched: 'true', updated: 'true' });
  await api.eventually(() => watches.every(({ events }) => events.some(({ object }) => isUpdated(object))));
  for (const { events } of watches) assert.ok(events.every(({ type }) => type === 'MODIFIED'));
  if (what.status !== undefined) await hasStatus(api, one, what.status);
  await api.delete(one);
  await api.gone(one);
  await api.eventually(() => watches.every(({ events }) => events.at(-1)?.type === 'DELETED'));
  for (const watch of watches) watch.stop();
  assert.equal((await api.list(`${url}?${selector}`)).length, COUNT - 1);
  await api.delete(`${url}?${selector}`);
  await api.eventually(async () => assert.deepEqual(await api.list(`${url}?${selector}`), []));
  assert.equal((await refusal(api.get(one))).reason, 'NotFound');
}

const isUpdated = ({ metadata }: Fields): boolean => String(metadata?.annotations?.updated) === 'true';

async function isDiscovered(api: Api, { groupVersion, plural, status }: Operations): Promise<void> {
  const isCore = groupVersion === 'v1';
  if (!isCore) {
    const [name, version] = groupVersion.split('/');
    const group = each((await api.get('/apis')).groups).find((each) => String(each.name) === name);
    assert.ok(
      each(group?.versions).some((served) => String(served.version) === version),
      groupVersion,
    );
    includes(await api.get(`/apis/${name}`), { kind: 'APIGroup', name });
  }
  const { resources } = await api.get(isCore ? '/api/v1' : `/apis/${groupVersion}`);
  const names = each(resources).map((resource) => String(resource.name));
  assert.ok(names.includes(plural));
  if (status !== undefined) assert.ok(names.includes(`${plural}/status`));
}

async function hasStatus(
  api: Api,
  url: string,
  { patch, update }: NonNullable<Operations['status']>,
): Promise<void> {
  const patched = await api.patch(`${url}/status`, {
    metadata: { annotations: { patchedstatus: 'true' } },
    status: patch,
  });
  includes(patched, { metadata: { annotations: { patchedstatus: 'true' } }, status: patch });
  const updated = await api.change(`${url}/status`, (object) => ({
    ...object,
    status: { ...object.status, ...update },
  }));
  includes(updated, { status: update });
  includes(await api.get(`${url}/status`), { metadata: { uid: updated.metadata?.uid }, status: update });
}
