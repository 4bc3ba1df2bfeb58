/**
 * How strict field validation words what it finds, and the refusal of a body that is none. Pure.
 */

import { badRequestError, type ApiError } from '../meta/api-error.ts';

/** One line for each, as in warnings: `unknown field "spec.foo"`. */
export function strictErrorTexts(
  unknownFields: readonly string[],
  duplicateFields: readonly string[],
): string[] {
  const unknown = unknownFields.map((path) => `unknown field ${JSON.stringify(path)}`);
  return [...unknown, ...duplicateFieldTexts(duplicateFields)];
}

export function duplicateFieldTexts(paths: readonly string[]): string[] {
  return paths.map((path) => `duplicate field ${JSON.stringify(path)}`);
}

/** `strict decoding error: unknown field "spec.foo", duplicate field "spec.bar"` */
export function strictDecodingErrorText(texts: readonly string[]): string {
  return `strict decoding error: ${texts.join(', ')}`;
}

const YAML_ERRORS = 'yaml: unmarshal errors:\n';

/** Keys that stand twice in YAML are one error together: `line 7: key "a" already set in map`. */
export function repeatedKeysText(lines: readonly string[]): string {
  return YAML_ERRORS + lines.map((line) => `  ${line}`).join('\n');
}

/** As warnings: each line of an error about YAML is one of its own. */
export function strictWarnings(texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    if (!text.startsWith(YAML_ERRORS)) return [text];
    const lines = text.slice(YAML_ERRORS.length).split('\n');
    return lines.map((line) => line.trim());
  });
}

/** What a client is told about a body that cannot be decoded, be it for its types or by strict validation. */
export function undecodableError(kind: string, version: string, why: string, given = kind): ApiError {
  return badRequestError(`${given} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}
