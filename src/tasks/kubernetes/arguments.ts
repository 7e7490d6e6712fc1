import * as z from 'zod';
import type { Condition } from '../../kubernetes/ready.ts';
import type { Patience } from '../../kubernetes/wait.ts';
import { bool, choice, int, optional, path, str } from '../args.ts';

/** The collection that the modules are named after. */
export const collections = ['kubernetes.core', 'community.kubernetes'];

/** How the API is reached. */
export const accessArgs = {
  kubeconfig: path.default('/etc/kubernetes/admin.conf').describe('File on the host that names the server, its CA and the login.'),
  context: optional(str).describe('Context of the kubeconfig, if not its current one.'),
};

const conditionArgs = z.strictObject({
  type: optional(str),
  status: choice('True', 'False', 'Unknown').default('True'),
  reason: optional(str),
});
export const waitArgs = {
  wait: bool
    .default(false)
    .describe('Wait until it is ready (Deployment, DaemonSet, StatefulSet, Pod), has the condition, or with state absent is gone.'),
  wait_sleep: int.default(5).describe('Seconds between looks.'),
  wait_timeout: int.default(120).describe('Seconds to wait at most.'),
  wait_condition: optional(conditionArgs).describe(
    'Condition of the status to wait for: `type`, `status` (True, False, Unknown), `reason`.',
  ),
};
export interface WaitArgs {
  readonly wait: boolean;
  readonly wait_sleep: number;
  readonly wait_timeout: number;
  readonly wait_condition?: z.output<typeof conditionArgs> | undefined;
}

export const patienceOf = ({ wait_sleep, wait_timeout }: WaitArgs): Patience => ({
  timeoutMs: wait_timeout * 1000,
  pauseMs: wait_sleep * 1000,
});
/** A condition without a type is none. */
export const conditionOf = ({ wait_condition: given }: WaitArgs): Condition | undefined =>
  given?.type === undefined ? undefined : { type: given.type, status: given.status, reason: given.reason };

export const ownerArg = str.default('kplay').describe('Written on the node as the one who cordons it.');
