/** Which headers of a request and an answer go through to the other side; pure. */

import type { Headers } from '../http/exchange.ts';

/** RFC 9110 section 7.6.1, and what Go's reverse proxy adds to it. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  // Answered here already.
  'expect',
]);
/** The caller's credentials and claims are for this server alone: upstream removes them once they are read. */
const CREDENTIALS: RegExp = /^(authorization|impersonate-.*|x-remote-(user|uid|group|extra-.*))$/;
const BEARER_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

type Mutable = { [name: string]: string | readonly string[] };

/** What is sent on. `remoteAddress` is added to those that the request came through. */
export function requestHeaders(headers: Headers, remoteAddress: string): Mutable {
  const sent = endToEnd(headers);
  for (const name of Object.keys(sent)) if (CREDENTIALS.test(name)) delete sent[name];
  const protocols = textOf(headers['sec-websocket-protocol']);
  if (protocols.includes(BEARER_PROTOCOL)) {
    const rest = listOf(protocols).filter((protocol) => !protocol.startsWith(BEARER_PROTOCOL));
    if (rest.length === 0) delete sent['sec-websocket-protocol'];
    else sent['sec-websocket-protocol'] = rest.join(', ');
  }
  if (remoteAddress !== '') {
    const before = textOf(headers['x-forwarded-for']);
    sent['x-forwarded-for'] = before === '' ? remoteAddress : `${before}, ${remoteAddress}`;
  }
  return sent;
}

/** As `requestHeaders`, with what asks for an upgrade kept. */
export function upgradeHeaders(headers: Headers, remoteAddress: string): Mutable {
  return {
    ...requestHeaders(headers, remoteAddress),
    connection: 'Upgrade',
    upgrade: textOf(headers['upgrade']),
  };
}

/** What of an answer is passed to the client. */
export function answerHeaders(headers: Headers): Mutable {
  return endToEnd(headers);
}

function endToEnd(headers: Headers): Mutable {
  const named = new Set(listOf(textOf(headers['connection'])).map((name) => name.toLowerCase()));
  const kept: Mutable = {};
  for (const [name, value] of Object.entries(headers)) {
    // Names with a colon are HTTP/2's own: method, path, authority.
    if (value === undefined || name.startsWith(':') || HOP_BY_HOP.has(name) || named.has(name)) continue;
    kept[name] = value;
  }
  return kept;
}

function textOf(value: string | readonly string[] | undefined): string {
  return value === undefined ? '' : typeof value === 'string' ? value : value.join(', ');
}

function listOf(text: string): readonly string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}
