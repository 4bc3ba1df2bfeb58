/**
 * Label selectors: the text form of queries (`a=b,c in (d,e),!f`) and the structured `LabelSelector`, both
 * compiled to one list of requirements. Wording of errors follows upstream's parser.
 */

import type { LabelSelector } from '../types.gen.ts';

export type LabelOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** All requirements must hold; none at all matches everything. */
export type Selector = readonly Requirement[];

export type LabelMap = { readonly [key: string]: string };

export const EVERYTHING: Selector = [];

export function matches(selector: Selector, labels: LabelMap | undefined): boolean {
  for (const requirement of selector) if (!holds(requirement, labelOf(labels, requirement.key))) return false;
  return true;
}

type Matcher = (labels: LabelMap | undefined) => boolean;

/** As `matches`, for selectors that many objects are held against. */
export function matcherOf(selector: Selector): Matcher {
  const matchers = selector.map((requirement): Matcher => {
    const { key, operator, values } = requirement;
    const [value] = values;
    if (operator === '=') return (labels) => labelOf(labels, key) === value;
    return (labels) => holds(requirement, labelOf(labels, key));
  });
  const [only] = matchers;
  if (only !== undefined && matchers.length === 1) return only;
  return (labels) => {
    for (const matcher of matchers) if (!matcher(labels)) return false;
    return true;
  };
}

/** A label may be called `toString` or be missing: what the prototype has is no text. */
function labelOf(labels: LabelMap | undefined, key: string): string | undefined {
  const value = labels?.[key];
  return typeof value === 'string' ? value : undefined;
}

function holds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case '=':
      return value === values[0];
    case '!=':
      return value !== values[0];
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0]);
    case 'lt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0]);
  }
}

/**
 * A structured selector. Absent selects nothing, empty selects everything (undefined stands for nothing).
 * Unknown operators select nothing; validation reports them.
 */
export function fromLabelSelector(selector: LabelSelector | undefined): Selector | undefined {
  if (selector === undefined) return undefined;
  const requirements: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=',
    values: [value],
  }));
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const compiled = STRUCTURED[operator];
    if (compiled === undefined) return undefined;
    requirements.push({ key, operator: compiled, values });
  }
  return requirements;
}

const STRUCTURED: { readonly [operator: string]: LabelOperator } = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

export function fromLabelMap(labels: LabelMap): Selector {
  return Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] }));
}

/** The text of a selector, as `status.selector` of scales and error messages show it. */
export function selectorText(selector: Selector): string {
  const text = ({ key, operator, values }: Requirement): string => {
    switch (operator) {
      case '=':
      case '!=':
        return `${key}${operator}${values[0] ?? ''}`;
      case 'in':
      case 'notin':
        return `${key} ${operator} (${[...values].toSorted().join(',')})`;
      case 'exists':
        return key;
      case '!':
        return `!${key}`;
      case 'gt':
        return `${key}>${values[0] ?? ''}`;
      case 'lt':
        return `${key}<${values[0] ?? ''}`;
    }
  };
  return [...selector]
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(text)
    .join(',');
}

export type ParseOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

const TOKEN = /\s*(==|!=|=|!|\(|\)|,|>|<|[^\s=!(),<>]+)/y;

/** Parses the query form. */
export function parseSelector(text: string): ParseOutcome<Selector> {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null)
      return { ok: false, error: `unable to parse requirement: unexpected input in "${text}"` };
    tokens.push(match[1] ?? '');
  }
  const parser = new SelectorParser(tokens);
  try {
    return { ok: true, value: parser.parse() };
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return { ok: false, error: error.message };
    throw error;
  }
}

class SelectorSyntaxError extends Error {
  override readonly name = 'SelectorSyntaxError';
}

class SelectorParser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  parse(): Selector {
    const requirements: Requirement[] = [];
    if (this.#tokens.length === 0) return requirements;
    for (;;) {
      requirements.push(this.#requirement());
      const token = this.#next();
      if (token === undefined) return requirements;
      if (token !== ',') throw new SelectorSyntaxError(`found '${token}', expected: ',' or 'end of string'`);
    }
  }

  #next(): string | undefined {
    return this.#tokens[this.#at++];
  }

  #key(): string {
    const token = this.#next();
    if (token === undefined || /^[=!(),<>]+$/.test(token)) {
      throw new SelectorSyntaxError(`found '${token ?? ''}', expected: !, identifier, or 'end of string'`);
    }
    const problem = labelKeyProblem(token);
    if (problem !== undefined) throw new SelectorSyntaxError(`key: Invalid value: "${token}": ${problem}`);
    return token;
  }

  #requirement(): Requirement {
    if (this.#tokens[this.#at] === '!') {
      this.#at++;
      return { key: this.#key(), operator: '!', values: [] };
    }
    const key = this.#key();
    const operator = this.#tokens[this.#at];
    if (operator === undefined || operator === ',') return { key, operator: 'exists', values: [] };
    this.#at++;
    switch (operator) {
      case '=':
      case '==':
        return { key, operator: '=', values: [this.#value(key)] };
      case '!=':
        return { key, operator: '!=', values: [this.#value(key)] };
      case '>':
        return { key, operator: 'gt', values: [this.#value(key)] };
      case '<':
        return { key, operator: 'lt', values: [this.#value(key)] };
      case 'in':
      case 'notin':
        return { key, operator, values: this.#values(key) };
      default:
        throw new SelectorSyntaxError(
          `found '${operator}', expected: in, notin, =, ==, !=, >, <, or 'end of string'`,
        );
    }
  }

  #value(key: string): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || token === ',') return '';
    this.#at++;
    const problem = labelValueProblem(token);
    if (problem !== undefined) {
      throw new SelectorSyntaxError(`values[0][${key}]: Invalid value: "${token}": ${problem}`);
    }
    return token;
  }

  #values(key: string): string[] {
    const open = this.#next();
    if (open !== '(') throw new SelectorSyntaxError(`found '${open ?? ''}', expected: '('`);
    const values: string[] = [];
    for (;;) {
      if (this.#tokens[this.#at] === ')') {
        this.#at++;
        if (values.length === 0) values.push('');
        return values;
      }
      values.push(this.#value(key));
      if (this.#tokens[this.#at] === ',') this.#at++;
      else if (this.#tokens[this.#at] !== ')') {
        throw new SelectorSyntaxError(`found '${this.#tokens[this.#at] ?? ''}', expected: ',' or ')'`);
      }
    }
  }
}

const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_PART_MESSAGE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must " +
  "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used " +
  "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Why `key` is no qualified name (`prefix/name`); undefined when it is one. */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash >= 0 && name.includes('/')) {
    return (
      'a qualified name must consist of alphanumeric characters, ' +
      "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  " +
      "or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional " +
      "DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    );
  }
  if (slash >= 0) {
    const prefix = key.slice(0, slash);
    if (prefix === '') return 'prefix part must be non-empty';
    if (prefix.length > 253) return 'prefix part must be no more than 253 bytes';
    if (!SUBDOMAIN.test(prefix)) {
      return (
        "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' " +
        "or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for " +
        "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
      );
    }
  }
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return 'name part must be no more than 63 bytes';
  return NAME_PART.test(name) ? undefined : NAME_PART_MESSAGE;
}

/** Why `value` is no label value; undefined when it is one. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return 'must be no more than 63 bytes';
  return value === '' || NAME_PART.test(value) ? undefined : VALUE_MESSAGE;
}
