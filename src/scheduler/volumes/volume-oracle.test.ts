/** Random volumes, claims and pods: a node is found exactly when some way to give volumes exists there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { PersistentVolume, Pod } from '../../api/types.gen.ts';
import { boundClaim } from '../../api/volume-binding/binding.ts';
import { reserve, unreserve, type Placement } from '../binding.ts';
import { decide } from '../cycle.ts';
import { problemOf } from '../oracle.fixture.ts';
import { claim, node, pod, storageClass, storageOf, volume, type TestStorage } from './storage.fixture.ts';
import { isReachable } from './volume-oracle.fixture.ts';

const NODES = ['a', 'b', 'c'].map((name) => node(name));
const CLAIMS = 5;

const volumeInput = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  on: fc.constantFrom('a', 'b', 'c', undefined),
});
const claimInput = fc.record({ size: fc.integer({ min: 1, max: 4 }), isExclusive: fc.boolean() });
const at = fc.nat(20);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .uniqueArray(fc.nat(CLAIMS - 1), { minLength: 1, maxLength: 3 })
      .map((claims) => ({ do: 'place', claims }) as const),
  },
  { weight: 1, arbitrary: at.map((i) => ({ do: 'fail', at: i }) as const) },
  { weight: 2, arbitrary: at.map((i) => ({ do: 'write', at: i }) as const) },
  { weight: 2, arbitrary: at.map((i) => ({ do: 'bind', at: i }) as const) },
  { weight: 1, arbitrary: at.map((i) => ({ do: 'remove', at: i }) as const) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Placed {
  readonly placement: Placement;
  readonly pod: Pod;
  /** Volumes that were given with this decision and are not written. */
  given: readonly string[];
}

class Game {
  readonly #storage: TestStorage;
  readonly #volumes: readonly string[];
  readonly #owners = new Map<string, string>();
  #placed: Placed[] = [];
  #sequence = 0;

  constructor(storage: TestStorage, volumes: readonly string[]) {
    this.#storage = storage;
    this.#volumes = volumes;
  }

  play(one: Step): void {
    if (one.do === 'place') return this.#place(one.claims);
    const placed = this.#placed[one.at % Math.max(this.#placed.length, 1)];
    if (placed === undefined) return;
    switch (one.do) {
      case 'fail':
        unreserve(placed.placement);
        this.#storage.cache.forget(placed.pod);
        for (const name of placed.given) this.#owners.delete(name);
        this.#placed = this.#placed.filter((other) => other !== placed);
        return;
      case 'write':
        for (const name of placed.given) this.#storage.informers.set(newer(this.#volume(name)));
        placed.given = [];
        return;
      case 'bind':
        return this.#bind();
      case 'remove':
        this.#storage.cache.removePod(placed.pod.metadata.uid ?? '');
        this.#placed = this.#placed.filter((other) => other !== placed);
        // Its volumes are written all the same: nobody stops a binding half way.
        for (const name of placed.given) this.#storage.informers.set(newer(this.#volume(name)));
    }
  }

  #place(claims: readonly number[]): void {
    const { cache, profile } = this.#storage;
    const wanted = pod(`p${this.#sequence++}`, ...claims.map((i) => `c${i}`));
    const decision = decide({ pod: wanted, cache, profile, start: 0, integer: () => 0 });
    const fitting = NODES.filter((one) => problemOf(wanted, one, this.#world()) === undefined);
    const names = fitting.map(({ metadata }) => metadata.name);
    if (decision.outcome === 'none') return assert.deepEqual(names, [], decision.message);
    assert.ok(names.includes(decision.node.name), `${decision.node.name} of ${names.join()}`);
    const placement = { pod: wanted, node: decision.node, profile, prepared: decision.prepared };
    cache.assume(wanted, decision.node.name);
    assert.equal(reserve(placement), undefined);
    const given = this.#volumes.filter(
      (name) => !this.#owners.has(name) && this.#ownerOf(name) !== undefined,
    );
    for (const name of given) {
      assert.ok(isReachable(this.#volume(name), decision.node.node));
      this.#owners.set(name, this.#ownerOf(name) ?? '');
    }
    for (const i of claims)
      assert.equal([...this.#owners.values()].filter((owner) => owner === `c${i}`).length, 1);
    const nodeName = decision.node.name;
    this.#placed.push({ placement, pod: { ...wanted, spec: { ...wanted.spec, nodeName } }, given });
  }

  /** Every claim whose volume is written says so. */
  #bind(): void {
    const { volumes: catalog } = this.#storage.context;
    for (const name of this.#volumes) {
      const written = catalog.writtenVolume(name);
      const present = catalog.writtenClaim('default', written?.spec.claimRef?.name ?? '');
      if (written !== undefined && present !== undefined)
        this.#storage.informers.set(newer(boundClaim(present, written)));
    }
  }

  #world() {
    const { volumes: catalog } = this.#storage.context;
    return {
      nodes: NODES,
      namespaces: new Map(),
      pods: this.#placed.map((placed) => placed.pod),
      storage: {
        volumes: this.#volumes.map((name) => this.#volume(name)),
        claims: Array.from({ length: CLAIMS }, (_, i) => catalog.writtenClaim('default', `c${i}`)).filter(
          (one) => one !== undefined,
        ),
        owners: this.#owners,
      },
    };
  }

  #volume(name: string): PersistentVolume {
    return this.#storage.context.volumes.volume(name) as PersistentVolume;
  }

  #ownerOf(name: string): string | undefined {
    return this.#volume(name).spec.claimRef?.name;
  }
}

function newer<T extends { readonly metadata: PersistentVolume['metadata'] }>(object: T): T {
  const resourceVersion = `${Number(object.metadata.resourceVersion) + 1}`;
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

test('a node is found exactly when its volumes allow it, and no volume is given twice', () => {
  fc.assert(
    fc.property(
      fc.array(volumeInput, { maxLength: 6 }),
      fc.array(claimInput, { minLength: CLAIMS, maxLength: CLAIMS }),
      fc.array(step, { maxLength: 25 }),
      (volumes, claims, steps) => {
        const storage = storageOf(
          ...NODES,
          storageClass('late', 'kubernetes.io/no-provisioner'),
          ...volumes.map(({ size, on }, i) =>
            volume(`v${i}`, {
              size: `${size}Gi`,
              ...(on === undefined ? {} : { on }),
              source: { accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'] },
            }),
          ),
          ...claims.map(({ size, isExclusive }, i) =>
            claim(`c${i}`, {
              size: `${size}Gi`,
              modes: [isExclusive ? 'ReadWriteOncePod' : 'ReadWriteOnce'],
            }),
          ),
        );
        const game = new Game(
          storage,
          volumes.map((_, i) => `v${i}`),
        );
        for (const one of steps) game.play(one);
      },
    ),
    games(400),
  );
});
