import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { Pod } from '../../api/types.gen.ts';
import { extendedRequests } from './extended-claim.ts';

const GPU = 'example.com/gpu';
const NIC = 'example.com/nic';
const CLASSES = new Map([
  [NIC, 'nics'],
  [GPU, 'gpus'],
]);

interface Wants {
  readonly gpu?: number;
  readonly nic?: number;
  readonly restartPolicy?: string;
}

function pod(inits: { readonly [name: string]: Wants }, containers: { readonly [name: string]: Wants }): Pod {
  const all = (of: { readonly [name: string]: Wants }) =>
    Object.entries(of).map(([name, { gpu, nic, ...rest }]) => ({
      name,
      ...rest,
      resources: {
        requests: {
          cpu: '1',
          ...(gpu === undefined ? {} : { [GPU]: String(gpu) }),
          ...(nic === undefined ? {} : { [NIC]: String(nic) }),
        },
      },
    }));
  return { spec: { initContainers: all(inits), containers: all(containers) } } as unknown as Pod;
}

function textOf(of: Pod): string {
  const { requests, mappings } = extendedRequests(of, CLASSES);
  const wanted = requests.map(({ name, exactly }) => `${name}=${exactly?.count} ${exactly?.deviceClassName}`);
  const used = mappings.map(
    ({ containerName, resourceName, requestName }) =>
      `${containerName}.${resourceName.slice('example.com/'.length)}:${requestName}`,
  );
  return [...wanted, ...used].join(', ');
}

test('a request for each container and resource, named by their places', () => {
  assert.equal(
    textOf(pod({}, { a: { gpu: 2 }, b: {}, c: { gpu: 1, nic: 3 } })),
    'container-0-request-1=2 gpus, container-2-request-1=1 gpus, container-2-request-2=3 nics, ' +
      'a.gpu:container-0-request-1, c.gpu:container-2-request-1, c.nic:container-2-request-2',
  );
});

test('init containers use what comes after them, and share the rest', () => {
  assert.equal(
    textOf(pod({ i: { gpu: 3 }, k: { gpu: 4 } }, { a: { gpu: 2 } })),
    'container-1-request-1=2 gpus, container-2-request-1=2 gpus, ' +
      'a.gpu:container-2-request-1, i.gpu:container-2-request-1, i.gpu:container-1-request-1, ' +
      'k.gpu:container-2-request-1, k.gpu:container-1-request-1',
  );
  assert.equal(
    textOf(pod({ i: { gpu: 1 } }, { a: { gpu: 2 } })),
    'container-1-request-1=2 gpus, a.gpu:container-1-request-1, i.gpu:container-1-request-1',
  );
});

test('a sidecar keeps its devices; only init containers before it may use them', () => {
  const sidecar = { gpu: 1, restartPolicy: 'Always' };
  assert.equal(
    textOf(pod({ i: { gpu: 1 }, s: sidecar, k: { gpu: 1 } }, { a: {} })),
    'container-1-request-1=1 gpus, container-2-request-1=1 gpus, ' +
      's.gpu:container-1-request-1, i.gpu:container-1-request-1, k.gpu:container-2-request-1',
  );
});

test('nothing wanted, nothing requested', () => {
  assert.equal(textOf(pod({ i: { gpu: 0 } }, { a: {} })), '');
});

const wants = fc.record({ gpu: fc.integer({ min: 0, max: 3 }), isSidecar: fc.boolean() });

test('whatever the containers: each has enough, those at work together share nothing, and no more than that', () => {
  fc.assert(
    fc.property(
      fc.array(wants, { maxLength: 4 }),
      fc.array(wants, { minLength: 1, maxLength: 3 }),
      (inits, mains) => {
        const named = (prefix: string, all: typeof inits, isInit: boolean) =>
          Object.fromEntries(
            all.map(({ gpu, isSidecar }, i) => [
              `${prefix}${i}`,
              { gpu, ...(isInit && isSidecar ? { restartPolicy: 'Always' } : {}) },
            ]),
          );
        const one = pod(named('i', inits, true), named('m', mains, false));
        const { requests, mappings } = extendedRequests(one, new Map([[GPU, 'gpus']]));
        const countOf = new Map(requests.map(({ name, exactly }) => [name, exactly?.count ?? 0]));
        assert.equal(countOf.size, requests.length);
        const usedBy = (name: string) =>
          mappings.flatMap(({ containerName, requestName }) => (containerName === name ? [requestName] : []));
        const all = [
          ...inits.map((each, i) => ({ ...each, name: `i${i}` })),
          ...mains.map((each, i) => ({ ...each, name: `m${i}`, isSidecar: true })),
        ];
        const lasting = all.filter(({ isSidecar }) => isSidecar);
        for (const [at, { name, gpu, isSidecar }] of all.entries()) {
          const used = usedBy(name);
          assert.ok(used.reduce((sum, request) => sum + (countOf.get(request) ?? 0), 0) >= gpu, name);
          const beside = all.slice(0, at).filter((other) => other.isSidecar);
          const others = isSidecar ? lasting.filter((other) => other.name !== name) : beside;
          for (const other of others)
            assert.ok(!usedBy(other.name).some((request) => used.includes(request)));
        }
        const total = [...countOf.values()].reduce((sum, count) => sum + count, 0);
        const needed = lasting.reduce((sum, { gpu }) => sum + gpu, 0);
        assert.ok(total >= needed);
        if (inits.every(({ isSidecar }) => !isSidecar))
          assert.equal(total, Math.max(needed, ...inits.map(({ gpu }) => gpu)));
      },
    ),
    games(),
  );
});
