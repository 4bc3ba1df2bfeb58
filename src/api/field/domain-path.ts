/** Names like `example.com/controller`: a domain, and a path in it that its owner chooses. */

import { dns1123SubdomainProblem } from '../names/names.ts';
import { invalid, required, type FieldError, type FieldPath } from './field-error.ts';

const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

export function validateDomainPath(path: FieldPath, text: string): FieldError[] {
  if (text === '') return [required(path)];
  const slash = text.indexOf('/');
  const [domain, rest] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  if (domain === '' || rest === '') {
    return [invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const problem = dns1123SubdomainProblem(domain);
  const errors = problem === undefined ? [] : [invalid(path, domain, problem)];
  if (!PATH.test(rest)) {
    errors.push(
      invalid(path, rest, `Invalid path: invalid path, regex used for validation is '${PATH.source}'`),
    );
  }
  return errors;
}
