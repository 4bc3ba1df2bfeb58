import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { Pod, Service } from '../../api/types.gen.ts';
import { ListedInformers } from '../../client/informer/listed-informers.fixture.ts';
import { ServicePods } from './service-pods.ts';

type Labels = { readonly [key: string]: string };

const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b'));
const place = fc.record({
  namespace: fc.constantFrom('n1', 'n2'),
  name: fc.constantFrom('1', '2', '3'),
});
const step = fc.oneof(
  fc.record({ type: fc.constant('pod' as const), place, labels }),
  fc.record({ type: fc.constant('no-pod' as const), place }),
  fc.record({ type: fc.constant('service' as const), place, labels, external: fc.boolean() }),
  fc.record({ type: fc.constant('no-service' as const), place }),
);

interface Place {
  readonly namespace: string;
  readonly name: string;
}

const pod = (metadata: Place, own: Labels = {}): Pod =>
  ({ kind: 'Pod', metadata: { ...metadata, labels: own }, spec: {}, status: {} }) as unknown as Pod;

const service = (metadata: Place, selector: Labels = {}, external = false): Service =>
  ({
    kind: 'Service',
    metadata,
    spec: { selector, type: external ? 'ExternalName' : 'ClusterIP' },
  }) as unknown as Service;

test('behind every service are the pods that it selects, whatever came in which order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const informers = new ListedInformers();
      const told = new Set<string>();
      const servicePods = new ServicePods(informers, (key) => told.add(key));
      const pods = new Map<string, Labels>();
      const services = new Map<string, Labels>();
      const behind = (key: string): readonly string[] =>
        servicePods.behind(key).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      const expected = (key: string): readonly string[] => {
        const selector = Object.entries(services.get(key) ?? {});
        const [namespace] = key.split('/');
        return [...pods]
          .filter(
            ([name, own]) => name.startsWith(`${namespace}/`) && selector.every(([k, v]) => own[k] === v),
          )
          .map(([name]) => name);
      };
      let before = new Map<string, string>();
      for (const one of steps) {
        const key = `${one.place.namespace}/${one.place.name}`;
        told.clear();
        switch (one.type) {
          case 'pod':
            pods.set(key, one.labels);
            informers.set(pod(one.place, one.labels));
            break;
          case 'no-pod':
            pods.delete(key);
            informers.delete(pod(one.place));
            break;
          case 'service':
            if (one.external || Object.keys(one.labels).length === 0) services.delete(key);
            else services.set(key, one.labels);
            informers.set(service(one.place, one.labels, one.external));
            break;
          case 'no-service':
            services.delete(key);
            informers.delete(service(one.place));
            break;
        }
        const now = new Map<string, string>();
        for (const of of services.keys()) {
          assert.deepEqual(behind(of).toSorted(), expected(of).toSorted(), of);
          now.set(of, expected(of).toSorted().join());
          if (now.get(of) !== before.get(of)) assert.ok(told.has(of), `${of} was not told of`);
        }
        before = now;
      }
    }),
    games(),
  );
});
