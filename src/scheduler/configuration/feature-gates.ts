/**
 * Feature gates that the scheduler knows, by upstream's names; all are off by default. `GenericWorkload` serves
 * PodGroups and Workloads and decides pods with their group; `GangScheduling` puts the plugin of that name among
 * the defaults of every profile.
 *
 * Example: `GenericWorkload=true,GangScheduling=true`.
 */

const GATES = ['GenericWorkload', 'GangScheduling'] as const;

export type FeatureGates = { readonly [G in (typeof GATES)[number]]: boolean };

export const NO_FEATURES: FeatureGates = { GenericWorkload: false, GangScheduling: false };

export type ReadGates =
  | { readonly ok: true; readonly gates: FeatureGates }
  | { readonly ok: false; readonly problem: string };

const YES: readonly string[] = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const NO: readonly string[] = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** What is wrong is worded as upstream's components word it. */
export function parseFeatureGates(text: string): ReadGates {
  const given = new Map<string, boolean>();
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const [name = '', ...rest] = pair.split('=').map((part) => part.trim());
    const value = rest.join('=');
    if (rest.length === 0) return wrong(`missing bool value for ${name}`);
    if (!YES.includes(value) && !NO.includes(value)) {
      const why = `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
      return wrong(`invalid value of ${name}=${value}, err: ${why}`);
    }
    if (!(GATES as readonly string[]).includes(name)) return wrong(`unrecognized feature gate: ${name}`);
    given.set(name, YES.includes(value));
  }
  const gates = { ...NO_FEATURES, ...Object.fromEntries(given) } as FeatureGates;
  if (gates.GangScheduling && !gates.GenericWorkload)
    return wrong('GangScheduling is enabled, but depends on features that are disabled: [GenericWorkload]');
  return { ok: true, gates };
}

function wrong(problem: string): ReadGates {
  return { ok: false, problem };
}
