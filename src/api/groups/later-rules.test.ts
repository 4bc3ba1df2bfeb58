/** Objects from before a rule came can still be changed; the others have to keep it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft, KubernetesObject } from '../meta/object.ts';
import type { ResourceDefinition } from '../meta/resource-definition.ts';
import type { Ingress, NetworkPolicy, Pod, PodSpec, PodTemplateSpec, StatefulSet } from '../types.gen.ts';
import type { Deployment, PersistentVolumeClaim } from '../types.gen.ts';
import { deployments } from './apps/deployment/deployment.ts';
import { statefulSets } from './apps/stateful-set/stateful-set.ts';
import { persistentVolumeClaims } from './core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from './core/pod/pod.ts';
import { judge } from './judge.fixture.ts';
import { ingresses } from './networking/ingress/ingress.ts';
import { networkPolicies } from './networking/network-policy/network-policy.ts';

const BAD_VALUES = { matchExpressions: [{ key: 'app', operator: 'In', values: ['not a value'] }] };
const containers = [{ name: 'main', image: 'app' }];

function pod(spec: Partial<PodSpec>, annotations: { readonly [key: string]: string } = {}): Draft<Pod> {
  return { metadata: { name: 'p', annotations }, spec: { containers, ...spec } } as Draft<Pod>;
}

function template(spec: Partial<PodSpec>): PodTemplateSpec {
  return {
    metadata: { labels: { app: 'web' } },
    spec: { containers, ...spec },
  } as PodTemplateSpec;
}

function deployment(spec: Partial<PodSpec>): Draft<Deployment> {
  const selector = { matchLabels: { app: 'web' } };
  return { metadata: { name: 'd' }, spec: { selector, template: template(spec) } } as Draft<Deployment>;
}

function statefulSet(spec: Partial<PodSpec>, replicas = 1): Draft<StatefulSet> {
  const selector = { matchLabels: { app: 'web' } };
  const metadata = { name: 's' };
  return { metadata, spec: { selector, replicas, template: template(spec) } } as Draft<StatefulSet>;
}

const nodeAffinity = (values: readonly string[]): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values }] }],
      },
    },
  },
});

const podAffinity: Partial<PodSpec> = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: BAD_VALUES as never },
      ],
    },
  },
};

const spread = (more: object): Partial<PodSpec> => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', ...more },
  ],
});

const tokenPath = (path: string): Partial<PodSpec> => ({
  volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path } }] } }],
});

/** `broken` breaks a rule that came later, `kept` does not. */
function ratchets<T extends KubernetesObject>(
  what: string,
  definition: ResourceDefinition<T>,
  broken: Draft<T>,
  kept: Draft<T>,
): void {
  test(`${definition.kind}: ${what}`, () => {
    const judged = judge(definition);
    assert.equal(judged.refused(broken).length > 0, true, 'no new object breaks it');
    assert.deepEqual(judged.refused(kept), []);
    const labelled = { ...broken, metadata: { ...broken.metadata, labels: { touched: 'yes' } } };
    assert.deepEqual(judged.refusedUpdate(labelled, broken), [], 'who broke it may stay');
    assert.notDeepEqual(judged.refusedUpdate(broken, kept), [], 'who kept it goes on');
  });
}

const COST = 'controller.kubernetes.io/pod-deletion-cost';
ratchets('cost of deletion', pods, pod({}, { [COST]: '+1' }), pod({}, { [COST]: '-10' }));
ratchets('values in node affinity', pods, pod(nodeAffinity(['a b'])), pod(nodeAffinity(['a'])));
ratchets('values in pod affinity', deployments, deployment(podAffinity), deployment({}));
ratchets(
  'spread selectors',
  deployments,
  deployment(spread({ labelSelector: { matchLabels: { app: 'a b' } } })),
  deployment(spread({ labelSelector: { matchLabels: { app: 'a' } } })),
);
ratchets('label keys', deployments, deployment(spread({ matchLabelKeys: ['app'] })), deployment(spread({})));
ratchets('token paths', deployments, deployment(tokenPath('../up')), deployment(tokenPath('token')));
ratchets('templates', statefulSets, statefulSet({ hostAliases: [{ ip: 'none' }] }), statefulSet({}));

ratchets(
  'huge pages',
  deployments,
  deployment({
    containers: [{ name: 'main', image: 'app', resources: { limits: { 'hugepages-2Mi': '1Mi', cpu: '1' } } }],
  }),
  deployment({}),
);
ratchets(
  'sysctls',
  deployments,
  deployment({ hostIPC: true, securityContext: { sysctls: [{ name: 'kernel.sem', value: '1' }] } }),
  deployment({}),
);

const ingress = (tls: string, host: string, path: string): Draft<Ingress> =>
  ({
    metadata: { name: 'i' },
    spec: {
      tls: [{ secretName: tls }],
      rules: [
        {
          host,
          http: {
            paths: [{ path, pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }],
          },
        },
      ],
    },
  }) as Draft<Ingress>;
ratchets('secret names', ingresses, ingress('Not A Name', 'a.com', '/'), ingress('name', 'a.com', '/'));
ratchets('wildcards', ingresses, ingress('name', '*.a.com', 'no'), ingress('name', '*.a.com', '/'));

const policy = (podSelector: object): Draft<NetworkPolicy> =>
  ({ metadata: { name: 'n' }, spec: { podSelector } }) as Draft<NetworkPolicy>;
ratchets('selectors', networkPolicies, policy(BAD_VALUES), policy({}));

test('a rule that was broken excuses no other', () => {
  const judged = judge(deployments);
  const both = deployment({ ...podAffinity, ...tokenPath('../up') });
  assert.deepEqual(judged.refusedUpdate(both, deployment(podAffinity)), [
    'spec.template.spec.volumes[0].projected.sources[0].serviceAccountToken.path: ' +
      'Invalid value: "../up": must not contain \'..\'',
  ]);
});

test('rules that were always there are judged again', () => {
  const bad = deployment({ hostAliases: [{ ip: 'none' }] });
  assert.notDeepEqual(judge(deployments).refusedUpdate(bad, bad), []);
  const label = ingress('name', 'a.com', 'no');
  assert.notDeepEqual(judge(ingresses).refusedUpdate(label, label), []);
});

test('a claim may keep what its selector says', () => {
  const claim = (labels: { readonly [key: string]: string }): Draft<PersistentVolumeClaim> =>
    ({
      metadata: { name: 'c', labels },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        selector: BAD_VALUES,
      },
    }) as unknown as Draft<PersistentVolumeClaim>;
  assert.deepEqual(judge(persistentVolumeClaims).refusedUpdate(claim({ a: 'b' }), claim({})), []);
});
