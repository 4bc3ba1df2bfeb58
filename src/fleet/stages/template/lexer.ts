/** Go's text/template, as far as Stages need it: text and actions, and the words of an action. Pure. */

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly words: readonly Word[] };

export interface Word {
  readonly type: 'text' | 'number' | 'variable' | 'field' | 'name' | 'mark';
  readonly value: string;
  /** Stands directly behind the word before: `$x.name` is one operand, `$x .name` are two. */
  readonly isAttached: boolean;
}

/** `{{-` and `-}}` eat the space beside them. */
const ACTION = /\{\{(-(?=\s))?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|\/\*[\s\S]*?\*\/|[^"`])*?)((?<=\s)-)?\}\}/g;

const WORD =
  /(\s*)(?:("(?:[^"\\\n]|\\.)*")|`([^`]*)`|([-+]?\d+(?:\.\d+)?)(?![\w.])|(\$\w*)|\.([A-Za-z_]\w*)|([A-Za-z_]\w*)|(:=|[().|=,]))/y;

export function piecesOf(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimsNext = false;
  const addText = (text: string, trimsEnd: boolean): void => {
    let kept = trimsNext ? text.trimStart() : text;
    if (trimsEnd) kept = kept.trimEnd();
    if (kept !== '') pieces.push({ type: 'text', text: kept });
  };
  for (const match of template.matchAll(ACTION)) {
    const [whole, trimsBefore, content = '', trimsAfter] = match;
    addText(template.slice(at, match.index), trimsBefore !== undefined);
    at = match.index + whole.length;
    trimsNext = trimsAfter !== undefined;
    const isComment = content.trim().startsWith('/*');
    if (!isComment) pieces.push({ type: 'action', words: wordsOf(content) });
  }
  const rest = template.slice(at);
  if (rest.includes('{{')) throw new TemplateError('an action is not closed');
  addText(rest, false);
  return pieces;
}

function wordsOf(content: string): readonly Word[] {
  const words: Word[] = [];
  WORD.lastIndex = 0;
  const text = content.trimEnd();
  while (WORD.lastIndex < text.length) {
    const at = WORD.lastIndex;
    const match = WORD.exec(text);
    if (match === null)
      throw new TemplateError(`unexpected ${JSON.stringify(text.slice(at).trim())} in an action`);
    const [, space, quoted, raw, number, variable, field, name, mark] = match;
    const isAttached = space === '' && words.length > 0;
    const add = (type: Word['type'], value: string): void => void words.push({ type, value, isAttached });
    if (quoted !== undefined) add('text', unquote(quoted));
    else if (raw !== undefined) add('text', raw);
    else if (number !== undefined) add('number', number);
    else if (variable !== undefined) add('variable', variable);
    else if (field !== undefined) add('field', field);
    else if (name !== undefined) add('name', name);
    else add('mark', mark ?? '');
  }
  return words;
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch (error) {
    throw new TemplateError(`the text ${text} is not supported`, { cause: error });
  }
}
