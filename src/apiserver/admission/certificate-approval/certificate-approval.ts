/** CertificateApproval: who approves certificates of a signer needs the verb `approve` on that signer. */

import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { CertificateSigningRequest } from '../../../api/types.gen.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { mayUseSigner } from './signer-permission.ts';

export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    kinds: ['certificates.k8s.io/certificatesigningrequests'],
    validate: async (request) => {
      if (request.target.subresource !== 'approval' || request.operation !== 'UPDATE') return;
      const { spec, metadata } = request.object as CertificateSigningRequest;
      const { signerName } = spec;
      if (await mayUseSigner(authorizer, request.context.user, 'approve', signerName)) return;
      const why = `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`;
      throw forbiddenError(request.resource.subject, metadata.name ?? '', why);
    },
  };
}
