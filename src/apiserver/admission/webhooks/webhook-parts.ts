/** What admission by webhooks works with. */

import type { Logger } from '../../../base/log.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { WorldParts } from '../dynamic/world.ts';
import type { CallParts } from './call.ts';

export interface WebhookParts extends WorldParts, CallParts {
  readonly authorizer: Authorizer;
  readonly logger: Logger;
}
