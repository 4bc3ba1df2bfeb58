/** CertificateSubjectRestriction: nobody becomes a superuser by asking the API server's signer for it. */

import { parseCertificateRequest } from '../../../api/groups/certificates/pkcs10.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { CertificateSigningRequest } from '../../../api/types.gen.ts';
import { SUPERUSER_GROUP } from '../../authorization/rbac.ts';
import type { AdmissionPlugin } from '../admission.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  kinds: ['certificates.k8s.io/certificatesigningrequests'],
  validate: (request) => {
    if (request.target.subresource !== '' || request.operation !== 'CREATE') return;
    const { spec, metadata } = request.object as CertificateSigningRequest;
    if (spec.signerName !== CLIENT_SIGNER) return;
    const refuse = (why: string): never => {
      throw forbiddenError(request.resource.subject, metadata.name ?? '', why);
    };
    const parsed = parseCertificateRequest(spec.request);
    if (!parsed.ok) return refuse(`failed to parse CSR: ${parsed.error}`);
    if (!parsed.request.organizations.includes(SUPERUSER_GROUP)) return;
    refuse(`use of ${CLIENT_SIGNER} signer with ${SUPERUSER_GROUP} group is not allowed`);
  },
};
