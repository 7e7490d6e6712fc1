import { KplayError } from '../model/errors.ts';

/**
 * E_LINK_LOST for one request. `started: false` is a promise that nothing of it ran: its bytes were never sent. Otherwise the outcome is
 * unknown and the target has to be looked at again.
 */
export class LinkLost extends KplayError {
  readonly started: boolean;
  constructor(host: string, why: string, started: boolean, stderr = '') {
    const fate = started ? 'what was running has an unknown outcome' : 'this request had not been sent';
    super('E_LINK_LOST', `The connection to ${host} broke (${why}); ${fate}.`, { detail: stderr || why });
    this.started = started;
  }
}
