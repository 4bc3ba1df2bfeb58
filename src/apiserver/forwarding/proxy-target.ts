/** What a proxied URL names: `[scheme:]name[:port]`, and the path behind it; pure. */

export interface ProxyName {
  readonly scheme: 'http' | 'https' | '';
  readonly name: string;
  /** Number or name; empty: not said. */
  readonly port: string;
}

/** Undefined when it is no such name. */
export function parseProxyName(text: string): ProxyName | undefined {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length > 3) return undefined;
  if (parts.length < 3) return first === '' ? undefined : { scheme: '', name: first, port: second };
  const scheme = first.toLowerCase();
  if (second === '' || (scheme !== 'http' && scheme !== 'https' && scheme !== '')) return undefined;
  return { scheme, name: second, port: third };
}

export interface ProxiedPath {
  /** Up to and with the word `proxy`. */
  readonly prefix: string;
  /** What follows, as it was sent: empty, or beginning with a slash. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

/** Cuts a URL behind its `/proxy`, the fourth word after the namespace's or the third of a node's. */
export function cutProxiedPath(url: string): ProxiedPath {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const words =
    /^\/+api\/+v1\/+namespaces\/+[^/]+\/+[^/]+\/+[^/]+\/+proxy|^\/+api\/+v1\/+nodes\/+[^/]+\/+proxy/;
  const prefix = words.exec(path)?.[0] ?? path;
  return { prefix, path: path.slice(prefix.length), query: question < 0 ? '' : url.slice(question) };
}

/** Addresses of this machine itself and of its link are no business of a proxy, as upstream has it. */
export function isProxyable(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return !(
    /^(127\.|169\.254\.|0\.|22[4-9]\.|23\d\.)/.test(plain) ||
    plain === '::1' ||
    plain === '::' ||
    /^(fe[89ab]|ff)/.test(plain)
  );
}
