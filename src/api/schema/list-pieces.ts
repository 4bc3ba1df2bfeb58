/** Lists that are encoded piece by piece, so that nobody needs to hold one whole. */

import type { JsonObject } from './schema.ts';

export type Piece = Uint8Array | string;

export interface ListPieces {
  /** Bytes that an item takes; only where the start has to say how long all of them are. */
  readonly sizeOf?: (item: JsonObject) => number;
  /** `itemBytes`: the sum of the sizes, where there is `sizeOf`. */
  start(itemBytes: number): Piece;
  item(item: JsonObject, index: number): Piece;
  end(): Piece;
}
