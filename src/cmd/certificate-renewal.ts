/**
 * Certificates that come near their end are renewed while their process runs, a month before: whoever uses
 * one for the next connection gets the new one, and connections that are open stay.
 */

import { errorText, type Logger } from '../base/log.ts';
import type { Clock } from '../host/host.ts';

const PERIOD_MS = 86_400_000;

export interface RenewalParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Renews what is near its end, and says what that was. */
  readonly renew: () => Promise<readonly string[]>;
}

/** Looks every day, until `signal` aborts. What fails is tried again the next day, of which there are thirty. */
export async function renewDaily({ clock, logger, renew }: RenewalParts, signal: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(PERIOD_MS, signal);
    if (signal.aborted) return;
    try {
      const names = await renew();
      if (names.length > 0) logger.info('certificates were renewed', { names: names.join(', ') });
    } catch (error) {
      logger.error('certificates could not be renewed', { error: errorText(error) });
    }
  }
}
