/** Parsing of URLs as Go's `net/url` does it; browsers' rules differ too much. Pure. */

export interface Url {
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly userInfo: string;
  /** Decoded. */
  readonly path: string;
  readonly escapedPath: string;
  readonly query: string;
  /** Canonical text, by which URLs are compared. */
  readonly text: string;
}

type Parsed = Url | { readonly error: string };

/** Of an absolute URI or an absolute path, as in a request; errors are worded as Go words them. */
export function parseRequestUri(raw: string): Parsed {
  return withContext(raw, parse(raw, true));
}

/** The same, with a fragment allowed. */
export function parseUrl(raw: string): Parsed {
  const [before = '', ...fragment] = raw.split('#');
  const parsed = withContext(raw, parse(before, false));
  if ('error' in parsed || fragment.length === 0) return parsed;
  return { ...parsed, text: `${parsed.text}#${fragment.join('#')}` };
}

function withContext(raw: string, parsed: Parsed): Parsed {
  return 'error' in parsed ? { error: `parse ${JSON.stringify(raw)}: ${parsed.error}` } : parsed;
}

function parse(raw: string, isRequest: boolean): Parsed {
  if (/\p{Cc}/u.test(raw.replace(/[\u0080-\u009f]/g, ''))) {
    return { error: 'net/url: invalid control character in URL' };
  }
  if (raw === '' && isRequest) return { error: 'empty url' };
  if (raw.startsWith(':')) return { error: 'missing protocol scheme' };
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(raw)?.[1]?.toLowerCase() ?? '';
  const afterScheme = scheme === '' ? raw : raw.slice(scheme.length + 1);
  const question = afterScheme.indexOf('?');
  const rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  const query = question < 0 ? '' : afterScheme.slice(question + 1);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return opaqueUrl(scheme, rest, query);
    if (isRequest) return { error: 'invalid URI for request' };
    if ((rest.split('/')[0] ?? '').includes(':'))
      return { error: 'first path segment in URL cannot contain colon' };
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || (!isRequest && !rest.startsWith('///')));
  if (!hasAuthority) return build(scheme, '', '', rest, query);
  const slash = rest.indexOf('/', 2);
  const authority = rest.slice(2, slash < 0 ? undefined : slash);
  const at = authority.lastIndexOf('@');
  const userInfo = at < 0 ? '' : authority.slice(0, at);
  const host = authority.slice(at + 1);
  const problem = userInfoProblem(userInfo) ?? hostProblem(host);
  return problem === undefined
    ? build(scheme, userInfo, host, slash < 0 ? '' : rest.slice(slash), query)
    : { error: problem };
}

function opaqueUrl(scheme: string, rest: string, query: string): Url {
  const text = `${scheme}:${rest}${query === '' ? '' : `?${query}`}`;
  return { scheme, host: '', userInfo: '', path: '', escapedPath: '', query, text };
}

function build(scheme: string, userInfo: string, host: string, rawPath: string, query: string): Parsed {
  const path = decode(rawPath);
  if (typeof path !== 'string') return { error: `invalid URL escape ${JSON.stringify(path.escape)}` };
  const decodedHost = decode(host);
  const escapedPath = /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]/%]*$/.test(rawPath) ? rawPath : encodePath(path);
  const user = userInfo === '' ? '' : `${userInfo}@`;
  const authority = host === '' && userInfo === '' ? '' : `//${user}${host}`;
  const text = `${scheme === '' ? '' : `${scheme}:`}${authority}${escapedPath}${query === '' ? '' : `?${query}`}`;
  return {
    scheme,
    host: typeof decodedHost === 'string' ? decodedHost : host,
    userInfo,
    path,
    escapedPath,
    query,
    text,
  };
}

function userInfoProblem(userInfo: string): string | undefined {
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userInfo) ? undefined : 'net/url: invalid userinfo';
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']');
    if (close < 0) return "missing ']' in host";
    const port = host.slice(close + 1);
    return isPort(port) ? undefined : `invalid port ${JSON.stringify(port)} after host`;
  }
  const colon = host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!isPort(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const escape = /%(?![89a-fA-F][0-9a-fA-F]).{0,2}/.exec(host)?.[0];
  if (escape !== undefined) return `invalid URL escape ${JSON.stringify(escape)}`;
  const bad = /[ \\^`{}|/?#@]/.exec(host)?.[0];
  return bad === undefined ? undefined : `invalid character ${JSON.stringify(bad)} in host name`;
}

function isPort(text: string): boolean {
  return text === '' || /^:\d*$/.test(text);
}

/** The bytes behind percent signs, as UTF-8. */
function decode(text: string): string | { readonly escape: string } {
  if (!text.includes('%')) return text;
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text)?.[0];
  if (bad !== undefined) return { escape: bad };
  const bytes = text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    const codes = run.slice(1).split('%').map((hex) => parseInt(hex, 16)); // prettier-ignore
    return new TextDecoder().decode(Uint8Array.from(codes));
  });
  return bytes;
}

function encodePath(path: string): string {
  return encodeURI(path.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
}

export function hostnameOf({ host }: Url): string {
  if (host.startsWith('[')) return host.slice(1, host.lastIndexOf(']'));
  return host.replace(/:\d*$/, '');
}

export function portOf({ host }: Url): string {
  return /:(\d*)$/.exec(host.slice(host.lastIndexOf(']') + 1))?.[1] ?? '';
}

/** Values by name; pairs that are malformed are left out. */
export function queryOf({ query }: Url): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const [name = '', ...rest] = pair.split('=');
    const key = decode(name.replaceAll('+', ' '));
    const value = decode(rest.join('=').replaceAll('+', ' '));
    if (typeof key !== 'string' || typeof value !== 'string') continue;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values;
}
