import type { Become } from '../model/session.ts';
import { loopCommand } from '../shell/loop.ts';
import { raw, sh } from '../shell/sh.ts';

/**
 * The command that starts the loop as another user, as Ansible's sudo and su plugins build it (default flags `-H -S -n`). `prompt` is
 * what sudo prints before it reads a password; without a password sudo must not ask (`-n`), with one it must (`-S`). Like Ansible's
 * become_flags, `flags` is shell text.
 */
export const becomeCommand = ({ method, user, password, flags }: Become, prompt: string, marker: string): string => {
  const loop = loopCommand(marker);
  if (method === 'su') return sh`exec su ${raw(flags ?? '')} ${user} -c ${loop}`;
  const kept = (flags ?? '-H').replaceAll(/(^|\s)(?:-n|-S|--non-interactive|--stdin)(?=\s|$)/g, '$1');
  const asking = password === undefined ? sh`-n` : sh`-S -p ${prompt}`;
  return sh`exec sudo ${raw(kept)} ${raw(asking)} -u ${user} -- /bin/sh -c ${loop}`;
};

/** Whether what was printed so far ends in a request for the password. su has no prompt of our choice: its own ends in a colon in every language. */
export const asksPassword = ({ method }: Become, prompt: string, printed: string): boolean =>
  method === 'sudo' ? printed.endsWith(prompt) : /\S[:\uff1a]\s?$/.test(printed);

/** Why becoming failed, from what the program said, and what to do. */
export const becomeFailure = ({ method, user, password }: Become, said: string, refused: boolean): { message: string; hint?: string } => {
  if (refused)
    return {
      message: `The become password for ${user} was not accepted.`,
      hint: 'Check what -K, --become-password-file or ansible_become_password gives.',
    };
  if (method === 'su' && /terminal/i.test(said))
    return { message: `This host's su asks for passwords only on a terminal.`, hint: 'Use become_method: sudo, or log in as root.' };
  if (password === undefined && /password|Authentication failure/i.test(said))
    return { message: `${method} to ${user} needs a password.`, hint: 'Give it with -K or ansible_become_password.' };
  return { message: `${method} to ${user} failed: ${said.trim().split('\n').at(-1)}` };
};
