/**
 * How the server's seats are divided among priority levels: by shares, and every ten seconds anew by what each
 * level needed, within what it lends and may borrow. Pure. KEP-1040 describes it; the numbers are upstream's.
 *
 * Example: levels A and B with 100 seats each, both lending half. A needed 10, B as much as it could get: A
 * goes down to its minimum of 50, B gets 150.
 */

/** Half of a demand is forgotten in five minutes of ten-second periods. */
const SMOOTHING = 0.977;
const TARGET_MIN = 0.001;

export interface LevelShares {
  readonly shares: number;
  readonly lendablePercent: number;
  /** Undefined: as much as there is. */
  readonly borrowingLimitPercent: number | undefined;
}

export interface SeatBounds {
  readonly nominal: number;
  readonly min: number;
  readonly max: number;
}

/** Rounded up, so that even the smallest share is a seat. */
export function nominalSeats(levels: readonly LevelShares[], total: number): readonly SeatBounds[] {
  const sum = levels.reduce((all, { shares }) => all + shares, 0);
  return levels.map(({ shares, lendablePercent, borrowingLimitPercent }) => {
    const nominal = sum === 0 ? 0 : Math.ceil((total * shares) / sum);
    const lendable = Math.round((nominal * lendablePercent) / 100);
    const borrowable =
      borrowingLimitPercent === undefined ? total : Math.round((nominal * borrowingLimitPercent) / 100);
    return { nominal, min: nominal - lendable, max: nominal + borrowable };
  });
}

/** What a level needed during a period: integrals of its demand over time. */
export class SeatDemand {
  #demand = 0;
  #sinceMs: number;
  #elapsedMs = 0;
  #sum = 0;
  #squares = 0;
  #highest = 0;
  #smoothed = 0;
  #watermark = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** Seats in use and waited for, from now on. */
  set(demand: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#demand = demand;
    if (demand > this.#highest) this.#highest = demand;
  }

  #advance(nowMs: number): void {
    const ms = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    this.#elapsedMs += ms;
    this.#sum += this.#demand * ms;
    this.#squares += this.#demand * this.#demand * ms;
  }

  /** Ends the period. */
  close(nowMs: number): DemandOfPeriod {
    this.#advance(nowMs);
    if (this.#elapsedMs > 0) {
      const average = this.#sum / this.#elapsedMs;
      const variance = Math.max(0, this.#squares / this.#elapsedMs - average * average);
      const envelope = average + Math.sqrt(variance);
      this.#smoothed = Math.max(envelope, SMOOTHING * this.#smoothed + (1 - SMOOTHING) * envelope);
    }
    this.#watermark = Math.round(this.#highest);
    this.#elapsedMs = this.#sum = this.#squares = 0;
    this.#highest = this.#demand;
    return { watermark: this.#watermark, smoothed: this.#smoothed };
  }
}

export interface DemandOfPeriod {
  /** The most seats that were wanted at once. */
  readonly watermark: number;
  readonly smoothed: number;
}

export interface Borrower extends SeatBounds {
  readonly isExempt: boolean;
  readonly demand: DemandOfPeriod;
}

/** The seats of each level for the next period. */
export function currentSeats(levels: readonly Borrower[]): readonly number[] {
  const limited = levels.filter(({ isExempt }) => !isExempt);
  const total = levels.reduce((sum, { nominal }) => sum + nominal, 0);
  const exempt = (level: Borrower): number => Math.max(level.min, level.demand.watermark);
  const left = levels.reduce((sum, level) => sum - (level.isExempt ? exempt(level) : 0), total);
  const lower = limited.map(({ min, nominal, demand }) => Math.max(min, Math.min(nominal, demand.watermark)));
  const minSum = limited.reduce((sum, { min }) => sum + min, 0);
  const lowerSum = lower.reduce((sum, seats) => sum + seats, 0);
  const shared = ((): readonly number[] => {
    if (left <= minSum) return limited.map(({ min }) => min);
    if (left <= lowerSum) {
      const fraction = (left - minSum) / (lowerSum - minSum);
      return limited.map(({ min }, i) => min + Math.round(((lower[i] ?? min) - min) * fraction));
    }
    const items = limited.map(({ max, demand }, i) => {
      const at = lower[i] ?? 0;
      return { lower: at, upper: max, target: Math.max(at, demand.smoothed, TARGET_MIN) };
    });
    return allocate(total, items).map((seats) => Math.round(seats));
  })();
  let next = 0;
  return levels.map((level) => (level.isExempt ? exempt(level) : (shared[next++] ?? level.nominal)));
}

interface Claim {
  readonly lower: number;
  readonly upper: number;
  readonly target: number;
}

/**
 * Divides `sum` so that each gets the same multiple of its target, unless a bound of its own stops it. What
 * the bounds do not allow to be divided is left over.
 */
export function allocate(sum: number, claims: readonly Claim[]): readonly number[] {
  const at = (multiple: number): readonly number[] =>
    claims.map(({ lower, upper, target }) => Math.max(lower, Math.min(upper, multiple * target)));
  const total = (multiple: number): number => at(multiple).reduce((all, seats) => all + seats, 0);
  // The total grows linearly between the multiples at which a claim meets one of its bounds.
  const corners = claims
    .flatMap(({ lower, upper, target }) => [lower / target, upper / target])
    .toSorted((a, b) => a - b);
  let low = 0;
  for (const corner of corners) {
    const high = total(corner);
    if (high >= sum) {
      const below = total(low);
      const fraction = high === below ? 1 : (sum - below) / (high - below);
      return at(low + Math.max(0, fraction) * (corner - low));
    }
    low = corner;
  }
  return at(low);
}
