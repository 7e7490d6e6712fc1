declare module 'ssh2/lib/agent.js' {
  import type { createAgent } from 'ssh2';
  const agent: { readonly createAgent: typeof createAgent };
  export default agent;
}
declare module 'ssh2/lib/client.js' {
  export { Client as default } from 'ssh2';
}
declare module 'ssh2/lib/protocol/keyParser.js' {
  import type { utils } from 'ssh2';
  const keyParser: { readonly parseKey: typeof utils.parseKey };
  export default keyParser;
}
