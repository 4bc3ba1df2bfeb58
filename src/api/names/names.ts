/** Rules for names, worded as upstream words them (`apimachinery/pkg/util/validation`). */

import { flat } from '../../base/flat-text.ts';
import type { NameFormat } from '../meta/resource-definition.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function isDns1123Label(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}
export function isDns1123Subdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

export function dns1123LabelProblem(text: string): string | undefined {
  if (text.length > 63) return 'must be no more than 63 characters';
  if (LABEL.test(text)) return undefined;
  return (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
    "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  );
}

export function dns1123SubdomainProblem(text: string): string | undefined {
  if (text.length > 253) return 'must be no more than 253 characters';
  if (SUBDOMAIN.test(text)) return undefined;
  return (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  );
}

/** `*.example.com` (RFC 1034, 4.3.3) */
export function wildcardSubdomainProblem(text: string): string | undefined {
  if (text.length > 253) return 'must be no more than 253 characters';
  if (text.startsWith('*.') && SUBDOMAIN.test(text.slice(2))) return undefined;
  return (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must " +
    "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character " +
    "(e.g. '*.example.com', regex used for validation is " +
    "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  );
}

export function dns1035LabelProblem(text: string): string | undefined {
  if (text.length > 63) return 'must be no more than 63 characters';
  if (LABEL_1035.test(text)) return undefined;
  return (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for " +
    "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
  );
}

export function pathSegmentProblem(text: string): string | undefined {
  if (text === '.' || text === '..') return `may not be '${text}'`;
  if (text.includes('/')) return "may not contain '/'";
  if (text.includes('%')) return "may not contain '%'";
  return undefined;
}

/** Why `name` does not fit the format; undefined when it does. */
export function nameProblem(format: NameFormat, name: string): string | undefined {
  switch (format) {
    case 'dns1123Label':
      return dns1123LabelProblem(name);
    case 'dns1123Subdomain':
      return dns1123SubdomainProblem(name);
    case 'dns1035Label':
      return dns1035LabelProblem(name);
    case 'pathSegment':
      return pathSegmentProblem(name);
  }
}

/** Letters and digits that make no words and are not mistaken for each other (upstream's `rand.String`). */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const GENERATED_NAME_LENGTH_MAX = 63;
/** FNV-1a, 32 bits. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** `generateName` plus five random characters, cut to 63. `integer(n)` yields a uniform integer below n. */
export function generatedName(base: string, integer: (bound: number) => number): string {
  return flat(base.slice(0, GENERATED_NAME_LENGTH_MAX - 5) + randomSuffix(5, integer));
}

export function randomSuffix(length: number, integer: (bound: number) => number): string {
  let suffix = '';
  for (let i = 0; i < length; i++) suffix += SUFFIX_ALPHABET[integer(SUFFIX_ALPHABET.length)] ?? '';
  return suffix;
}

/** A suffix like a random one, but always the same one for `text`. */
export function suffixOf(text: string, length: number): string {
  let hash = FNV_OFFSET;
  const next = (bound: number): number => {
    hash = text
      .split('')
      .reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), FNV_PRIME) >>> 0, hash);
    return hash % bound;
  };
  return randomSuffix(length, next);
}

/** Keys of ConfigMaps and Secrets, which become file names. */
export function dataKeyProblem(key: string): string | undefined {
  if (key.length > 253) return 'must be no more than 253 characters';
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    return (
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or " +
      "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
    );
  }
  if (key === '.') return "must not be '.'";
  if (key === '..') return "must not be '..'";
  return key.startsWith('..') ? "must not start with '..'" : undefined;
}
