/** `kubernetes.URL`, named formats, and keys in JSON patches. */

import { labelKeyProblem, labelValueProblem } from '../../labels/selector.ts';
import { dns1035LabelProblem, dns1123LabelProblem, dns1123SubdomainProblem } from '../../names/names.ts';
import { fn, global, type Library, onValue } from '../library/declare.ts';
import { BOOL, type CelType, listOf, mapOf, optionalOf, sealedObject, STRING } from '../types/type.ts';
import { mapFrom } from '../values/map.ts';
import { parseTimestamp } from '../values/time.ts';
import { CelError, type CelValue, NONE, OpaqueValue, OptionalValue } from '../values/value.ts';
import { Format, FORMAT } from './format-value.ts';
import { hostnameOf, parseRequestUri, parseUrl, portOf, queryOf, type Url } from './url.ts';

const URL = sealedObject('kubernetes.URL');

export class UrlValue extends OpaqueValue {
  override readonly type: CelType = URL;
  readonly url: Url;

  constructor(url: Url) {
    super();
    this.url = url;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof UrlValue && other.url.text === this.url.text;
  }
}

function urlFromText(text: string): UrlValue {
  const request = parseRequestUri(text);
  const url = 'error' in request ? request : parseUrl(text);
  if ('error' in url) throw new CelError(`URL parse error during conversion from string: ${url.error}`);
  return new UrlValue(url);
}

function query({ url }: UrlValue): CelValue {
  return mapFrom(queryOf(url));
}

export const URLS: Library = {
  functions: [
    fn('url', global('string_to_url', [STRING], URL, urlFromText)),
    fn('getScheme', onValue('url_get_scheme', [URL], STRING, ({ url }: UrlValue) => url.scheme)),
    fn('getHost', onValue('url_get_host', [URL], STRING, ({ url }: UrlValue) => url.host)),
    fn('getHostname', onValue('url_get_hostname', [URL], STRING, ({ url }: UrlValue) => hostnameOf(url))),
    fn('getPort', onValue('url_get_port', [URL], STRING, ({ url }: UrlValue) => portOf(url))),
    fn('getEscapedPath', onValue('url_get_escaped_path', [URL], STRING, ({ url }: UrlValue) => url.escapedPath)),
    fn('getQuery', onValue('url_get_query', [URL], mapOf(STRING, listOf(STRING)), query)),
    fn('isURL', global('is_url_string', [STRING], BOOL, (text: string) => !('error' in parseRequestUri(text)))),
  ],
  macros: [],
}; // prettier-ignore

function one(problem: (text: string) => string | undefined): (text: string) => readonly string[] {
  return (text) => {
    const found = problem(text);
    return found === undefined ? [] : [found];
  };
}

/** Of a name that something will be appended to, which may end in a dash. */
function prefix(problem: (text: string) => string | undefined): (text: string) => readonly string[] {
  return one((text) => problem(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text));
}

function matching(isValid: (text: string) => boolean, problem: string): (text: string) => readonly string[] {
  return one((text) => (isValid(text) ? undefined : problem));
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== undefined;
}

/** By the name of their function; with the length of a pattern that would do the same. */
const FORMATS: readonly (readonly [string, Format])[] = [
  ['dns1123Label', new Format('DNS1123Label', 30, one(dns1123LabelProblem))],
  ['dns1123Subdomain', new Format('DNS1123Subdomain', 60, one(dns1123SubdomainProblem))],
  ['dns1035Label', new Format('DNS1035Label', 30, one(dns1035LabelProblem))],
  ['qualifiedName', new Format('QualifiedName', 60, one(labelKeyProblem))],
  ['dns1123LabelPrefix', new Format('DNS1123LabelPrefix', 30, prefix(dns1123LabelProblem))],
  ['dns1123SubdomainPrefix', new Format('DNS1123SubdomainPrefix', 60, prefix(dns1123SubdomainProblem))],
  ['dns1035LabelPrefix', new Format('DNS1035LabelPrefix', 30, prefix(dns1035LabelProblem))],
  ['labelValue', new Format('LabelValue', 40, one(labelValueProblem))],
  ['uri', new Format('URI', 1103, one((text) => {
    const parsed = parseRequestUri(text);
    return 'error' in parsed ? parsed.error : undefined;
  }))],
  ['uuid', new Format('uuid', 70, matching((text) => UUID.test(text), 'does not match the UUID format'))],
  ['byte', new Format('byte', 84, matching((text) => BASE64.test(text), 'invalid base64'))],
  ['date', new Format('date', 71, matching(isDate, 'invalid date'))],
  ['datetime', new Format('datetime', 71, matching((text) => parseTimestamp(text) !== undefined, 'invalid datetime'))],
]; // prettier-ignore

function validate(format: Format, text: string): CelValue {
  const problems = format.validate(text);
  return problems.length === 0 ? NONE : new OptionalValue(problems);
}

export const NAMED_FORMATS: Library = {
  functions: [
    ...FORMATS.map(([name, format]) => fn(`format.${name}`, global(`format.${name}`, [], FORMAT, () => format))),
    fn('format.named', global('format-named', [STRING], optionalOf(FORMAT), (name: string) => {
      const found = FORMATS.find(([known]) => known === name);
      return found === undefined ? NONE : new OptionalValue(found[1]);
    })),
    fn('validate', onValue('format-validate', [FORMAT, STRING], optionalOf(listOf(STRING)), validate)),
  ],
  macros: [],
}; // prettier-ignore

export const JSON_PATCHES: Library = {
  functions: [
    fn('jsonpatch.escapeKey', global('string_jsonpatch_escapeKey_string', [STRING], STRING, (key: string) =>
      key.replace(/[~/]/g, (char) => (char === '~' ? '~0' : '~1')))),
  ],
  macros: [],
}; // prettier-ignore
