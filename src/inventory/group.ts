import type { Value } from '../value/value.ts';

/** A host as the inventory knows it; `vars` are those of inventory files alone. */
export class Host {
  readonly name: string;
  /** localhost that no file mentions: in no group, and not in `all`. */
  readonly implicit: boolean;
  readonly vars = new Map<string, Value>();
  /** The groups it is listed in itself. */
  readonly groups = new Set<Group>();
  constructor(name: string, implicit = false) {
    this.name = name;
    this.implicit = implicit;
  }
}

export class Group {
  readonly name: string;
  /** ansible_group_priority: of groups at one depth the higher wins. */
  priority = 1;
  readonly vars = new Map<string, Value>();
  /** Hosts listed in this very group. */
  readonly hosts = new Set<Host>();
  readonly children = new Set<Group>();
  readonly parents = new Set<Group>();
  constructor(name: string) {
    this.name = name;
  }

  /** Every group above this one. */
  ancestors(): Set<Group> {
    return reach(this.parents, group => group.parents);
  }
  /** This group and all below it, level by level. */
  family(): Set<Group> {
    return reach([this], group => group.children);
  }
}

/** Breadth first: a set grows while it is walked. */
const reach = (from: Iterable<Group>, next: (group: Group) => Iterable<Group>): Set<Group> => {
  const found = new Set(from);
  for (const group of found) for (const further of next(group)) found.add(further);
  return found;
};
