import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateRequest } from '../../../api/groups/certificates/certificate-request.fixture.ts';
import { certificateSigningRequests } from '../../../api/groups/certificates/certificate-signing-request/certificate-signing-request.ts';
import type { CertificateSigningRequest } from '../../../api/types.gen.ts';
import type { UserInfo } from '../../../client/operation.ts';
import { createAuthority } from '../../../pki/pki.ts';
import type { AccessAttributes } from '../../authorization/authorizer.ts';
import { createTestPipeline, type TestPipeline } from '../../pipeline.fixture.ts';
import { certificateApprovalHandler } from '../../subresources/certificate-approval.ts';
import { certificateSigning } from '../certificate-signing/certificate-signing.ts';
import { certificateSubjectRestriction } from '../certificate-subject-restriction/certificate-subject-restriction.ts';
import { certificateApproval } from './certificate-approval.ts';

const DEVELOPER: UserInfo = { name: 'dev', uid: '7', groups: ['devs'], extra: { team: ['a', 'b'] } };
const APPROVER: UserInfo = { name: 'approver', groups: [] };
const SIGNER: UserInfo = { name: 'signer', groups: [] };

/** Everybody may write requests; only the approver may approve for acme.io, only the signer sign. */
function start(): TestPipeline {
  const granted = (asked: AccessAttributes): boolean => {
    if (asked.type !== 'resource' || asked.resource !== 'signers') return true;
    const who = { approve: APPROVER.name, sign: SIGNER.name }[asked.verb];
    return asked.user.name === who && asked.name === 'acme.io/*';
  };
  const authorizer = { authorize: (asked: AccessAttributes) => ({ allowed: granted(asked), reason: '' }) };
  return createTestPipeline(() => ({
    authorizer,
    admission: [
      certificateApproval(authorizer),
      certificateSigning(authorizer),
      certificateSubjectRestriction,
    ],
    subresources: [certificateApprovalHandler],
  }));
}

async function asked(
  { clientOf }: TestPipeline,
  signerName = 'acme.io/client',
  subject = 'CN=dev',
): Promise<CertificateSigningRequest> {
  return clientOf(DEVELOPER).create(certificateSigningRequests, {
    metadata: { name: 'mine' },
    spec: {
      request: await certificateRequest(subject),
      signerName,
      usages: ['client auth'],
      username: 'somebody else',
    },
    status: { certificate: 'AAAA' },
  });
}

const STATUS = { subresource: 'status' } as const;
const condition = (type: string) => ({ type, status: 'True', reason: 'Because' });
const withConditions = (request: CertificateSigningRequest, ...types: string[]) => ({
  ...request,
  status: { ...request.status, conditions: types.map(condition) },
});

test('who asks is written down, nothing is decided', async () => {
  const { spec, status } = await asked(start());
  assert.deepEqual(
    [spec.username, spec.uid, spec.groups, spec.extra],
    ['dev', '7', ['devs'], { team: ['a', 'b'] }],
  );
  assert.deepEqual(status, {});
});

test('an update changes nothing of what was asked', async () => {
  const pipeline = start();
  const request = await asked(pipeline);
  const changed = { ...request, spec: { ...request.spec, username: 'root' } };
  const after = await pipeline.client.update(certificateSigningRequests, changed);
  assert.equal(after.spec.username, 'dev');
});

test('approval: by the approver, once, and nothing but conditions', async () => {
  const pipeline = start();
  const request = await asked(pipeline);
  const approve = { ...withConditions(request, 'Approved'), spec: { ...request.spec, username: 'root' } };
  const approval = { subresource: 'approval' } as const;
  await assert.rejects(pipeline.client.update(certificateSigningRequests, approve, approval), {
    code: 403,
    message:
      'certificatesigningrequests.certificates.k8s.io "mine" is forbidden: user not permitted to approve requests with signerName "acme.io/client"',
  });
  const client = pipeline.clientOf(APPROVER);
  const approved = await client.update(certificateSigningRequests, approve, approval);
  const [first] = approved.status.conditions ?? [];
  assert.equal(first?.type, 'Approved');
  assert.ok(first.lastUpdateTime !== undefined && first.lastTransitionTime !== undefined);
  assert.equal(approved.spec.username, 'dev');
  const remove = client.update(certificateSigningRequests, withConditions(approved), approval);
  await assert.rejects(remove, /updates may not remove a condition of type "Approved"/);
  const both = client.update(
    certificateSigningRequests,
    withConditions(approved, 'Approved', 'Denied'),
    approval,
  );
  await assert.rejects(both, /Approved and Denied conditions are mutually exclusive/);
});

test('status: the signer sets the certificate once, and decides nothing', async () => {
  const pipeline = start();
  const request = await asked(pipeline);
  const { certificatePem } = createAuthority('ca', 0, 1);
  const certificate = Buffer.from(certificatePem).toString('base64');
  const issue = { ...request, status: { certificate } };
  await assert.rejects(pipeline.client.update(certificateSigningRequests, issue, STATUS), {
    message:
      'certificatesigningrequests.certificates.k8s.io "mine" is forbidden: user not permitted to sign requests with signerName "acme.io/client"',
  });
  const client = pipeline.clientOf(SIGNER);
  const decide = client.update(certificateSigningRequests, withConditions(request, 'Approved'), STATUS);
  await assert.rejects(decide, /updates may not add a condition of type "Approved"/);
  const issued = await client.update(certificateSigningRequests, issue, STATUS);
  assert.equal(issued.status.certificate, certificate);
  const again = client.update(certificateSigningRequests, { ...issued, status: {} }, STATUS);
  await assert.rejects(again, /updates may not modify existing certificate content/);
});

test('nobody asks to become a superuser', async () => {
  const signer = 'kubernetes.io/kube-apiserver-client';
  await assert.rejects(asked(start(), signer, 'CN=dev, O=system:masters'), {
    message: `certificatesigningrequests.certificates.k8s.io "mine" is forbidden: use of ${signer} signer with system:masters group is not allowed`,
  });
  await asked(start(), signer, 'CN=dev, O=devs');
});
