/**
 * Writes `src/api/types.gen.ts`: the TypeScript types of every message of the schema notation.
 * Run with `npm run gen` after a change to `src/api/schema/definitions/`.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { loadBuiltInSchemas } from '../src/api/schema/built-in.ts';
import type { Field, FieldType, MessageSchema, ScalarType } from '../src/api/schema/schema.ts';

const SCALAR_TYPES: Record<ScalarType, string> = {
  string: 'string',
  bool: 'boolean',
  int32: 'number',
  int64: 'number',
  double: 'number',
  bytes: 'string',
  time: 'string',
  microTime: 'string',
  duration: 'string',
  quantity: 'string',
  intOrString: 'number | string',
  rawExtension: 'JsonObject',
  fieldsV1: 'JsonObject',
  json: 'JsonValue',
  schemaOrBool: 'JSONSchemaProps | boolean',
  schemaOrArray: 'JSONSchemaProps | readonly JSONSchemaProps[]',
  schemaOrStringArray: 'JSONSchemaProps | readonly string[]',
};

const outputFile = new URL('../src/api/types.gen.ts', import.meta.url);

function nameMessages(messages: readonly MessageSchema[]): Map<MessageSchema, string> {
  const taken = new Set<string>();
  const names = new Map<MessageSchema, string>();
  for (const message of messages) {
    const parts = message.groupVersion.protobufPackage.split('.').slice(-2);
    const prefix = parts.map((p) => p.slice(0, 1).toUpperCase() + p.slice(1)).join('');
    const name = taken.has(message.shortName) ? prefix + message.shortName : message.shortName;
    taken.add(name);
    names.set(message, name);
  }
  return names;
}

function typeText(
  type: FieldType,
  choices: readonly string[] | undefined,
  names: Map<MessageSchema, string>,
): string {
  switch (type.form) {
    case 'scalar':
      return choices === undefined ? SCALAR_TYPES[type.scalar] : choices.map((c) => `'${c}'`).join(' | ');
    case 'message':
      return names.get(type.message) ?? 'never';
    case 'list': {
      const item = typeText(type.items, choices, names);
      return item.includes('|') ? `readonly (${item})[]` : `readonly ${item}[]`;
    }
    case 'map':
      return `{ readonly [key: string]: ${typeText(type.values, choices, names)} }`;
  }
}

function fieldLines(fields: readonly Field[], names: Map<MessageSchema, string>): string[] {
  return fields.flatMap((field) => {
    if (field.inline && field.type.form === 'message') return fieldLines(field.type.message.fields, names);
    const isMetadata = field.name === 'metadata' && field.number === 1;
    const optional = field.always || isMetadata ? '' : '?';
    const name = /^[\w$]+$/.test(field.name) ? field.name : `'${field.name}'`;
    return [`  readonly ${name}${optional}: ${typeText(field.type, field.enum, names)};`];
  });
}

function render(): string {
  const messages = [...loadBuiltInSchemas().values()].flatMap((gv) => [...gv.messages.values()]);
  const names = nameMessages(messages);
  const parts = [
    '// Generated from src/api/schema/definitions/ by `npm run gen`. Do not edit.',
    "import type { JsonObject, JsonValue } from './schema/schema.ts';",
    '',
  ];
  for (const message of messages) {
    const name = names.get(message) ?? message.shortName;
    if (message.wraps !== undefined)
      parts.push(`export type ${name} = ${typeText(message.wraps, undefined, names)};`, '');
    else {
      parts.push(`/** ${message.name} */`, `export interface ${name} {`);
      if (message.isKind) parts.push('  readonly apiVersion: string;', '  readonly kind: string;');
      parts.push(...fieldLines(message.fields, names), '}', '');
    }
  }
  return parts.join('\n');
}

const text = render();
if (process.argv.includes('--check')) {
  if (readFileSync(outputFile, 'utf8') !== text) {
    console.error('src/api/types.gen.ts is out of date: run `npm run gen` and commit it');
    process.exitCode = 1;
  }
} else writeFileSync(outputFile, text);
