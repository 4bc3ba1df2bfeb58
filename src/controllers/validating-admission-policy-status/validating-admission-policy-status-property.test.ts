/**
 * Policies under trouble: expressions that fit and do not, changed, deleted and made again; caches that lag,
 * streams that break, processes that die at any call. A status is never about another generation's
 * expressions.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { validatingAdmissionPolicies } from '../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { resolveResource } from '../../api/resource.ts';
import { loadBuiltInSchemas } from '../../api/schema/built-in.ts';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicySpec } from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import type { Kind } from './plan.ts';
import { validatingAdmissionPolicyStatusController } from './validating-admission-policy-status.ts';

const SCHEMAS = loadBuiltInSchemas();
const typeOf = (kind: Kind) => resolveResource(kind as ResourceDefinition, SCHEMAS).schema.celType;

/** How many of them fit no Deployment. */
const EXPRESSIONS: { readonly [expression: string]: number } = {
  'object.spec.replicas > 1': 0,
  'object.replicas > 1': 1,
  'object.spec.nothing == 1': 1,
};

const name = fc.constantFrom('one', 'two');
const expressions = fc.uniqueArray(fc.constantFrom(...Object.keys(EXPRESSIONS)), { minLength: 1 });
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('write' as const), name, expressions }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), name }) },
  { weight: 8, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 20, size: 'max' }),
});

function specOf(all: readonly string[]): ValidatingAdmissionPolicySpec {
  const rule = {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    resources: ['deployments'],
    operations: ['CREATE'],
  };
  return {
    matchConstraints: { resourceRules: [rule] },
    validations: all.map((expression) => ({ expression })),
  };
}

const wrongIn = ({ spec }: ValidatingAdmissionPolicy): number =>
  (spec.validations ?? []).reduce((sum, { expression }) => sum + (EXPRESSIONS[expression] ?? 0), 0);

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  /** By uid and generation, how many expressions are wrong. */
  readonly #wrong = new Map<string, number>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [validatingAdmissionPolicies]);
  }

  check(): void {
    for (const { object } of this.#log.take()) {
      const policy = object as ValidatingAdmissionPolicy;
      const { uid = '', name: own = '', generation = 0 } = policy.metadata;
      this.#wrong.set(`${uid} ${generation}`, wrongIn(policy));
      const { observedGeneration, typeChecking } = policy.status;
      if (observedGeneration === undefined) continue;
      assert.ok(observedGeneration <= generation, `${own} is ahead of itself`);
      const expected = this.#wrong.get(`${uid} ${observedGeneration}`);
      assert.equal(typeChecking?.expressionWarnings?.length ?? 0, expected, own);
    }
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'write':
        return this.#write(what.name, specOf(what.expressions));
      case 'delete':
        return unlessGone(client.delete(validatingAdmissionPolicies, { name: what.name }));
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #write(own: string, spec: ValidatingAdmissionPolicySpec): Promise<void> {
    const { client } = this.#cluster;
    try {
      await client.create(validatingAdmissionPolicies, { metadata: { name: own }, spec });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      const body = { spec: { validations: spec.validations ?? [] } };
      await client.patch(validatingAdmissionPolicies, { name: own }, { type: 'merge', body } as never);
    }
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('1m');
    this.check();
    for (const { metadata, status } of (await this.#cluster.client.list(validatingAdmissionPolicies)).items)
      assert.equal(status.observedGeneration, metadata.generation);
  }
}

test('every generation of a policy is looked at, and no status speaks of another one', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const controller = validatingAdmissionPolicyStatusController(() => BUILT_IN_KINDS, typeOf);
      const cluster = await startTestCluster([controller], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
