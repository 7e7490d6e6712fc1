/**
 * Shell text that starts a program as the leader of a session: with all that it begins it can be ended, and nothing it does reaches our shell. The loop
 * knows where setsid is, whatever PATH a task's environment has.
 */
export const IN_A_SESSION = 'exec ${kplay_session-${_kv-setsid}}';
/** Said before a script: its programs stay in the session that is there, which is ended as a whole. */
export const ENDED_WITH_JOB = 'kplay_session=';
/** Back to the PATH that our own programs are on. */
export const OWN_PATH = 'PATH=${_kq-$PATH}';
