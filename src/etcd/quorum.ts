import { type Member, titleOf } from './client.ts';

/** Votes that agree on anything, of so many registered ones: https://etcd.io/docs/v3.5/faq/#what-is-failure-tolerance */
export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;

/** Members and whether each takes requests. */
export type Health = ReadonlyMap<Member, boolean>;

export const votersOf = (health: Health): readonly Member[] => [...health.keys()].filter(({ isLearner }) => !isLearner);
export const downOf = (members: readonly Member[], health: Health): readonly Member[] => members.filter(one => health.get(one) !== true);

const titles = (members: readonly Member[]): string => members.map(titleOf).join(', ');

export interface Refusal {
  readonly why: string;
  readonly hint: string;
}

/** Why this member must not be removed, if so. A learner has no vote that could be missed. */
export const whyNotRemove = (member: Member, health: Health, force: boolean): Refusal | undefined => {
  if (member.isLearner) return undefined;
  const rest = votersOf(health).filter(other => other !== member);
  const down = downOf(rest, health);
  if (rest.length === 0) return { why: 'it is the only member with a vote', hint: 'a cluster ends with teardown.yaml' };
  if (rest.length - down.length < quorumOf(rest.length))
    return {
      why: `${rest.length} members would be left, of which ${quorumOf(rest.length)} must be healthy: ${titles(down)} ${down.length > 1 ? 'are' : 'is'} down`,
      hint: `bring ${titles(down)} back first`,
    };
  if (rest.length === 1 && !force)
    return { why: 'of two members one would be left, which bears no failure', hint: 'add another member first, or say force: true' };
  return undefined;
};

/** Why no member must be added, if so: it would be counted before it can help. */
export const whyNotAdd = (health: Health): Refusal | undefined => {
  const learner = [...health.keys()].find(({ isLearner }) => isLearner);
  if (learner !== undefined)
    return { why: `${titleOf(learner)} is a learner still`, hint: `promote ${titleOf(learner)} or remove it first: one member at a time` };
  const down = downOf(votersOf(health), health);
  if (down.length === 0) return undefined;
  return {
    why: `${titles(down)} ${down.length > 1 ? 'are' : 'is'} not healthy`,
    hint: `bring ${titles(down)} back, or remove what will not come back`,
  };
};
