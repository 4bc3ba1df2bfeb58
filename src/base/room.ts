/**
 * Objects in one piece. The engine gives `{}` room for four fields and opens a second object for the fifth;
 * a copy of such an object consists of two as well. Where objects live long by the hundred thousand, that
 * second one is memory that the garbage collector walks, and time in every copy.
 *
 * It gives what a constructor makes as much room as its first objects needed (V8's slack tracking), so here is
 * one constructor for each number of fields, whose first objects are made for show.
 */

/** Larger ones are rare. */
const FIELDS_MAX = 32;
/** More than the engine looks at. */
const SHOWN = 8;

type Fields = { [name: string]: unknown };
type Maker = new () => Fields;

const makers: (Maker | undefined)[] = [];

/** An empty object, like `{}`, with room for so many fields. */
export function withRoom(fields: number): Fields {
  if (fields > FIELDS_MAX) return {};
  const Made = (makers[fields] ??= makerOf(fields));
  return new Made();
}

function makerOf(fields: number): Maker {
  const Made = newMaker();
  for (let i = 0; i < SHOWN; i++) {
    const shown = new Made();
    for (let field = 0; field < fields; field++) shown[`field${field}`] = i;
  }
  return Made;
}

/** Another constructor each time, of what counts as plain objects. */
function newMaker(): Maker {
  function Made(this: Fields, isNever?: true): void {
    // Never run: the engine counts what a constructor assigns, and starts from that and eight more.
    if (isNever === undefined) return;
    this['a0'] = this['a1'] = this['a2'] = this['a3'] = this['a4'] = this['a5'] = this['a6'] = this['a7'] = 0;
    this['b0'] = this['b1'] = this['b2'] = this['b3'] = this['b4'] = this['b5'] = this['b6'] = this['b7'] = 0;
    this['c0'] = this['c1'] = this['c2'] = this['c3'] = this['c4'] = this['c5'] = this['c6'] = this['c7'] = 0;
  }
  Made.prototype = Object.prototype;
  return Made as unknown as Maker;
}
