/**
 * For property tests: how many generated games are played. Without being asked, as many as the test says
 * (quick enough for every commit), from a fresh seed. By the environment, to hunt for what is rare:
 *
 * - `K8TS_GAMES`: the games of every property.
 * - `K8TS_GAMES_SECONDS`: the longest that one property plays, shrinking included.
 * - `K8TS_SEED` and `K8TS_PATH`: the seed and the path that a failure was reported with, to see it again.
 *
 * Asked by any of them, each property says how many games it played from which seed.
 */

import fc from 'fast-check';

export interface Games {
  readonly numRuns: number;
  readonly seed?: number;
  readonly path?: string;
  readonly interruptAfterTimeLimit?: number;
  readonly reporter?: (details: Outcome) => void;
}

/** What it needs of an outcome, whatever was generated. */
type Outcome = Pick<fc.RunDetails<unknown>, 'failed' | 'interrupted' | 'numRuns' | 'seed' | 'errorInstance'>;

/**
 * The parameters of `fc.assert` for a property that plays `usual` games in every check. Throws for what is
 * no number in the environment.
 */
export function games(usual = 100): Games {
  const count = numberOf('K8TS_GAMES');
  const seconds = numberOf('K8TS_GAMES_SECONDS');
  const seed = numberOf('K8TS_SEED');
  const path = process.env['K8TS_PATH'];
  return {
    numRuns: count ?? usual,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
    ...(seconds === undefined ? {} : { interruptAfterTimeLimit: seconds * 1_000 }),
    ...([count, seconds, seed, path].every((asked) => asked === undefined) ? {} : { reporter: report }),
  };
}

function numberOf(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text === '' || !Number.isInteger(value)) throw new Error(`${variable}: ${text} is no whole number`);
  return value;
}

function report(details: Outcome): void {
  const { failed, numRuns, seed, errorInstance } = details;
  console.log(`${numRuns} games, seed ${seed}${failed ? ', FAILED' : ''}`);
  if (!failed) return;
  // `defaultReportMessage` is for whatever was generated, too.
  const message = fc.defaultReportMessage(details as fc.RunDetails<unknown>);
  throw new Error(message ?? 'the property failed', { cause: errorInstance });
}
