import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FOLDER, type Theme } from './_themes.ts';

/** What a theme's answer depends on: its own text, the folder of its name beside the playbooks, everything that playbooks share, and how Ansible is made to tell. */
const keyOf = ({ name }: Theme): string => {
  const hash = createHash('sha256').update(name);
  const add = (path: string): void => {
    if (statSync(path).isDirectory()) for (const entry of readdirSync(path).sort()) add(join(path, entry));
    else hash.update(path).update(readFileSync(path));
  };
  add(join(FOLDER, `${name}.yml`));
  const own = join(import.meta.dirname, name);
  if (existsSync(own)) add(own);
  for (const entry of readdirSync(FOLDER).sort()) if (!entry.endsWith('.yml')) add(join(FOLDER, entry));
  for (const file of ['callback/told.py', '_tree.ts']) add(join(import.meta.dirname, file));
  return hash.digest('hex').slice(0, 24);
};

/** Asks Ansible, which is slow, only when the question is new. Answers lie beside the Ansible that gave them. */
export const answered = async <T>(theme: Theme, ask: () => Promise<T>): Promise<T> => {
  const folder = join(dirname(process.env['KPLAY_ORACLE'] ?? ''), 'answers');
  const file = join(folder, keyOf(theme));
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const answer = await ask();
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(answer));
  return answer;
};
