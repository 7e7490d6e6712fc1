import * as z from 'zod';
import { list, str } from './args.ts';
import { defineAction } from './define.ts';

const args = z.looseObject({
  name: str.describe('The host, with a port where it has one of its own (`name:port`). All other arguments are variables of it.'),
  groups: list.default([]).describe('Groups it is in; those that are not there are made.'),
});

/** ansible.builtin.add_host. */
export const addHost = defineAction({
  name: 'add_host',
  aliases: { host: 'name', hostname: 'name', group: 'groups', groupname: 'groups' },
  summary: 'Add a host to the inventory for the rest of the run.',
  args,
  open: true,
  bypassHostLoop: true,
  run({ name, groups: given, ...vars }, { inventory }) {
    const groups = given.map(group => String(group).trim());
    const changed = inventory.addHost({ name, groups, vars: vars as never });
    return { changed, add_host: { host_name: name, groups, host_vars: vars as never } };
  },
});
