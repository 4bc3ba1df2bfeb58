/** Small random settings: the search finds something exactly when trying everything does, and it is right. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { Given } from './allocator.ts';
import { allocateIn, claim, device, DRIVER, ofKind, slice } from './devices.fixture.ts';

const kind = fc.constantFrom('x', 'y', undefined);
const request = fc.record({
  kind: fc.constantFrom('x', 'y', undefined, undefined),
  count: fc.constantFrom<number | 'all'>(1, 1, 2, 'all'),
  isAdmin: fc.constantFrom(false, false, false, true),
  amount: fc.constantFrom<number | undefined>(undefined, undefined, 1, 2),
});
/** `size`: there is so much of it; shared ones may be had in part. */
const oneDevice = fc.record({
  kind,
  isAllocated: fc.boolean(),
  size: fc.constantFrom<number | undefined>(undefined, undefined, 1, 2, 3),
  isShared: fc.boolean(),
});
const claimInput = fc.record({
  requests: fc.array(request, { minLength: 1, maxLength: 2 }),
  rule: fc.constantFrom(undefined, undefined, 'same', 'different'),
});
const setting = fc.record({
  devices: fc.array(oneDevice, { maxLength: 4 }),
  claims: fc.array(claimInput, { minLength: 1, maxLength: 2 }),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;
type Request = Setting['claims'][number]['requests'][number];
type OneDevice = Setting['devices'][number];

/** Of a shared device one part is gone when it is allocated. */
const goneOf = ({ isAllocated, size = 0 }: OneDevice): number => (isAllocated && size > 0 ? 1 : 0);
const consumedBy = ({ amount }: Request, { size = 0 }: OneDevice): number => amount ?? size;

/** By claim and request: the devices, as bits. */
type Choice = readonly (readonly number[])[];

const bitsOf = (mask: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => i).filter((i) => (mask & (1 << i)) !== 0);

function isRight({ devices, claims }: Setting, choice: Choice): boolean {
  const users = devices.map(() => 0);
  const consumed = devices.map(goneOf);
  for (const [c, { requests, rule }] of claims.entries()) {
    const seen = new Set<number>();
    const kinds: (string | undefined)[] = [];
    for (const [r, wanted] of requests.entries()) {
      const chosen = bitsOf(choice[c]?.[r] ?? 0, devices.length);
      const all = devices.flatMap((one, i) => (fits(wanted, one) ? [i] : []));
      if (chosen.length !== (wanted.count === 'all' ? all.length : wanted.count) || chosen.length === 0)
        return false;
      for (const i of chosen) {
        const one = devices[i];
        if (one === undefined || !all.includes(i)) return false;
        kinds.push(one.kind);
        if (one.isShared) {
          consumed[i] = (consumed[i] ?? 0) + consumedBy(wanted, one);
          if ((consumed[i] ?? 0) > (one.size ?? 0)) return false;
          continue;
        }
        if (seen.has(i) || (!wanted.isAdmin && one.isAllocated)) return false;
        seen.add(i);
        users[i] = (users[i] ?? 0) + (wanted.isAdmin ? 0 : 1);
      }
    }
    if (rule !== undefined && kinds.includes(undefined)) return false;
    if (rule === 'same' && new Set(kinds).size > 1) return false;
    if (rule === 'different' && new Set(kinds).size < kinds.length) return false;
  }
  return users.every((count) => count <= 1);
}

/** Those without room are not among "all", for which it makes no difference otherwise. */
function fits(wanted: Request, one: OneDevice): boolean {
  if (wanted.kind !== undefined && wanted.kind !== one.kind) return false;
  if (wanted.amount !== undefined && (one.size ?? 0) < wanted.amount) return false;
  return !one.isShared || goneOf(one) + consumedBy(wanted, one) <= (one.size ?? 0);
}

function anyIsRight(one: Setting): boolean {
  const counts = one.claims.map(({ requests }) => requests.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const subsets = 1 << one.devices.length;
  for (let code = 0; code < subsets ** total; code++) {
    let rest = code;
    const choice = counts.map((count) =>
      Array.from({ length: count }, () => {
        const mask = rest % subsets;
        rest = Math.trunc(rest / subsets);
        return mask;
      }),
    );
    if (isRight(one, choice)) return true;
  }
  return false;
}

function choiceOf({ devices, claims }: Setting, given: readonly (readonly Given[])[]): Choice {
  return claims.map(({ requests }, c) =>
    requests.map((_, r) =>
      devices.reduce((mask, __, i) => {
        const has = given[c]?.some(
          (one) => one.alternative.name === `r${r}` && one.device.device.name === `d${i}`,
        );
        return has === true ? mask | (1 << i) : mask;
      }, 0),
    ),
  );
}

test('as good as trying everything', () => {
  fc.assert(
    fc.property(setting, (one) => {
      const devices = one.devices.map(({ kind: ofIt, size, isShared }, i) =>
        device(`d${i}`, ofIt, {
          ...(size === undefined ? {} : { capacity: { size: { value: String(size) } } }),
          ...(isShared ? { allowMultipleAllocations: true } : {}),
        }),
      );
      const claims = one.claims.map(({ requests, rule }, c) =>
        claim(
          `c${c}`,
          Object.fromEntries(
            requests.map((wanted, r) => [
              `r${r}`,
              {
                ...(wanted.count === 'all' ? { allocationMode: 'All' } : { count: wanted.count }),
                ...(wanted.isAdmin ? { adminAccess: true } : {}),
                ...(wanted.amount === undefined
                  ? {}
                  : { capacity: { requests: { size: String(wanted.amount) } } }),
                ...(wanted.kind === undefined ? {} : { selectors: [guarded(wanted.kind)] }),
              },
            ]),
          ),
          rule === undefined
            ? {}
            : {
                constraints: [
                  { [rule === 'same' ? 'matchAttribute' : 'distinctAttribute']: `${DRIVER}/kind` },
                ],
              },
        ),
      );
      const allocated = one.devices.flatMap(({ isAllocated, isShared }, i) =>
        isAllocated && !isShared ? [`n/d${i}`] : [],
      );
      const consumed = Object.fromEntries(
        one.devices.flatMap((each, i) =>
          each.isAllocated && each.isShared ? [[`n/d${i}`, { size: String(goneOf(each)) }]] : [],
        ),
      );
      const slices = [slice('n', { nodeName: 'n', devices })];
      const found = allocateIn({ slices, allocated, consumed }, ...claims);
      if (found.outcome === 'problem') assert.fail(found.reason);
      assert.equal(found.outcome === 'found', anyIsRight(one));
      if (found.outcome === 'found') assert.ok(isRight(one, choiceOf(one, found.given)));
    }),
    games(300),
  );
});

/** Devices without a kind are no error. */
function guarded(wanted: string): ReturnType<typeof ofKind> {
  const { expression } = ofKind(wanted).cel;
  return { cel: { expression: `"kind" in device.attributes["${DRIVER}"] && ${expression}` } };
}
