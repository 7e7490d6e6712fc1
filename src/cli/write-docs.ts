// `npm run docs`: the pages that are made of the code.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../tasks/index.ts';
import { moduleDocs } from './module-docs.ts';

const { get, names } = catalog();
const modules = names().flatMap(name => get(name) ?? []);
writeFileSync(join(import.meta.dirname, '../../docs/modules.md'), moduleDocs(modules));
