import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { CustomResourceDefinition } from '../api/types.gen.ts';
import type { Informer } from '../client/informer/informer.ts';
import { ListedInformers } from '../client/informer/listed-informers.fixture.ts';
import { Followed } from './followed.ts';
import { stages, type Stage } from './stages/stage.ts';

/** The first list of Stages takes as long as the test wants. */
class SlowInformers extends ListedInformers {
  isListed = false;

  override of<T extends KubernetesObject>(type: ResourceType<T>): Informer<T> {
    const informer = super.of(type);
    if (type.kind !== stages.kind) return informer;
    const slow = Object.create(informer) as Informer<T>;
    slow.subscribe = (onChange) => informer.subscribe(onChange);
    slow.list = () => informer.list();
    slow.synced = () => this.isListed;
    return slow;
  }
}

function definition(status: 'True' | 'False', served = true): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'stages.kwok.x-k8s.io' },
    spec: {
      group: stages.group,
      scope: 'Cluster',
      names: { plural: stages.plural, kind: stages.kind },
      versions: [{ name: stages.version, served, storage: true }],
    },
    status: {
      conditions: [{ type: 'Established', status }],
      acceptedNames: { plural: stages.plural, kind: stages.kind },
      storedVersions: [stages.version],
    },
  };
}

const STAGE: Stage = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name: 'one' },
  spec: {},
};

test('a kind is followed from the moment that it is served, and known when it was listed', () => {
  const informers = new SlowInformers();
  informers.set(STAGE);
  const followed = new Followed(informers, stages);
  const seen: string[] = [];
  followed.subscribe((_next, _old, key) => void seen.push(key));
  for (const early of [definition('False'), definition('True', false)]) {
    informers.set(early);
    assert.deepEqual([followed.isPending, followed.list().length, seen.length], [false, 0, 0]);
  }
  informers.set(definition('True'));
  assert.equal(followed.isPending, true);
  informers.isListed = true;
  assert.equal(followed.isPending, false);
  assert.deepEqual(followed.list(), [STAGE]);
  assert.deepEqual(seen, ['one']);
});
