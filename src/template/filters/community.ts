import { textArgument } from '../../value/call.ts';
import { defined } from '../../value/errors.ts';
import { compileQuery } from '../jmespath/parser.ts';
import { type Filters, takes } from './define.ts';

/** https://docs.ansible.com/ansible/latest/collections/community/general/index.html#filter-plugins */
export const communityFilters: Filters = {
  json_query: takes(['expr'], (input, [query = null]) => compileQuery(textArgument(query, 'the query'))(defined(input)), 1),
};
