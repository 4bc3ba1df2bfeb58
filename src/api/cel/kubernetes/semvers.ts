/** `kubernetes.Semver`: semantic versions 2.0. */

import { fn, type FunctionDeclaration, global, type Library, onValue } from '../library/declare.ts';
import { BOOL, type CelType, INT, sealedObject, STRING } from '../types/type.ts';
import { INT_MAX, intOf, UINT_MAX } from '../values/int.ts';
import { compareNumbers } from '../values/equal.ts';
import { CelError, OpaqueValue } from '../values/value.ts';

const SEMVER = sealedObject('kubernetes.Semver');

export class SemverValue extends OpaqueValue {
  override readonly type: CelType = SEMVER;
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];

  constructor(numbers: readonly bigint[], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof SemverValue && compareVersions(this, other) === 0;
  }
}

/** The version, or why the text is none. */
export function parseSemver(text: string): SemverValue | string {
  if (text === '') return 'Version string empty';
  const parts = text.split('.');
  if (parts.length < 3) return 'No Major.Minor.Patch elements found';
  const match = /^([^.]*)\.([^.]*)\.([^-+]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(text);
  const names = ['major', 'minor', 'patch'];
  const numbers: bigint[] = [];
  for (const [i, name] of names.entries()) {
    const number = match?.[i + 1] ?? '';
    const what = `${name} number ${JSON.stringify(number)}`;
    if (!/^\d+$/.test(number)) return `Invalid character(s) found in ${what}`;
    if (/^0\d/.test(number)) {
      return `${name[0]?.toUpperCase() ?? ''}${name.slice(1)} number must not contain leading zeroes ${JSON.stringify(number)}`;
    }
    if (BigInt(number) > UINT_MAX)
      return `strconv.ParseUint: parsing ${JSON.stringify(number)}: value out of range`;
    numbers.push(BigInt(number));
  }
  const prerelease = match?.[4] === undefined ? [] : match[4].split('.');
  for (const part of prerelease) {
    if (part === '') return 'Prerelease is empty';
    if (!/^[0-9A-Za-z-]+$/.test(part))
      return `Invalid character(s) found in prerelease ${JSON.stringify(part)}`;
    if (/^0\d+$/.test(part))
      return `Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(part)}`;
  }
  for (const part of match?.[5]?.split('.') ?? []) {
    if (part === '') return 'Build meta data is empty';
    if (!/^[0-9A-Za-z-]+$/.test(part))
      return `Invalid character(s) found in build meta data ${JSON.stringify(part)}`;
  }
  return new SemverValue(numbers, prerelease);
}

/** `v1.2` and `1.02.3` are taken as well. */
function parseNormalized(text: string): SemverValue | string {
  const [major = '', minor, ...rest] = text.replace(/^v/, '').split('.');
  const given = [major, minor, rest.length === 0 ? undefined : rest.join('.')];
  const parts = given
    .filter((part) => part !== undefined)
    .map((part) => (part.length > 1 ? trimZeros(part) : part));
  if (parts.length < 3) {
    if (/[+-]/.test(parts.at(-1) ?? '')) return 'short version cannot contain PreRelease/Build meta data';
    while (parts.length < 3) parts.push('0');
  }
  return parseSemver(parts.join('.'));
}

function trimZeros(part: string): string {
  const trimmed = part.replace(/^0+/, '');
  return /^[0-9]/.test(trimmed) ? trimmed : `0${trimmed}`;
}

export function compareVersions(a: SemverValue, b: SemverValue): number {
  for (const [i, number] of a.numbers.entries()) {
    const order = compareNumbers(number, b.numbers[i] ?? 0n) ?? 0;
    if (order !== 0) return order;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Math.sign(b.prerelease.length - a.prerelease.length);
  }
  for (const [i, part] of a.prerelease.entries()) {
    const other = b.prerelease[i];
    if (other === undefined) return 1;
    const order = comparePrerelease(part, other);
    if (order !== 0) return order;
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0;
}

/** Numbers come before words. */
function comparePrerelease(a: string, b: string): number {
  const aNumber = /^\d+$/.test(a);
  const bNumber = /^\d+$/.test(b);
  if (aNumber && bNumber) return compareNumbers(BigInt(a), BigInt(b)) ?? 0;
  if (aNumber !== bNumber) return aNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function read(text: string, normalize: boolean): SemverValue {
  const version = normalize ? parseNormalized(text) : parseSemver(text);
  if (typeof version === 'string') throw new CelError(version);
  return version;
}

function isValid(text: string, normalize: boolean): boolean {
  return typeof (normalize ? parseNormalized(text) : parseSemver(text)) !== 'string';
}

function part(name: string, index: number): FunctionDeclaration {
  const evaluate = ({ numbers }: SemverValue): number | bigint => {
    const number = numbers[index] ?? 0n;
    return intOf(number > INT_MAX ? number - 2n ** 64n : number);
  };
  return fn(name, onValue(`semver_${name}`, [SEMVER], INT, evaluate));
}

export const SEMVERS: Library = {
  functions: [
    fn('semver',
      global('string_to_semver', [STRING], SEMVER, (text: string) => read(text, false)),
      global('string_bool_to_semver', [STRING, BOOL], SEMVER, read)),
    fn('isSemver',
      global('is_semver_string', [STRING], BOOL, (text: string) => isValid(text, false)),
      global('is_semver_string_bool', [STRING, BOOL], BOOL, isValid)),
    fn('isGreaterThan', onValue('semver_is_greater_than', [SEMVER, SEMVER], BOOL, (a: SemverValue, b: SemverValue) =>
      compareVersions(a, b) > 0)),
    fn('isLessThan', onValue('semver_is_less_than', [SEMVER, SEMVER], BOOL, (a: SemverValue, b: SemverValue) =>
      compareVersions(a, b) < 0)),
    fn('compareTo', onValue('semver_compare_to', [SEMVER, SEMVER], INT, compareVersions)),
    part('major', 0),
    part('minor', 1),
    part('patch', 2),
  ],
  macros: [],
}; // prettier-ignore
