import { readFileSync } from 'node:fs';
import { askAll, type Host } from './hosts.ts';
import { TREE } from './tree.ts';

/**
 * What no tool on Node and ssh2 can undercut: a process starts, logs in to all hosts at once, looks at all files with one program, and ends.
 * It checks no host key and knows no playbook.
 */
const hosts = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as readonly Host[];
await askAll(hosts, TREE, process.argv[3] === '--at-once');
