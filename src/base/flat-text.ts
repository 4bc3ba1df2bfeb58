/**
 * The same text in one piece of memory. What `+`, templates and `slice` make is kept by the engine as a tree of
 * pieces, or as a view of a longer text: a uuid takes ten times its length that way, and one such text
 * anywhere in an object makes `JSON.stringify` leave its fast path and take two to three times as long for the whole
 * object. So a text that is made for every object is made flat; it costs a fifth of a microsecond.
 */
export function flat(text: string): string {
  return [text.slice(0, 1), text.slice(1)].join('');
}
