/** Field selectors of queries: `metadata.name=web,status.phase!=Running`. */

import type { ParseOutcome } from '../labels/selector.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

export type FieldSelector = readonly FieldRequirement[];

export function fieldsMatch(selector: FieldSelector, valueOf: (field: string) => string): boolean {
  return selector.every(({ field, equal, value }) => (valueOf(field) === value) === equal);
}

/** The value that a selector pins a field to, if it does. */
export function requiredValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((r) => r.equal && r.field === field)?.value;
}

/** Terms are separated by commas; in values `\`, `,` and `=` are escaped with a backslash. */
export function parseFieldSelector(text: string): ParseOutcome<FieldSelector> {
  const requirements: FieldRequirement[] = [];
  for (const term of splitUnescaped(text)) {
    if (term === '') continue;
    const match = /^([^!=\\]+)(==|!=|=)((?:[^\\=,]|\\.)*)$/s.exec(term);
    if (match === null) {
      return { ok: false, error: `invalid selector: '${text}'; can't understand '${term}'` };
    }
    const [, field = '', operator, value = ''] = match;
    requirements.push({ field, equal: operator !== '!=', value: value.replace(/\\(.)/gs, '$1') });
  }
  return { ok: true, value: requirements };
}

function splitUnescaped(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '\\') term += char + (text[++i] ?? '');
    else if (char === ',') {
      terms.push(term);
      term = '';
    } else term += char;
  }
  terms.push(term);
  return terms;
}
