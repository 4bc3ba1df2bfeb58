/** Rules for the name resolution of a pod. */

import { ipVersion } from '../../../addresses/ip-version.ts';
import { invalid, required, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { dns1123SubdomainProblem } from '../../../names/names.ts';
import type { PodSpec } from '../../../types.gen.ts';

const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_CHARACTERS_MAX = 2048;

export function validatePodDns(path: FieldPath, { dnsPolicy, dnsConfig }: PodSpec): FieldError[] {
  const at = path.child('dnsConfig');
  const isNone = dnsPolicy === 'None';
  if (dnsConfig === undefined) {
    return isNone ? [required(at, 'must provide `dnsConfig` when `dnsPolicy` is None')] : [];
  }
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  const errors: FieldError[] = [];
  const servers = at.child('nameservers');
  if (isNone && nameservers.length === 0) {
    errors.push(required(servers, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
  }
  if (nameservers.length > NAMESERVERS_MAX) {
    errors.push(invalid(servers, [...nameservers], `must not have more than ${NAMESERVERS_MAX} nameservers`));
  }
  for (const [i, server] of nameservers.entries()) {
    if (ipVersion(server) === 0) {
      const detail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
      errors.push(invalid(servers.index(i), server, detail));
    }
  }
  const paths = at.child('searches');
  if (searches.length > SEARCHES_MAX) {
    errors.push(invalid(paths, [...searches], `must not have more than ${SEARCHES_MAX} search paths`));
  }
  if (searches.join(' ').length > SEARCH_CHARACTERS_MAX) {
    const detail = `must not have more than ${SEARCH_CHARACTERS_MAX} characters (including spaces) in the search list`;
    errors.push(invalid(paths, [...searches], detail));
  }
  for (const [i, search] of searches.entries()) {
    // Names of services may begin with an underscore, and a single dot is the root.
    const problem =
      search === '.' ? undefined : dns1123SubdomainProblem(search.replace(/\.$/, '').replaceAll('_', '-a'));
    if (problem !== undefined) errors.push(invalid(paths.index(i), search, problem));
  }
  for (const [i, { name = '' }] of options.entries()) {
    if (name === '') errors.push(required(at.child('options').index(i), 'must not be empty'));
  }
  return errors;
}
