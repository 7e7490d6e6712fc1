import { KplayError } from '../model/errors.ts';
import type { Play, Prompt } from '../playbook/types.ts';
import { unsafe } from '../value/unsafe.ts';
import type { Value } from '../value/value.ts';

export interface Asking {
  /** Variables that answer for themselves (`-e`). */
  readonly given: { has(name: string): boolean };
  /** What a question says once its variables are known. */
  text(question: string, play: Play): string;
  /** Undefined where nobody is there to be asked. */
  readonly ask: ((question: string, isShown: boolean) => Promise<string>) | undefined;
  warn(message: string): void;
}

/**
 * The answers to `vars_prompt`, of all plays before the first begins, so that a run does not stop halfway to ask. Where nobody can be asked, or just
 * presses Enter, the default stands; without one, nothing. Throws E_SYNTAX for `encrypt`.
 */
export const answersTo = async (plays: readonly Play[], asking: Asking): Promise<ReadonlyMap<Prompt, Value>> => {
  const answers = new Map<Prompt, Value>();
  for (const play of plays)
    for (const prompt of play.varsPrompt) {
      if (asking.given.has(prompt.name)) continue;
      if (prompt.encrypt !== undefined)
        throw new KplayError('E_SYNTAX', `vars_prompt ${prompt.name}: encrypt is not supported`, {
          at: play.at,
          hint: `make the hash yourself, and give it: -e ${prompt.name}=…`,
        });
      const typed = await typedFor(prompt, play, asking);
      const answer = typed === '' ? (prompt.default ?? null) : typed;
      answers.set(prompt, prompt.unsafe ? unsafe(answer) : answer);
    }
  return answers;
};

const typedFor = async (prompt: Prompt, play: Play, { ask, text, warn }: Asking): Promise<string> => {
  const said = text(prompt.prompt, play);
  if (!ask) {
    warn(`Not prompting as we are not in interactive mode: ${said}`);
    return '';
  }
  const preset = prompt.default === undefined ? '' : ` [${text(String(prompt.default), play)}]`;
  for (;;) {
    const typed = await ask(`${said}${preset}: `, !prompt.private);
    if (!prompt.confirm || typed === (await ask(`confirm ${said}${preset}: `, !prompt.private))) return typed;
    warn('***** VALUES ENTERED DO NOT MATCH ****');
  }
};
