/** What a request says of how it wants to be answered, and the warnings that go with an answer. Pure. */

import { fieldErrorText, invalid } from '../../api/field/field-error.ts';
import { badRequestError } from '../../api/meta/api-error.ts';
import type { IncludeObject } from '../table/table.ts';
import { headerText, type Exchange, type Headers } from './exchange.ts';
import { flag } from './request-info.ts';

const WARNINGS_MAX_BYTES = 4096;

/** What rows of a Table hold besides their cells. Throws `BadRequest` for what there is not. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const include = query.get('includeObject') ?? '';
  if (include === '') return 'Metadata';
  if (include === 'None' || include === 'Object' || include === 'Metadata') return include;
  const detail = "must be 'Metadata', 'Object', 'None', or empty";
  const text = fieldErrorText(invalid('includeObject', include, detail));
  throw badRequestError(`Unable to convert to Table as requested: ${text}`);
}

/** People with a browser or curl see line breaks, as upstream has it; programs ask with `pretty`. */
export function wantsPretty(query: URLSearchParams, { headers }: Exchange): boolean {
  const wanted = query.get('pretty');
  if (wanted !== null) return flag(wanted);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headerText(headers, 'user-agent'));
}

/** RFC 7234 warnings as clients print them, each once, bounded in total. */
export function warningHeaders(warnings: readonly string[]): Headers {
  const lines: string[] = [];
  let size = 0;
  for (const text of new Set(warnings)) {
    const line = `299 - ${JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?'))}`;
    size += line.length;
    if (size > WARNINGS_MAX_BYTES) break;
    lines.push(line);
  }
  return lines.length === 0 ? {} : { warning: lines };
}
