// `npm run docs`: the pages that are made of the code.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../tasks/index.ts';
import { moduleDocs } from './module-docs.ts';
import { settingsDocs } from './settings-docs.ts';

const { get, names } = catalog();
const modules = names().flatMap(name => get(name) ?? []);
const write = (page: string, text: string): void => writeFileSync(join(import.meta.dirname, '../../docs', page), text);
write('modules.md', moduleDocs(modules));
write('settings.md', settingsDocs());
