/** What a client is told about a definition that is accepted all the same. */

import { isKnownFormat } from '../../../structural/formats.ts';
import type { CustomResourceDefinition } from '../../../types.gen.ts';
import { someSchema } from './schema-walk.ts';

export function definitionWarnings(
  next: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): readonly string[] {
  const before = new Set(old === undefined ? [] : unknownFormats(old));
  return unknownFormats(next)
    .filter((format) => !before.has(format))
    .map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

function unknownFormats({ spec }: CustomResourceDefinition): readonly string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (const { schema } of spec.versions) {
    const root = schema?.openAPIV3Schema;
    // Versions that look alike are told of once.
    const key = JSON.stringify(root);
    if (root === undefined || seen.has(key)) continue;
    seen.add(key);
    someSchema(root, ({ type = '', format = '' }) => {
      if (format !== '' && !isKnownFormat(type, format)) found.push(format);
      return false;
    });
  }
  return found;
}
