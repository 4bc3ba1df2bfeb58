import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../../api/time/time.ts';
import type { CertificateSigningRequest } from '../../api/types.gen.ts';
import { nextStep, validity } from './plan.ts';
import { signerProblem } from './signers.ts';

const HOUR = 3_600_000;
const NOW = 100 * HOUR;

function stepOf(ageMs: number, decision?: 'Approved' | 'Denied' | 'Failed', expiresMs?: number): string {
  const time = formatTime(NOW - ageMs);
  const condition = { type: decision ?? '', status: 'True', lastUpdateTime: time };
  const request = {
    metadata: { creationTimestamp: time },
    status: decision === undefined ? {} : { conditions: [condition] },
  } as unknown as CertificateSigningRequest;
  return nextStep(request, expiresMs, NOW).type;
}

test('what becomes of a request, and when it goes', () => {
  const cases: readonly [...Parameters<typeof stepOf>, string][] = [
    [HOUR, undefined, undefined, 'consider'],
    [24 * HOUR, undefined, undefined, 'delete'],
    [HOUR / 2, 'Approved', undefined, 'sign'],
    [HOUR / 2, 'Approved', NOW + HOUR, 'keep'],
    [HOUR / 2, 'Approved', NOW, 'delete'],
    [HOUR, 'Approved', NOW + HOUR, 'delete'],
    [HOUR / 2, 'Denied', undefined, 'keep'],
    [HOUR, 'Denied', undefined, 'delete'],
    [HOUR / 2, 'Failed', undefined, 'keep'],
    [HOUR, 'Failed', undefined, 'delete'],
  ];
  for (const [age, decision, expires, wanted] of cases) {
    assert.equal(stepOf(age, decision, expires), wanted, `${decision ?? 'pending'} for ${age / HOUR} h`);
  }
});

test('how long a certificate is good', () => {
  const hours = (seconds?: number): number => (validity(seconds, NOW).notAfterMs - NOW) / HOUR;
  assert.equal(hours(), 365 * 24 - 1 / 12);
  assert.equal(hours(3600), 1);
  assert.equal(hours(60), 1 / 6);
  assert.equal(hours(10 * 365 * 86_400), 365 * 24 - 1 / 12);
  assert.equal(validity(3600, NOW).notBeforeMs, NOW - HOUR / 12);
});

test('what the signers ask for', () => {
  const node = {
    commonName: 'system:node:one',
    organizations: ['system:nodes'],
    ...{ dnsNames: [], addresses: [], emails: [], uris: [] },
  };
  const client = ['digital signature', 'client auth'];
  const serving = ['digital signature', 'key encipherment', 'server auth'];
  const of = (name: string, names: object, usages: readonly string[]) =>
    signerProblem(`kubernetes.io/${name}`, { ...node, ...names }, usages);
  const kubelet = 'kube-apiserver-client-kubelet';
  assert.equal(of(kubelet, {}, client), undefined);
  assert.equal(of(kubelet, {}, ['key encipherment', ...client]), undefined);
  assert.equal(of(kubelet, { organizations: [] }, client), 'subject organization is not system:nodes');
  assert.equal(of(kubelet, { dnsNames: ['one'] }, client), 'DNS subjectAltNames are not allowed');
  assert.equal(
    of(kubelet, { commonName: 'one' }, client),
    'subject common name does not begin with system:node:',
  );
  assert.equal(
    of(kubelet, {}, serving),
    'usages did not match [client auth digital signature key encipherment]',
  );
  assert.equal(of('kubelet-serving', { addresses: ['10.0.0.1'] }, serving), undefined);
  assert.equal(of('kubelet-serving', {}, serving), 'DNS or IP subjectAltName is required');
  assert.equal(of('kube-apiserver-client', { commonName: 'jane' }, client), undefined);
  assert.equal(of('kube-apiserver-client', {}, serving), 'invalid usage for client certificate: server auth');
  assert.equal(
    of('kube-apiserver-client', {}, []),
    'missing required usage for client certificate: client auth',
  );
});
