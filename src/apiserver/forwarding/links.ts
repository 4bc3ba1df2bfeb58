/**
 * Links of a proxied page, so that they lead through the proxy again; pure. As upstream's
 * `apimachinery/pkg/util/proxy/transport.go`: links to the proxied host with an absolute path get the
 * proxy's prefix, all others stay.
 */

export interface LinkPlace {
  /** What stands before the proxied path: `/api/v1/namespaces/x/services/web/proxy`; empty: nothing. */
  readonly prefix: string;
  /** Of the place that was asked: `10.42.0.7:80`. */
  readonly host: string;
  /** Of the request that the client sent. */
  readonly clientHost: string;
}

export function rewriteLink(link: string, { prefix, host, clientHost }: LinkPlace): string {
  const match = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/s.exec(link);
  const [, linkHost = '', path = '', rest = ''] = match ?? [];
  const isElsewhere = linkHost !== '' && linkHost !== host && linkHost !== clientHost;
  if (match === null || isElsewhere || !path.startsWith('/')) return link;
  if (linkHost === '' && /^[A-Za-z][A-Za-z0-9+.-]*:/.test(link)) return link;
  return (path.startsWith(prefix) ? path : prefix + path.replace(/\/{2,}/g, '/')) + rest;
}

/** The attributes of each element that hold a link, as upstream lists them. */
const LINKS: { readonly [element: string]: readonly string[] } = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};

/** Comments and the contents of scripts and styles are no markup: they are matched first, to be left alone. */
const MARKUP =
  /<!--[^]*?(?:-->|$)|(<(script|style|textarea|title)\b(?:[^>"']|"[^"]*"|'[^']*')*>)([^]*?)(?=<\/\2|$)|<[A-Za-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi;
const ATTRIBUTE = /([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)/g;

/** The page with its links rewritten; everything else is as it was. */
export function rewriteHtml(html: string, place: LinkPlace): string {
  return html.replace(MARKUP, (whole: string, opening?: string, _name?: string, content?: string) => {
    if (whole.startsWith('<!--')) return whole;
    return opening === undefined ? rewriteTag(whole, place) : rewriteTag(opening, place) + (content ?? '');
  });
}

function rewriteTag(tag: string, place: LinkPlace): string {
  const [, element = ''] = /^<([A-Za-z][^\s/>]*)/.exec(tag) ?? [];
  const links = LINKS[element.toLowerCase()];
  if (links === undefined) return tag;
  const head = element.length + 1;
  const attributes = tag
    .slice(head)
    .replace(ATTRIBUTE, (whole: string, name: string, equals: string, value: string) => {
      if (!links.includes(name.toLowerCase())) return whole;
      const quote = /^["']/.test(value) ? value.charAt(0) : '"';
      const plain = /^["']/.test(value) ? value.slice(1, -1) : value;
      return `${name}${equals}${quote}${rewriteLink(plain, place)}${quote}`;
    });
  return tag.slice(0, head) + attributes;
}
