/**
 * Patterns of users, in Go's syntax and in linear time whatever the pattern is.
 *
 * Compiled patterns are kept by their text: they depend on nothing else. How many is bounded.
 */

import { RE2JS } from 're2js';

const COMPILED_MAX = 10_000;
const compiled = new Map<string, RE2JS>();

/** The pattern, or why it is none, in Go's words. */
export function compilePattern(pattern: string): RE2JS | { readonly problem: string } {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  try {
    const made = RE2JS.compile(pattern);
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    compiled.set(pattern, made);
    return made;
  } catch (cause) {
    return { problem: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Whether the pattern occurs in the text; a pattern that is none matches nothing. */
export function matchesPattern(pattern: string, text: string): boolean {
  const regex = compilePattern(pattern);
  return 'problem' in regex ? false : regex.matcher(text).find();
}
