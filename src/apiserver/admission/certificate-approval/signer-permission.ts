/**
 * What somebody may do in the name of a signer: a verb on the virtual resource `signers`, named after the
 * signer or after all of its domain (`acme.io/*`).
 */

import type { UserInfo } from '../../../client/operation.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';

const CERTIFICATES_GROUP = 'certificates.k8s.io';

export async function mayUseSigner(
  authorizer: Authorizer,
  user: UserInfo,
  verb: 'approve' | 'sign',
  signerName: string,
): Promise<boolean> {
  const [domain = ''] = signerName.split('/');
  for (const name of [signerName, `${domain}/*`]) {
    const { allowed } = await authorizer.authorize({
      type: 'resource',
      user,
      verb,
      group: CERTIFICATES_GROUP,
      version: '*',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
    });
    if (allowed) return true;
  }
  return false;
}
