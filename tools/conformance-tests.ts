/**
 * `node tools/conformance-tests.ts [TESTS]`: writes `docs/conformance/tests.md`, the official conformance tests
 * of Kubernetes 1.36 with the test of ours that carries the name. TESTS is a table of tab-separated releases,
 * area and name; without it the names that the page has already are looked at again. With `--check` nothing is
 * written, and a page that is not true any more is an error.
 *
 * A test of ours goes the way of the official one as far as a cluster in a test can: its name is the official
 * one without the leading group and the trailing tags.
 */

import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = `${ROOT}docs/conformance/tests.md`;
const NEWEST = 36;
const NOT_YET = 'not yet';

/** By the text between quotes: constants of the same file are put in. */
function literalsOf(text: string): readonly string[] {
  const constants = new Map(
    [...text.matchAll(/^const (\w+) = '([^'\n]*)';$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const found = text.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`([^`\n]*)`/g);
  return [...found].map(([, single, double, template = '']) =>
    (
      single ??
      double ??
      template.replaceAll(/\$\{(\w+)\}/g, (all, name: string) => constants.get(name) ?? all)
    ).replaceAll(/\\(['"])/g, '$1'),
  );
}

function carriers(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const path of globSync('{src,test}/**/*.test.ts', { cwd: ROOT }).toSorted())
    for (const literal of literalsOf(readFileSync(`${ROOT}${path}`, 'utf8'))) found.set(literal, path);
  return found;
}

/** `[sig-apps] Job should delete a job [Conformance]` is `Job should delete a job`. */
export function bareName(official: string): string {
  return official.replace(/^\[sig-[a-z-]+\] /, '').replace(/( \[[^\]]*\])+$/, '');
}

function readTable(file: string): readonly string[] {
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.flatMap((line) => {
    const [releases = '', , name = ''] = line.split('\t');
    const first = Math.min(...releases.split(', ').map((release) => Number(release.replace('v1.', ''))));
    return first <= NEWEST ? [name] : [];
  });
}

function readPage(text: string): readonly string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| [sig-'));
  return rows.map((row) => row.slice(2, row.lastIndexOf(' | ')));
}

function render(names: readonly string[]): string {
  const carried = carriers();
  const rows = names.map((name) => ({ name, by: carried.get(bareName(name)) ?? NOT_YET }));
  const areas = [...new Set(names.map((name) => /^\[(sig-[a-z-]+)\]/.exec(name)?.[1] ?? ''))];
  const count = (area: string, isCarried: boolean): number =>
    rows.filter(({ name, by }) => name.startsWith(`[${area}`) && (by !== NOT_YET) === isCarried).length;
  const summary = areas.map((area) => `| ${area} | ${count(area, true)} | ${count(area, false)} |`);
  return `# Official conformance tests of Kubernetes 1.36

Each official test with the test of ours that carries its name and goes its way: on simulated nodes where
those can show what it looks at, in real containers (\`test/conformance/real/\`) where they cannot.
Written by \`tools/conformance-tests.ts\`.

${rows.length} tests: ${count('sig-', true)} are carried, ${count('sig-', false)} not yet.

| area | carried | not yet |
|---|---|---|
${summary.join('\n')}

| official test | carried by |
|---|---|
${rows.map(({ name, by }) => `| ${name} | ${by} |`).join('\n')}
`;
}

/** What the page should say. */
export function conformanceTestsPage(): { readonly present: string; readonly due: string } {
  const present = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  return { present, due: render(readPage(present)) };
}

if (import.meta.main) {
  const [file] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const { present, due } = conformanceTestsPage();
  const text = file === undefined ? due : render(readTable(file));
  if (!process.argv.includes('--check')) writeFileSync(PAGE, text);
  else if (text !== present) {
    console.error('docs/conformance/tests.md is not true any more: run node tools/conformance-tests.ts');
    process.exitCode = 1;
  }
}
