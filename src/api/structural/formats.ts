/**
 * The formats of strings that upstream knows (kube-openapi's `strfmt`); any other word says nothing.
 * Source: apiextensions-apiserver/pkg/apiserver/validation/formats.go.
 */

import { ipVersion } from '../addresses/ip-version.ts';
import { canonicalDuration } from '../time/time.ts';

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const UUID_OF = (version: string): RegExp =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$`, 'i');
const HOSTNAME =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;
const COLOR_PART = '\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*';

const CHECKS: Readonly<Record<string, (text: string) => boolean>> = {
  'bsonobjectid': (text) => /^[0-9a-f]{24}$/i.test(text),
  'uri': (text) => URL.canParse(text) || /^\/[^\s]*$/.test(text),
  'email': (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  'hostname': (text) => text.length <= 255 && HOSTNAME.test(text),
  'ipv4': (text) => ipVersion(text) === 4,
  'ipv6': (text) => ipVersion(text) === 6,
  'cidr': isCidr,
  'mac': (text) => /^([0-9a-f]{2}([:-]|$)){6}$|^([0-9a-f]{2}([:-]|$)){8}$|^([0-9a-f]{4}(\.|$)){3,4}$/i.test(text),
  'uuid': (text) => UUID.test(text),
  'uuid3': (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  'uuid4': (text) => UUID_OF('4').test(text),
  'uuid5': (text) => UUID_OF('5').test(text),
  'isbn': (text) => isIsbn10(text) || isIsbn13(text),
  'isbn10': isIsbn10,
  'isbn13': isIsbn13,
  'creditcard': isCreditCard,
  'ssn': (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  'hexcolor': (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  'rgbcolor': (text) => new RegExp(`^rgb\\(${COLOR_PART},${COLOR_PART},${COLOR_PART}\\)$`).test(text),
  'byte': (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  'date': (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text),
  'date-time': isDateTime,
  'datetime': isDateTime,
  'duration': isDuration,
  'k8s-short-name': (text) => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text),
  'k8s-long-name': (text) =>
    text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
}; // prettier-ignore

const NUMBER_FORMATS: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

/** Whether values of the type are judged by the format; other words stand in schemas for people. */
export function isKnownFormat(type: string, format: string): boolean {
  if (type !== '' && type !== 'string') return NUMBER_FORMATS[type]?.includes(format) ?? false;
  return format === 'password' || format in CHECKS || format.replaceAll('-', '') in CHECKS;
}

/** Whether the text breaks the format. */
export function formatProblem(format: string, text: string): boolean {
  // Dashes do not count, as upstream has it.
  const check = CHECKS[format] ?? CHECKS[format.replaceAll('-', '')];
  return check === undefined ? false : !check(text);
}

function isDateTime(text: string): boolean {
  return DATE_TIME.test(text) && isDay(text.slice(0, 10));
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Go's durations, and `3 days`, `1 week` and the like. */
function isDuration(text: string): boolean {
  return (
    'text' in canonicalDuration(text) ||
    /^\d+\s*(ns|us|µs|ms|s|m|h|d|w|(nano|micro|milli)s(ec(ond)?s?)?|sec(ond)?s?|min(ute)?s?|hours?|hrs?|days?|weeks?|wks?)$/.test(
      text,
    )
  );
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  const version = ipVersion(address);
  return version === 4 ? Number(bits) <= 32 : version === 6 && Number(bits) <= 128;
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = digits
    .split('')
    .reduce((total, digit, i) => total + (10 - i) * (digit === 'X' ? 10 : Number(digit)), 0);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  return (
    digits.split('').reduce((total, digit, i) => total + (i % 2 === 0 ? 1 : 3) * Number(digit), 0) % 10 === 0
  );
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]/g, '');
  if (digits.length < 13 || digits.length > 19) return false;
  const sum = digits
    .split('')
    .reverse()
    .reduce((total, digit, i) => {
      const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}
