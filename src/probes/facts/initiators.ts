import type { Fields } from '../../model/module.ts';
import { type Collector, linesOf } from './collector.ts';

/** Storage networks' names of this host. */
export const initiators: readonly Collector[] = [
  {
    name: 'iscsi',
    ids: [],
    files: ['/etc/iscsi/initiatorname.iscsi'],
    read: host => ({ iscsi_iqn: /^InitiatorName=(.*)$/m.exec(host.file('/etc/iscsi/initiatorname.iscsi') ?? '')?.[1] ?? '' }),
  },
  {
    name: 'nvme',
    ids: [],
    files: ['/etc/nvme/hostnqn'],
    read: host => ({ hostnqn: linesOf(host.file('/etc/nvme/hostnqn')).findLast(line => line.startsWith('nqn.')) ?? '' }),
  },
  {
    name: 'fibre_channel_wwn',
    ids: [],
    files: ['/sys/class/fc_host/*/port_name'],
    read: (host): Fields => ({
      fibre_channel_wwn: host.files(/^\/sys\/class\/fc_host\/[^/]+\/port_name$/).map(([path]) => (host.file(path) ?? '').slice(2)),
    }),
  },
];
