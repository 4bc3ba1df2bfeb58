/** What an exchange says about who asks. */

import type { Credentials } from '../authentication/authenticator.ts';
import { headerText, type Exchange, type Headers } from './exchange.ts';

const BEARER_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

export function credentialsOf(headers: Headers, certificate: Exchange['certificate']): Credentials {
  const authorization = headerText(headers, 'authorization');
  const bearer = /^bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '';
  return {
    bearerToken: bearer === '' ? tokenOfProtocols(headerText(headers, 'sec-websocket-protocol')) : bearer,
    certificate:
      certificate === undefined
        ? undefined
        : {
            commonName: textOf(certificate.subject.CN),
            organizations: listOf(certificate.subject.O),
            fingerprint: (certificate.fingerprint256 ?? '').replaceAll(':', '').toLowerCase(),
          },
  };
}

/** Browsers cannot set headers on a WebSocket; upstream takes the token from a subprotocol then. */
function tokenOfProtocols(protocols: string): string {
  const carrier = protocols
    .split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(BEARER_PROTOCOL));
  return carrier === undefined
    ? ''
    : Buffer.from(carrier.slice(BEARER_PROTOCOL.length), 'base64url').toString();
}

function textOf(value: string | string[] | undefined): string {
  return listOf(value)[0] ?? '';
}
function listOf(value: string | string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
