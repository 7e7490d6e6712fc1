/** The folder that all playbooks fill on every host. */
export const ROOT = '/srv/kplay-bench';

/** Everything in it but times and inode numbers: names, kinds, permissions, owners, link targets, contents. */
export const TREE = `[ -d ${ROOT} ] || exit 0
cd ${ROOT}
find . -type d -exec stat -c '%n %f %U %G' {} + | sort
find . ! -type d -exec stat -c '%N %f %U %G %s' {} + | sort
find . -type f -exec sha256sum {} + | sort
`;

export const RESET = `rm -rf ${ROOT}`;
