/** How volumes can be mounted: the short text for tables, and what does not go together. */

import { forbidden, type FieldError, type FieldPath } from '../../../field/field-error.ts';

const SHORT: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** Always in the same order: `RWO,ROX,RWX,RWOP`. */
export function accessModesText(modes: readonly string[] = []): string {
  return SHORT.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

export function validateAccessModes(path: FieldPath, modes: readonly string[]): FieldError[] {
  const known = SHORT.map(([mode]) => mode).filter((mode) => modes.includes(mode));
  if (!known.includes('ReadWriteOncePod') || known.length === 1) return [];
  return [forbidden(path, 'may not use ReadWriteOncePod with other access modes')];
}
