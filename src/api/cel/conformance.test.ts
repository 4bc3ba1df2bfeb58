import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conformanceTests, failureOf, needsMessages, needsOtherLibraries } from './conformance.fixture.ts';

/** Tests that do not pass, and why that is right. */
const EXCEPTIONS: readonly { readonly why: string; readonly within: string; readonly names: string }[] = [
  {
    why: 'is meant for expressions that are not type-checked; Kubernetes checks all',
    within: '',
    names:
      'basic/variables/unbound_is_runtime_error,basic/functions/unbound_is_runtime_error,' +
      'logic/conditional/mixed_type,logic/AND/short_circuit_type_left,logic/AND/short_circuit_type_right,' +
      'logic/OR/short_circuit_type_left,logic/OR/short_circuit_type_right,comparisons/ne_literal/ne_mixed_types',
  },
  {
    why: 'the same',
    within: 'comparisons/eq_literal/',
    names: 'not_eq_list_length,eq_mixed_types,eq_list_elem_mixed_types',
  },
  {
    why: 'the same',
    within: 'parse/receiver_function_names/',
    names:
      'as,break,const,continue,else,for,function,if,import,let,loop,package,namespace,return,var,void,while',
  },
  {
    why: 'Kubernetes does not have "error on bad presence test" on',
    within: 'optionals/optionals/',
    names: 'map_null_entry_no_such_key,map_present_key_invalid_field',
  },
  {
    why: 'is the formatting of version 4 of the string extension; Kubernetes has version 2',
    within: 'string_ext/format/',
    names:
      'scientific notation formatting clause,default precision for scientific notation,' +
      'positive infinity support for scientific notation,negative infinity support for scientific notation,' +
      'NaN support for decimal,positive infinity support for decimal,negative infinity support for decimal,' +
      'positive infinity support for fixed-point,negative infinity support for fixed-point,' +
      'list support for string,map support for string,map support (all key types),' +
      'dyntype support for scientific notation,dyntype NaN/infinity support,dyntype support for lists,' +
      'dyntype support for maps,scientific notation formatting clause in a string variable',
  },
  {
    why: 'cel-go answers otherwise, and skips the test too',
    within: '',
    names:
      'string_ext/value_errors/indexof_out_of_range,string_ext/value_errors/lastindexof_out_of_range,' +
      'timestamps/duration_converters/get_milliseconds,' +
      'type_deductions/legacy_nullable_types/null_assignable_to_abstract_parameter_candidate',
  },
];

const excepted = new Set(
  EXCEPTIONS.flatMap(({ within, names }) => names.split(',').map((name) => within + name)),
);

test('the official conformance tests pass, except for those that are named', () => {
  const tests = conformanceTests().filter((each) => !needsMessages(each) && !needsOtherLibraries(each));
  assert.ok(tests.length >= 1423, `${tests.length} tests`);
  const failed = tests.flatMap((each) => {
    const failure = failureOf(each);
    return failure === undefined ? [] : [{ ...each, failure }];
  });
  const unexpected = failed.filter(({ name }) => !excepted.has(name));
  assert.deepEqual(
    unexpected.map(({ name, expr, failure }) => `${name}: ${expr}: ${failure}`),
    [],
  );
  const failedNames = new Set(failed.map(({ name }) => name));
  assert.deepEqual(
    [...excepted].filter((name) => !failedNames.has(name)),
    [],
    'these exceptions pass, or do not exist',
  );
});
