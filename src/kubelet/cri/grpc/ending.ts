/**
 * A container that ends by itself just when it is to be stopped: containerd's connection to its shim closes under
 * the call, which then fails, though nothing is wrong. Asked again it finds the container ended.
 */

import { errorText } from '../../../base/log.ts';

const SHIM_GONE = 'ttrpc: closed';

export async function despiteEnding<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!errorText(error).includes(SHIM_GONE)) throw error;
    return ask();
  }
}
