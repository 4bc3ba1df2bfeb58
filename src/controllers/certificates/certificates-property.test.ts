/**
 * Certificate requests under trouble: asked for, approved, refused, deleted and asked for again under their
 * names; caches that lag, streams that break, clocks that jump, processes that die at any call. Every change
 * is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { certificateRequest } from '../../api/groups/certificates/certificate-request.fixture.ts';
import { certificateSigningRequests } from '../../api/groups/certificates/certificate-signing-request/certificate-signing-request.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { CertificateSigningRequest } from '../../api/types.gen.ts';
import { createAuthority } from '../../pki/pki.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { certificateController } from './certificates.ts';
import { nextStep } from './plan.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client';
const STRANGER = 'acme.io/client';
const PEM = await certificateRequest('CN=jane');
const AUTHORITY = createAuthority('test', Date.parse('2025-12-01T00:00:00Z'), 3_650);

type Decision = 'Approved' | 'Denied';
const name = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('ask' as const),
      name,
      signerName: fc.constantFrom(SIGNER, SIGNER, STRANGER),
      /** What the signer refuses to sign. */
      isOdd: fc.boolean(),
      expirationSeconds: fc.constantFrom(600, 7_200, undefined),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('decide' as const),
      name,
      decision: fc.constantFrom<Decision>('Approved', 'Approved', 'Denied'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), by: fc.constantFrom('1m', '59m', '23h') }),
  },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 20, size: 'max' }),
});

const has = ({ status }: CertificateSigningRequest, wanted: string): boolean =>
  status.conditions?.some(({ type }) => type === wanted) === true;
const isOdd = ({ spec }: CertificateSigningRequest): boolean => spec.usages?.includes('server auth') === true;

function expiryMs({ status: { certificate } }: CertificateSigningRequest): number | undefined {
  if (certificate === undefined) return undefined;
  return new X509Certificate(Buffer.from(certificate, 'base64')).validToDate.getTime();
}

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, CertificateSigningRequest>();
  readonly #deleted = new Set<string>();
  /** The latest that the clock ever showed. */
  #latestMs = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [certificateSigningRequests]);
  }

  check(): void {
    this.#latestMs = Math.max(this.#latestMs, this.#cluster.host.clock.now());
    for (const { type, object } of this.#log.take()) {
      const request = object as CertificateSigningRequest;
      const { uid = '', name = '' } = request.metadata;
      const before = this.#present.get(uid);
      if (type !== 'DELETED') {
        this.#present.set(uid, request);
        this.#checkProgress(request, before);
      } else if (this.#present.delete(uid) && before !== undefined && !this.#deleted.has(uid)) {
        const { type: due } = nextStep(before, expiryMs(before), this.#latestMs);
        assert.equal(due, 'delete', `${name} went before its time`);
      }
    }
  }

  #checkProgress(request: CertificateSigningRequest, before: CertificateSigningRequest | undefined): void {
    const { name = '' } = request.metadata;
    const { certificate } = request.status;
    if (before?.status.certificate !== undefined)
      assert.equal(certificate, before.status.certificate, `${name} was signed again`);
    if (certificate === undefined && !has(request, 'Failed')) return;
    assert.ok(has(request, 'Approved') && !has(request, 'Denied'), `${name} was not approved`);
    assert.equal(request.spec.signerName, SIGNER, `${name} is for somebody else to sign`);
    assert.equal(has(request, 'Failed'), isOdd(request), name);
    assert.equal(certificate === undefined, isOdd(request), name);
  }

  async perform(what: Step): Promise<unknown> {
    switch (what.type) {
      case 'ask':
        return this.#ask(what.name, what.signerName, what.isOdd, what.expirationSeconds);
      case 'decide':
        return this.#decide(what.name, what.decision);
      case 'delete':
        return this.#delete(what.name);
      case 'wait':
        return this.#cluster.advance(what.by);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #ask(name: string, signerName: string, isOdd: boolean, expirationSeconds?: number): Promise<void> {
    const usages = [isOdd ? 'server auth' : 'client auth'];
    const spec = { request: PEM, signerName, usages };
    try {
      await this.#cluster.client.create(certificateSigningRequests, {
        metadata: { name },
        spec: expirationSeconds === undefined ? spec : { ...spec, expirationSeconds },
      });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async #decide(name: string, type: Decision): Promise<void> {
    const { client } = this.#cluster;
    const { items } = await client.list(certificateSigningRequests);
    const request = items.find(({ metadata }) => metadata.name === name);
    if (request === undefined || has(request, 'Approved') || has(request, 'Denied')) return;
    const conditions = [{ type, status: 'True', reason: 'Test', message: '' } as const];
    const next = { ...request, status: { ...request.status, conditions } };
    await client.update(certificateSigningRequests, next, { subresource: 'approval' });
  }

  async #delete(name: string): Promise<void> {
    this.check();
    for (const { metadata } of this.#present.values())
      if (metadata.name === name) this.#deleted.add(metadata.uid ?? '');
    await unlessGone(this.#cluster.client.delete(certificateSigningRequests, { name }));
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#delete('a');
    await this.#ask('a', SIGNER, false);
    await this.#decide('a', 'Approved');
    await this.#cluster.advance('1m');
    this.check();
    for (const request of this.#present.values()) {
      const isDue = has(request, 'Approved') && request.spec.signerName === SIGNER;
      const isDone = request.status.certificate !== undefined || has(request, 'Failed');
      assert.equal(isDone, isDue, `${request.metadata.name ?? ''} waits for ever`);
    }
    // Longer than the clock was ever behind: who waits for a time does so however the clock is set.
    await this.#cluster.advance('3d');
    this.check();
    assert.deepEqual([...this.#present.values()], [], 'all go in the end');
  }
}

test('only what is approved is signed, once, and all go in their time', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([certificateController(AUTHORITY)], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
