/** Shell text that starts a program as the leader of a session: with all that it begins it can be ended, and nothing it does reaches our shell. */
export const IN_A_SESSION = 'exec ${kplay_session-setsid}';
/** Said before a script: its programs stay in the session that is there, which is ended as a whole. */
export const ENDED_WITH_JOB = 'kplay_session=';
