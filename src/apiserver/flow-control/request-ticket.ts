/** A request on its way through flow control, with what the debug endpoints tell about it. */

import type { UserInfo } from '../../client/operation.ts';
import { Ticket, type Work } from './fair-queuing.ts';
import type { AskedRequest } from './flow-gate.ts';

export interface Asked {
  readonly schema: string;
  readonly distinguisher: string;
  readonly request: AskedRequest;
  readonly user: UserInfo;
}

export class RequestTicket extends Ticket {
  readonly asked: Asked;

  constructor(work: Work, onDispatch: () => void, asked: Asked) {
    super(work, onDispatch);
    this.asked = asked;
  }
}
