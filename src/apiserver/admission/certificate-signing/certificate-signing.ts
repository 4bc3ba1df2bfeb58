/** CertificateSigning: who issues certificates of a signer needs the verb `sign` on that signer. */

import { forbiddenError } from '../../../api/meta/api-error.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import type { CertificateSigningRequest } from '../../../api/types.gen.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { mayUseSigner } from '../certificate-approval/signer-permission.ts';

export function certificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    kinds: ['certificates.k8s.io/certificatesigningrequests'],
    validate: async (request) => {
      if (request.target.subresource !== 'status' || request.operation !== 'UPDATE') return;
      const next = request.object as CertificateSigningRequest;
      const old = request.oldObject as CertificateSigningRequest;
      const isSame =
        next.status.certificate === old.status.certificate &&
        deepEqual(next.status.conditions ?? [], old.status.conditions ?? []);
      const { signerName } = old.spec;
      if (isSame || (await mayUseSigner(authorizer, request.context.user, 'sign', signerName))) return;
      const why = `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`;
      throw forbiddenError(request.resource.subject, old.metadata.name ?? '', why);
    },
  };
}
