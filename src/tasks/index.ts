import type { Action, AnyApiModule, AnyModule, Catalog, Task } from '../model/module.ts';
import { addHost } from './add_host.ts';
import { apt, packageModule } from './apt.ts';
import { assert } from './assert.ts';
import { asyncStatus } from './async_status.ts';
import { blockinfile } from './blockinfile.ts';
import { certificate } from './certificate.ts';
import { certificateInfo } from './certificate_info.ts';
import { command, shell } from './command.ts';
import { copy } from './copy.ts';
import { cron } from './cron.ts';
import { deb822Repository } from './deb822_repository.ts';
import { debug } from './debug.ts';
import { anyModule } from './define.ts';
import { dockerContainer } from './docker_container.ts';
import { dockerImage } from './docker_image.ts';
import { dockerRun } from './docker_run.ts';
import { etcdMember } from './etcd_member.ts';
import { fail } from './fail.ts';
import { fetch } from './fetch.ts';
import { file } from './file.ts';
import { find } from './find.ts';
import { getUrl } from './get_url.ts';
import { group } from './group.ts';
import { groupBy } from './group_by.ts';
import { hostname } from './hostname.ts';
import { includeVars } from './include_vars.ts';
import { k8s } from './k8s.ts';
import { k8sCordon, k8sUncordon } from './k8s_cordon.ts';
import { k8sDrain } from './k8s_drain.ts';
import { k8sInfo } from './k8s_info.ts';
import { k8sLabel } from './k8s_label.ts';
import { k8sTaint } from './k8s_taint.ts';
import { keyPair } from './key_pair.ts';
import { lineinfile } from './lineinfile.ts';
import { modprobe } from './modprobe.ts';
import { mount } from './mount.ts';
import { pause } from './pause.ts';
import { ping } from './ping.ts';
import { raw } from './raw.ts';
import { reboot } from './reboot.ts';
import { replace } from './replace.ts';
import { script } from './script.ts';
import { setFact } from './set_fact.ts';
import { gatherFacts, setup } from './setup.ts';
import { slurp } from './slurp.ts';
import { stat } from './stat.ts';
import { sysctlModule } from './sysctl.ts';
import { service, systemd, systemdService } from './systemd.ts';
import { tempfile } from './tempfile.ts';
import { template } from './template.ts';
import { unarchive } from './unarchive.ts';
import { uri } from './uri.ts';
import { user } from './user.ts';
import { validateArgumentSpec } from './validate_argument_spec.ts';
import { waitFor } from './wait_for.ts';
import { waitForConnection } from './wait_for_connection.ts';

/** One line a module. */
const modules: readonly (AnyModule | AnyApiModule | Action)[] = [
  addHost,
  apt,
  assert,
  asyncStatus,
  blockinfile,
  certificate,
  certificateInfo,
  command,
  copy,
  cron,
  deb822Repository,
  debug,
  dockerContainer,
  dockerImage,
  dockerRun,
  etcdMember,
  fail,
  fetch,
  file,
  find,
  gatherFacts,
  getUrl,
  group,
  groupBy,
  hostname,
  includeVars,
  k8s,
  k8sCordon,
  k8sDrain,
  k8sInfo,
  k8sLabel,
  k8sTaint,
  k8sUncordon,
  keyPair,
  lineinfile,
  modprobe,
  mount,
  packageModule,
  pause,
  ping,
  raw,
  reboot,
  replace,
  script,
  service,
  setFact,
  setup,
  shell,
  slurp,
  stat,
  sysctlModule,
  systemd,
  systemdService,
  tempfile,
  template,
  unarchive,
  uri,
  user,
  validateArgumentSpec,
  waitFor,
  waitForConnection,
].map(anyModule);

/** Modules under their short name and every FQCN that means them. */
export const catalog = (tasks: readonly Task[] = modules): Catalog => {
  const byName = new Map<string, Task>();
  for (const task of tasks)
    for (const prefix of ['', 'ansible.builtin.', 'ansible.legacy.', ...(task.collections ?? []).map(name => `${name}.`)])
      byName.set(prefix + task.name, task);
  return { get: name => byName.get(name), names: () => tasks.map(task => task.name) };
};
