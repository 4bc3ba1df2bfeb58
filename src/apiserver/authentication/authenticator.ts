/**
 * Who is asking? Each way of proving it is one `Authenticator`; the first that recognises the request
 * decides.
 */

import type { UserInfo } from '../../client/operation.ts';

/** Of a client certificate that our CA has signed; several organizations are several groups. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** SHA-256 of the certificate, in lower hexadecimal digits; empty where it is not known. */
  readonly fingerprint: string;
}

export interface Credentials {
  readonly certificate: CertificateSubject | undefined;
  /** Of `Authorization: Bearer …` or the WebSocket subprotocol that carries it; empty when there is none. */
  readonly bearerToken: string;
}

export type Authentication =
  | { readonly result: 'user'; readonly user: UserInfo }
  /** This way does not apply; ask the next one. */
  | { readonly result: 'none' }
  /** Presented, but wrong: the request ends with 401. */
  | { readonly result: 'invalid'; readonly reason: string };

export interface Authenticator {
  readonly name: string;
  authenticate(credentials: Credentials): Promise<Authentication> | Authentication;
}

export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
export const AUTHENTICATED_GROUP = 'system:authenticated';

/** The user, anonymous when nothing was presented; undefined when what was presented is wrong. */
export async function authenticate(
  authenticators: readonly Authenticator[],
  credentials: Credentials,
): Promise<UserInfo | undefined> {
  for (const authenticator of authenticators) {
    const answer = await authenticator.authenticate(credentials);
    if (answer.result === 'invalid') return undefined;
    if (answer.result === 'user') return withGroup(answer.user, AUTHENTICATED_GROUP);
  }
  return credentials.bearerToken === '' ? ANONYMOUS : undefined;
}

function withGroup(user: UserInfo, group: string): UserInfo {
  return user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] };
}

/**
 * Client certificates: the common name is the user, the organizations are the groups; the extra says which
 * certificate it was.
 */
export const certificateAuthenticator: Authenticator = {
  name: 'x509',
  authenticate: ({ certificate }) =>
    certificate === undefined || certificate.commonName === ''
      ? { result: 'none' }
      : { result: 'user', user: userOf(certificate) },
};

function userOf({ commonName, organizations, fingerprint }: CertificateSubject): UserInfo {
  const user = { name: commonName, groups: organizations };
  if (fingerprint === '') return user;
  return { ...user, extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] } };
}
