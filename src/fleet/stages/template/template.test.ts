import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../../api/schema/schema.ts';
import { TemplateError } from './lexer.ts';
import { compileTemplate, render } from './template.ts';

const DATA: JsonValue = {
  metadata: { name: 'web', annotations: { 'x.io/code': '3' } },
  spec: { hostNetwork: false, containers: [{ name: 'a', image: 'i:1' }, { name: 'b' }] },
  status: { count: 2 },
};

const filled = (text: string, data: JsonValue = DATA): string =>
  render(compileTemplate(text, ['Now']), data, { Now: () => '2026-01-01T00:00:00Z' });

test('what is printed', () => {
  const cases: readonly [string, string][] = [
    ['a {{ .metadata.name }} b', 'a web b'],
    ['{{ .metadata.name | Quote }} {{ .status.count | Quote }} {{ .nothing | Quote }}', '"web" "2" "null"'],
    ['{{ Now | Quote }}', '"2026-01-01T00:00:00Z"'],
    ['{{ .nothing.at.all }}', '<no value>'],
    ['{{ $x := .metadata }}{{ $x.name }}{{ $x = 1 }}{{ $x }}', 'web1'],
    ['{{ (index .spec.containers 1).name }}', 'b'],
    ['{{ index .metadata.annotations "x.io/code" }}', '3'],
    ['{{ or .nothing .spec.hostNetwork "" 5 }}', '5'],
    ['{{ or .spec.hostNetwork false }}{{ and 1 "x" }}{{ and 0 (index .nothing 1) }}', 'falsex0'],
    ['{{ if eq .metadata.name "web" "db" }}yes{{ else }}no{{ end }}', 'yes'],
    ['{{ if eq .nothing "x" }}1{{ else if not .nothing }}2{{ else }}3{{ end }}', '2'],
    ['{{ if and .status.count (ne (printf "%v" .status.count) "0") }}some{{ end }}', 'some'],
    ['{{ with .nothing }}a{{ else }}{{ .metadata.name }}{{ end }}', 'web'],
    ['{{ with .metadata }}{{ .name }} {{ $.status.count }}{{ end }}', 'web 2'],
    ['{{ range .spec.containers }}[{{ .name }}]{{ else }}none{{ end }}', '[a][b]'],
    ['{{ range .nothing }}x{{ else }}none{{ end }}', 'none'],
    ['{{ range $i, $c := .spec.containers }}{{ $i }}{{ $c.name }}{{ end }}', '0a1b'],
    [
      '{{ range $c := .spec.containers }}{{ if eq $c.name "a" }}{{ continue }}{{ end }}{{ $c.name }}{{ end }}',
      'b',
    ],
    ['{{ range .spec.containers }}{{ .name }}{{ break }}{{ end }}', 'a'],
    ['{{ range $k, $v := .metadata.annotations }}{{ $k }}={{ $v }}{{ end }}', 'x.io/code=3'],
    ['{{ define "t" }}<{{ .a }}{{ $.b }}>{{ end }}{{ template "t" dict "a" 1 "b" "x" }}', '<1x>'],
    ['{{ add1 ( or .nothing 0 ) }} {{ add 1 2 3 }} {{ len .spec.containers }}', '1 6 2'],
    ['a \n {{- " x " -}} \n b', 'a x b'],
    ['{{/* nothing */}}{{ `raw "text"` }}{{ "}}" }}', 'raw "text"}}'],
    ['{{ if gt .status.count 1 }}many{{ end }}{{ if lt "a" "b" }}!{{ end }}', 'many!'],
  ];
  for (const [text, expected] of cases) assert.equal(filled(text), expected, text);
});

test('variables end with their block', () => {
  assert.equal(filled('{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}'), '21');
  assert.equal(filled('{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}'), '2');
  assert.throws(() => filled('{{ if true }}{{ $y := 1 }}{{ end }}{{ $y }}'), /undefined variable \$y/);
});

test('what is not supported or goes wrong is said', () => {
  const cases: readonly [string, RegExp][] = [
    ['{{ env "HOME" }}', /the function "env" is not supported/],
    ['{{ if true }}', /\{\{if\}\} is not closed/],
    ['{{ end }}', /unexpected \{\{end\}\}/],
    ['{{ .a', /not closed/],
    ['{{ (.a }}', /parentheses do not match/],
    ['{{ .a ) }}', /parentheses do not match/],
    ['{{ .metadata.name.first }}', /can't evaluate field first of string/],
    ['{{ .metadata }}', /only be printed with YAML/],
    ['{{ index .nothing 0 }}', /index of untyped nil/],
    ['{{ index .spec.containers 7 }}', /index out of range: 7/],
    ['{{ range .status.count }}{{ end }}', /can't iterate over 2/],
    ['{{ .metadata.name 1 }}', /only functions take arguments/],
    ['{{ eq .status.count "2" }}', /incompatible types/],
    ['{{ template "none" . }}', /there is no template "none"/],
    ['{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}', /without an end/],
    ['{{ block "t" . }}{{ end }}', /\{\{block\}\} is not supported/],
    ['{{ | Quote }}', /a command is missing/],
    ['{{ printf "%x" 1 }}', /%x is not supported/],
    ['{{ a := 1 }}', /only variables can be set/],
    ['{{ # }}', /unexpected "#"/],
  ];
  for (const [text, problem] of cases) {
    assert.throws(
      () => filled(text),
      (error) => error instanceof TemplateError && problem.test(error.message),
      text,
    );
  }
});
