/** `certificatesigningrequests/approval`: approves or denies a request, and changes nothing else of it. */

import {
  certificateSigningRequests,
  withTimes,
} from '../../api/groups/certificates/certificate-signing-request/certificate-signing-request.ts';
import { validateProgress } from '../../api/groups/certificates/certificate-signing-request/validate-request.ts';
import { invalidError, methodNotAllowedError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { CertificateSigningRequest } from '../../api/types.gen.ts';
import type { Outcome } from '../../client/operation.ts';
import { decodeBody } from '../registry/decode-body.ts';
import { patchedObject } from '../registry/patch.ts';
import { getObject } from '../registry/read.ts';
import type { WriteCall } from '../registry/write.ts';
import type { SubresourceCall, SubresourceHandler } from './subresource.ts';

export const certificateApprovalHandler: SubresourceHandler = {
  path: `${certificateSigningRequests.plural}/approval`,
  group: certificateSigningRequests.group,
  handle,
};

async function handle({ operation, resource, context, writer, parts }: SubresourceCall): Promise<Outcome> {
  if (operation.verb === 'get') {
    const { target, resourceVersion = '' } = operation;
    const object = await getObject(parts.store, resource, target, resourceVersion);
    return { type: 'object', object, created: false };
  }
  if (operation.verb !== 'update' && operation.verb !== 'patch') {
    throw methodNotAllowedError(resource.subject, operation.verb);
  }
  const { target, options } = operation;
  const write: WriteCall = { resource, target, options, context, ownRules: { countsGeneration: false } };
  const wanted = (old: KubernetesObject): KubernetesObject =>
    operation.verb === 'update'
      ? decodeBody(write, operation.body)
      : patchedObject(write, operation.patch, old);
  const next = (old: KubernetesObject): KubernetesObject =>
    decided(
      old as CertificateSigningRequest,
      wanted(old) as CertificateSigningRequest,
      parts.clock.now(),
      (errors) => invalidError(resource.kindSubject, target.name, errors),
    );
  const { object } = await writer.modify(write, next, operation.verb);
  return { type: 'object', object, created: false };
}

function decided(
  old: CertificateSigningRequest,
  wanted: CertificateSigningRequest,
  nowMs: number,
  refusal: (errors: ReturnType<typeof validateProgress>) => Error,
): CertificateSigningRequest {
  const { conditions } = withTimes(wanted, old, nowMs).status;
  const { conditions: _before, ...status } = old.status;
  const next = { ...old, status: { ...(conditions === undefined ? {} : { conditions }), ...status } };
  const errors = validateProgress(next, old, 'approval');
  if (errors.length > 0) throw refusal(errors);
  const { resourceVersion = '', uid = '' } = wanted.metadata;
  const metadata = { ...wanted.metadata, resourceVersion, ...(uid === '' ? {} : { uid }) };
  return { ...next, metadata };
}
