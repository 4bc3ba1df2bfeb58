/**
 * The CRI's `Signal` enum in the order of its numbers. Real-time signals count up from MIN and down from
 * MAX.
 */

import { type Kind, oneOf } from './protobuf.ts';

const named =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS ' +
  'TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ';
const aboveMin = Array.from({ length: 15 }, (_, i) => `RTMINPLUS${i + 1}`);
const belowMax = Array.from({ length: 14 }, (_, i) => `RTMAXMINUS${14 - i}`);

export const signals: Kind<string> = oneOf(
  'RUNTIME_DEFAULT',
  ...[...named.split(' '), 'RTMIN', ...aboveMin, ...belowMax, 'RTMAX'].map((name) => `SIG${name}`),
);
