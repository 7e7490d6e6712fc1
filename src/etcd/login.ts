import type { Origin } from '../http/client.ts';
import { KplayError } from '../model/errors.ts';
import type { Line } from '../model/line.ts';
import { content } from '../probes/content.ts';

/** PEM files on the line's host. */
export interface LoginFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** What the files hold; E_PROBE where one is not there or not readable. */
export const readLogin = async (line: Line, { ca, cert, key }: LoginFiles): Promise<Origin['tls']> => {
  const entries = Object.entries({ ca, cert, key }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (entries.length === 0) return {};
  const files = await line.observe<readonly (Buffer | undefined)[]>(entries.map(([, subject]) => ({ kind: content, subject })));
  return Object.fromEntries(
    entries.map(([name, path], index) => {
      const bytes = files[index];
      if (bytes === undefined)
        throw new KplayError('E_PROBE', `there is no ${path} on ${line.host}`, { hint: `name another file: ${name}` });
      return [name, bytes];
    }),
  );
};
