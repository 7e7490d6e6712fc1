import * as z from 'zod';
import { list, str } from './args.ts';
import { defineAction } from './define.ts';

const args = z.strictObject({
  key: str.describe('The group that the host comes into; blanks in it become hyphens.'),
  parents: list.default(['all']).describe('Groups above it.'),
});

/** ansible.builtin.group_by. */
export const groupBy = defineAction({
  name: 'group_by',
  summary: 'Put hosts into groups that their variables name, for the rest of the run.',
  args,
  run({ key, parents: given }, { inventory }) {
    const [group = '', ...parents] = [key, ...given].map(name => String(name).replaceAll(' ', '-'));
    return { changed: inventory.groupBy(group, parents), add_group: group, parent_groups: parents };
  },
});
