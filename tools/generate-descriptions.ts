/**
 * Writes `src/api/schema/descriptions.gen.json`: the texts of kinds and fields for OpenAPI and `explain`,
 * read from the doc comments of the official client's type declarations (a development dependency). The
 * file is not committed; everything works without it, only without texts.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadBuiltInSchemas } from '../src/api/schema/built-in.ts';
import { messagesByName } from '../src/api/schema/openapi-definitions.ts';
import type { MessageSchema } from '../src/api/schema/schema.ts';

const models = new URL('../node_modules/@kubernetes/client-node/dist/gen/models/', import.meta.url);
const outputFile = new URL('../src/api/schema/descriptions.gen.json', import.meta.url);

const COMMENT =
  /\/\*\*\s*((?:(?!\*\/)[^])*?)\s*\*\/\s*(?:export declare class (\w+)|(?:readonly )?'(\w+(?:[-\w$]*))'\??:)/g;

function textOf(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*\s?/, ''))
    .join('\n')
    .replaceAll('\\"', '"')
    .trim();
}

/** The client's class for a message: `V1Pod`, or `CoreV1Event` where the short name is taken. */
function candidates(message: MessageSchema): string[] {
  const parts = message.name.split('.');
  const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
  const version = capital(parts.at(-2) ?? '');
  const group = capital(parts.at(-3) ?? '');
  return [`${group}${version}${message.shortName}`, `${version}${message.shortName}`];
}

function readClass(name: string, definition: string, texts: Map<string, string>): void {
  const source = readFileSync(new URL(`${name}.d.ts`, models), 'utf8');
  for (const [, comment = '', className, field] of source.matchAll(COMMENT)) {
    const text = textOf(comment);
    if (text === '') continue;
    if (className === name) texts.set(definition, text);
    else if (field !== undefined) texts.set(`${definition}.${field.replace(/^_/, '')}`, text);
  }
}

const available = new Set(readdirSync(models).map((file) => file.replace(/\.d\.ts$/, '')));
const texts = new Map<string, string>();
const missing: string[] = [];
for (const message of messagesByName(loadBuiltInSchemas()).values()) {
  const name = candidates(message).find((candidate) => available.has(candidate));
  if (name === undefined) missing.push(message.name);
  else readClass(name, message.name, texts);
}
writeFileSync(
  outputFile,
  `${JSON.stringify(Object.fromEntries([...texts].toSorted(([a], [b]) => (a < b ? -1 : 1))))}\n`,
);
console.log(`${texts.size} descriptions; ${missing.length} messages that the client does not have`);
if (process.argv.includes('--verbose')) console.log(missing.join('\n'));
