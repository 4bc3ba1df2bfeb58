/**
 * The certificate controller: approves the client certificates that nodes may give themselves, signs what is
 * approved for one of Kubernetes' own signers, and takes requests away that are done with.
 *
 * Inputs: requests from the informer, the cluster's authority. Outputs: conditions, certificates, deletions.
 * Invariants: nothing is signed that nobody approved; requests for other signers are only cleaned up.
 */

import { X509Certificate } from 'node:crypto';
import { subjectAccessReviews } from '../../api/groups/authorization/subject-access-review/subject-access-review.ts';
import { certificateSigningRequests } from '../../api/groups/certificates/certificate-signing-request/certificate-signing-request.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { formatTime } from '../../api/time/time.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../api/types.gen.ts';
import {
  readRequestedNames,
  signCertificateRequest,
  type RequestedNames,
} from '../../pki/certificate-request.ts';
import type { KeyPair } from '../../pki/pki.ts';
import type { ControllerContext, ControllerDefinition } from '../../reconcile/controller.ts';
import { nextStep, validity } from './plan.ts';
import { KUBELET_CLIENT, kubeletClientProblem, signerProblem, SIGNERS } from './signers.ts';

type Request = CertificateSigningRequest;

export function certificateController(authority: KeyPair): ControllerDefinition {
  const { group, plural } = certificateSigningRequests;
  return {
    name: 'certificate-controller',
    permissions: [
      { apiGroups: [group], resources: [plural], verbs: ['delete', 'get', 'list', 'watch'] },
      { apiGroups: [group], resources: [`${plural}/approval`, `${plural}/status`], verbs: ['update'] },
      { apiGroups: [group], resources: ['signers'], resourceNames: [KUBELET_CLIENT], verbs: ['approve'] },
      { apiGroups: [group], resources: ['signers'], resourceNames: SIGNERS, verbs: ['sign'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    workers: 5,
    build: (context, enqueue) => {
      const { informers, clock } = context;
      const requests = informers.of(certificateSigningRequests);
      requests.subscribe((_next, _old, key) => enqueue(key));
      return {
        reconcile: async (name) => {
          const request = requests.getByKey(name);
          if (request === undefined) return {};
          const step = nextStep(request, expiryOf(request), clock.now());
          try {
            if (step.type === 'delete') await remove(context, request);
            if (step.type === 'consider') await consider(context, request);
            if (step.type === 'sign') await sign(context, request, authority);
          } catch (error) {
            if (!isApiError(error, 'NotFound')) throw error;
          }
          return step.type === 'delete' ? {} : { requeueAfterMs: step.deleteInMs };
        },
      };
    },
  };
}

/**
 * Only as it was seen: one that was decided meanwhile, or made anew under the same name, has its own time.
 */
async function remove({ client }: ControllerContext, { metadata }: Request): Promise<void> {
  const { name = '', uid = '', resourceVersion = '' } = metadata;
  await client.delete(certificateSigningRequests, { name }, { preconditions: { uid, resourceVersion } });
}

function expiryOf({ status }: Request): number | undefined {
  const { certificate = '' } = status;
  if (certificate === '') return undefined;
  return new X509Certificate(Buffer.from(certificate, 'base64')).validToDate.getTime();
}

function pemOf({ spec }: Request): string {
  return Buffer.from(spec.request, 'base64').toString();
}

/** Who approves by hand does so for what nodes may not get by themselves. */
async function consider({ client, clock }: ControllerContext, request: Request): Promise<void> {
  const { spec, status } = request;
  if (spec.signerName !== KUBELET_CLIENT) return;
  const names = readRequestedNames(pemOf(request));
  if (kubeletClientProblem(names, spec.usages ?? []) !== undefined) return;
  for (const { subresource, message } of recognized(request, names)) {
    const { status: verdict } = await client.create(subjectAccessReviews, {
      spec: {
        ...(spec.username === undefined ? {} : { user: spec.username }),
        ...(spec.uid === undefined ? {} : { uid: spec.uid }),
        ...(spec.groups === undefined ? {} : { groups: spec.groups }),
        ...(spec.extra === undefined ? {} : { extra: spec.extra }),
        resourceAttributes: {
          ...{ group: certificateSigningRequests.group, resource: certificateSigningRequests.plural },
          ...{ verb: 'create', subresource, version: '*' },
        },
      },
    });
    if (verdict?.allowed !== true) continue;
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message } as const;
    const conditions = [
      ...(status.conditions ?? []),
      { ...approved, lastUpdateTime: formatTime(clock.now()) },
    ];
    const next = { ...request, status: { ...status, conditions } };
    await client.update(certificateSigningRequests, next, { subresource: 'approval' });
    return;
  }
}

interface Recognized {
  readonly subresource: string;
  readonly message: string;
}

function recognized({ spec }: Request, { commonName }: RequestedNames): readonly Recognized[] {
  const message = (what: string): string => `Auto approving ${what} after SubjectAccessReview.`;
  const own = { subresource: 'selfnodeclient', message: message('self kubelet client certificate') };
  const any = { subresource: 'nodeclient', message: message('kubelet client certificate') };
  return spec.username === commonName ? [own, any] : [any];
}

async function sign(
  { client, clock }: ControllerContext,
  request: Request,
  authority: KeyPair,
): Promise<void> {
  const { spec, status } = request;
  if (!SIGNERS.includes(spec.signerName)) return;
  const pem = pemOf(request);
  const usages = spec.usages ?? [];
  const problem = signerProblem(spec.signerName, readRequestedNames(pem), usages);
  const nowMs = clock.now();
  const write = (next: Request['status']): Promise<Request> =>
    client.update(certificateSigningRequests, { ...request, status: next }, { subresource: 'status' });
  if (problem !== undefined) {
    const failed: CertificateSigningRequestCondition = {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message: problem,
      lastUpdateTime: formatTime(nowMs),
    };
    await write({ ...status, conditions: [...(status.conditions ?? []), failed] });
    return;
  }
  const terms = { usages, ...validity(spec.expirationSeconds, nowMs) };
  const certificate = signCertificateRequest(authority, pem, terms);
  await write({ ...status, certificate: Buffer.from(certificate).toString('base64') });
}
