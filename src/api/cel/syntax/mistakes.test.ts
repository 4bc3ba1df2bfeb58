import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tests } from '@bufbuild/cel-spec/testdata/parsing.js';
import fc from 'fast-check';
import { games } from '../../../base/games.fixture.ts';
import { formatIssues, issueAt } from './issue.ts';
import { syntaxProblems } from './mistakes.ts';
import { EXPRESSION_LENGTH_MAX, NESTING_MAX } from './parser.ts';
import { RECOVERIES_MAX, type RecoveryLimits } from './recovery.ts';

const LIMITS: RecoveryLimits = { nesting: NESTING_MAX, recoveries: RECOVERIES_MAX };
/** Those that cel-go's tests of its parser set. */
const NARROW: RecoveryLimits = { nesting: 32, recoveries: 4 };

function issuesOf(expression: string, limits: RecoveryLimits): string {
  const problems = syntaxProblems(expression, limits);
  return formatIssues(
    expression,
    problems.map(({ at, message }) => issueAt(expression, at, message)),
  );
}

interface Suite {
  readonly tests?: readonly { readonly original: { readonly expr: string }; readonly error?: string }[];
  readonly suites?: readonly Suite[];
}

/** Its issues of syntax; the others are found behind the grammar. */
function syntaxIssues(error: string): string {
  const issues = error.replaceAll(/ERROR: (?:<input>)?:/g, 'ERROR: <input>:').split(/\n(?=ERROR: )/);
  return issues.filter((issue) => issue.includes('Syntax error')).join('\n');
}

function check({ tests: cases = [], suites = [] }: Suite): number {
  let refused = 0;
  for (const { original, error = '' } of cases) {
    // Where cel-go gives up, it counts also what only its generated code has.
    if (/token lookahead limit|recursion limit/.test(error)) continue;
    const expected = syntaxIssues(error);
    assert.equal(issuesOf(original.expr, NARROW), expected, original.expr);
    if (expected !== '') refused++;
  }
  return suites.reduce((sum, suite) => sum + check(suite), refused);
}

test("cel-go's own table of expressions: the same mistakes in the same words, or none", () => {
  assert.ok(check(tests as Suite) > 15);
});

const STARTS =
  "'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER";

test('what people get wrong', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a ==', [`1:5: mismatched input '<EOF>' expecting {${STARTS}}`]],
    ['(a', ["1:3: missing ')' at '<EOF>'"]],
    ['f(a, b', ["1:7: missing ')' at '<EOF>'"]],
    ['[1, 2', ["1:6: mismatched input '<EOF>' expecting {']', ','}"]],
    ['a)', ["1:2: extraneous input ')' expecting <EOF>"]],
    ['a b c', ["1:3: mismatched input 'b' expecting <EOF>"]],
    ['a = 1', ["1:3: token recognition error at: '= '", "1:5: extraneous input '1' expecting <EOF>"]],
    ["a == 'x", [`1:6: token recognition error at: ''x'`, `1:8: mismatched input '<EOF>' expecting {${STARTS}}`]],
    ['a.', ["1:3: no viable alternative at input '.'"]],
    ['a.true', ["1:3: mismatched input 'true' expecting IDENTIFIER"]],
    ['a ? b', ["1:6: mismatched input '<EOF>' expecting ':'"]],
    ['a && && b', [`1:6: extraneous input '&&' expecting {${STARTS}}`]],
    ['f(a,) || g(,b)', [
      `1:5: mismatched input ')' expecting {${STARTS}}`,
      `1:12: extraneous input ',' expecting {'[', '{', '(', ')', ${STARTS.slice("'[', '{', '(', ".length)}}`,
    ]],
    ['1 + -', [
      "1:6: no viable alternative at input '-'",
      `1:6: mismatched input '<EOF>' expecting {${STARTS}}`,
    ]],
    ['\tif', []],
  ]; // prettier-ignore
  for (const [expression, expected] of cases) {
    const found = issuesOf(expression, LIMITS)
      .split('\n')
      .filter((line) => line.startsWith('ERROR'))
      .map((line) => line.replace('ERROR: <input>:', '').replace('Syntax error: ', ''));
    assert.deepEqual(found, expected, expression);
  }
});

test('recovery ends', () => {
  const pieces = fc.constantFrom(
    ...[
      'a',
      '.',
      '?',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '-',
      '!',
      '1',
      '&&',
      '||',
      '==',
      '"',
      '`',
      '|',
      ' ',
    ],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      const expression = parts.join('');
      for (const { at } of syntaxProblems(expression, LIMITS)) assert.ok(at <= expression.length);
    }),
    games(500),
  );
  for (const piece of ['(', ')', 'a ', '"\\q', '-', '!', 'a.', '{?', '[,']) {
    const long = piece.repeat(EXPRESSION_LENGTH_MAX / piece.length);
    assert.ok(syntaxProblems(long, LIMITS).length <= 100, piece);
  }
});
