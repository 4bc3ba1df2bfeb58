/** Finds the message of a kind by what an object says of itself. */

import type { GroupVersionSchema, MessageSchema } from './schema.ts';

export type MessageOfKind = (apiVersion: string, kind: string) => MessageSchema | undefined;

export function messageOfKind(schemas: ReadonlyMap<string, GroupVersionSchema>): MessageOfKind {
  const byApiVersion = new Map<string, GroupVersionSchema>();
  for (const schema of schemas.values()) {
    // meta/v1 shares the name `v1` with the core group and is looked up last.
    const name = schema.group === '' ? schema.version : `${schema.group}/${schema.version}`;
    if (schema.group !== 'meta') byApiVersion.set(name, schema);
  }
  const meta = schemas.get('meta/v1');
  return (apiVersion, kind) => byApiVersion.get(apiVersion)?.messages.get(kind) ?? meta?.messages.get(kind);
}
