import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Probe, ProbeKind } from '../../src/model/probe.ts';
import { anyModule, defineApi, defineModule, differing } from '../../src/tasks/define.ts';

/** Modules of the fake world: each one word of its shell. */
const kind = (name: string, sight: ProbeKind['sight'] = 'local'): ProbeKind<string> => ({
  name,
  sight,
  script: subjects => `${name} ${subjects.join(' ')}`,
  parse: (stdout, subjects) => {
    const lines = stdout.toString().split('\n');
    return subjects.map((_, index) => lines[index] ?? '');
  },
});
const [cells, users, drift, api] = [kind('cells'), kind('users'), kind('drift'), kind('api', 'outward')];
const at = (probe: ProbeKind<string>, subject: string): Probe<string> => ({ kind: probe, subject });
const cellAndValue = z.strictObject({ cell: z.coerce.string(), value: z.coerce.string() });

/** Sets a cell of its own host. */
const put = defineModule<[string]>()({
  name: 'put',
  summary: '',
  args: cellAndValue,
  contents: ['value'],
  reach: 'host',
  observe: ({ cell }) => [at(cells, cell)],
  analyze: ({ value }, [now]) => differing({ value: now }, { value }),
  act: ({ cell, value }) => [{ script: `set ${cell} ${value}` }],
  result: ({ cell }, [before]) => ({ cell, before }),
});
/** Sets a cell of its own host and tells what it left; of a cell that not all may read it does not know what they would see. */
const pin = defineModule<[string]>()({
  ...put,
  name: 'pin',
  leaves: ({ cell, value }) => [{ probe: at(cells, cell), read: () => (cell === 'z' ? undefined : { seen: value }) }],
});
/** Sets a cell of its own host and tells what it holds then. */
const note = defineModule<[string]>()({
  name: 'note',
  summary: '',
  args: cellAndValue,
  reach: 'host',
  observe: ({ cell }) => [at(cells, cell)],
  analyze: ({ value }, [now]) => differing({ value: now }, { value }),
  act: ({ cell, value }, _seen, _changes, isRead) => [{ script: `set ${cell} ${value}` }, ...(isRead ? [{ script: `cells ${cell}` }] : [])],
  result: (_given, [before], _changes, outputs) => {
    const value = outputs ? outputs[1]?.stdout.toString().trim() : before;
    return value === undefined ? {} : { value };
  },
});
/** Sets a cell of every host. */
const spread = defineModule<[string]>()({
  ...put,
  name: 'spread',
  reach: 'world',
  act: ({ cell, value }) => [{ script: `spread ${cell} ${value}` }],
});
/** Sets a cell, which an API then shows; only its own host's cells change. */
const serve = defineModule<[string]>()({ ...put, name: 'serve', act: ({ cell, value }) => [{ script: `serve ${cell} ${value}` }] });
const look = defineModule<[string]>()({
  name: 'look',
  summary: '',
  args: z.strictObject({ cell: z.coerce.string() }),
  reach: 'host',
  observe: ({ cell }) => [at(cells, cell)],
  analyze: () => [],
  act: () => [],
  result: (_, [value]) => ({ value }),
});
const peek = defineModule<[string]>()({ ...look, name: 'peek', observe: ({ cell }) => [at(api, cell)] });
const age = defineModule<[string]>()({ ...look, name: 'age', observe: ({ cell }) => [at(drift, cell)] });
/** A command: always acts. */
const bump = defineModule<[]>()({
  name: 'bump',
  summary: '',
  args: z.strictObject({ cell: z.coerce.string() }),
  reach: 'world',
  checkMode: 'skip',
  observe: () => [],
  analyze: () => [{ key: 'command', before: null, after: 'bump' }],
  act: ({ cell }) => [{ script: `bump ${cell}` }],
  result: (_args, _seen, _changes, outputs) => ({ stdout: outputs?.[0]?.stdout.toString() ?? '' }),
});
const adduser = defineModule<[string]>()({
  name: 'adduser',
  summary: '',
  args: z.strictObject({ user: z.string() }),
  reach: 'host',
  observe: ({ user }) => [at(users, user)],
  analyze: (_, [there]) => differing({ there }, { there: 'yes' }),
  act: ({ user }) => [{ script: `adduser ${user}` }],
});

/** Sets a cell of every host and what an API says of it, through that API. */
class Talk implements Disposable {
  readonly #stream: Duplex;
  constructor(stream: Duplex) {
    this.#stream = stream;
  }
  async ask(words: string): Promise<string> {
    this.#stream.write(words);
    const [answer] = (await once(this.#stream, 'data')) as [Buffer];
    return answer.toString().trim();
  }
  [Symbol.dispose](): void {
    this.#stream.destroy();
  }
}
const publish = defineApi({
  name: 'publish',
  summary: '',
  args: cellAndValue,
  prepare: (given: z.output<typeof cellAndValue>) => given,
  connect: async (_given, line) => new Talk(await line.connect('api', 1)),
  observe: ({ cell }, talk) => talk.ask(`api ${cell}`),
  analyze: ({ value }, now) => differing({ value: now }, { value }),
  act: ({ cell, value }, _now, _changes, talk) => talk.ask(`publish ${cell} ${value}`),
  result: ({ cell }, before) => ({ cell, before }),
});

export const fakeModules = [put, pin, note, spread, serve, look, peek, age, bump, adduser, publish].map(anyModule);
