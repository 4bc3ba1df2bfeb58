/** CertificateApproval: who approves certificates of a signer needs the verb `approve` on that signer. */

import { certificateSigningRequests } from '../../../api/groups/certificates/certificate-signing-request/certificate-signing-request.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { CertificateSigningRequest } from '../../../api/types.gen.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { mayUseSigner } from './signer-permission.ts';

export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate: async (request) => {
      if (!concernsRequests(request, 'approval') || request.operation !== 'UPDATE') return;
      const { spec, metadata } = request.object as CertificateSigningRequest;
      const { signerName } = spec;
      if (await mayUseSigner(authorizer, request.context.user, 'approve', signerName)) return;
      const why = `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`;
      throw forbiddenError(request.resource.subject, metadata.name ?? '', why);
    },
  };
}

/** Whether somebody writes certificate signing requests, or the named subresource of them. */
export function concernsRequests({ resource, target }: AdmissionRequest, subresource: string): boolean {
  const { group, plural } = certificateSigningRequests;
  const { definition } = resource;
  return definition.group === group && definition.plural === plural && target.subresource === subresource;
}
