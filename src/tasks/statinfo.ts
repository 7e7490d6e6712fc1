import type { Fields } from '../model/module.ts';
import type { Node } from '../probes/stat.ts';

/** What stat and find both tell of an inode. */
export const statInfo = (node: Node): Fields => ({
  mode: node.bits.toString(8).padStart(4, '0'),
  isdir: node.type === 'directory',
  ischr: node.type === 'character',
  isblk: node.type === 'block',
  isreg: node.type === 'file',
  isfifo: node.type === 'fifo',
  islnk: node.type === 'link',
  issock: node.type === 'socket',
  uid: node.uid,
  gid: node.gid,
  size: node.sizeBytes,
  inode: node.inode,
  dev: node.dev,
  nlink: node.nlink,
  atime: node.atime,
  mtime: node.mtime,
  ctime: node.ctime,
  wusr: (node.bits & 0o200) > 0,
  rusr: (node.bits & 0o400) > 0,
  xusr: (node.bits & 0o100) > 0,
  wgrp: (node.bits & 0o020) > 0,
  rgrp: (node.bits & 0o040) > 0,
  xgrp: (node.bits & 0o010) > 0,
  woth: (node.bits & 0o002) > 0,
  roth: (node.bits & 0o004) > 0,
  xoth: (node.bits & 0o001) > 0,
  isuid: (node.bits & 0o4000) > 0,
  isgid: (node.bits & 0o2000) > 0,
});
