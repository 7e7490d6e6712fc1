#!/usr/bin/env bash
# Puts onto this machine what the tests need and it lacks: npm and Debian packages, the Ansible that kplay is compared with.
# Needs root only for what is missing. Makes nothing that is there.
#   prepare.sh        all of it
#   prepare.sh lab    only what `kplay lab` needs
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(
  # the lab (src/lab/machine.ts names them where they are missing)
  systemd-container debootstrap openssh-client iproute2 iptables docker-registry dpkg
)
[ "${1:-}" = lab ] || packages+=(
  # tests on this machine itself: a second shell, an sshd on the loopback, users and their rights
  busybox-static openssh-server sudo acl cron
  # Ansible
  python3 python3-venv
)
installed=$(dpkg-query --show --showformat='${Package}/${db:Status-Status}\n')
missing=()
for package in "${packages[@]}"; do grep -qx "$package/installed" <<<"$installed" || missing+=("$package"); done
if ((${#missing[@]})); then
  echo "prepare: installing ${missing[*]}"
  # Programs are wanted, not the services that Debian starts with them.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    install -m 755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
  fi
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "${missing[@]}" >/dev/null
fi

# Six kubelets watch more files than a machine allows by itself. It stays so until the next boot.
watchers=/proc/sys/fs/inotify/max_user_instances
if [ "$(cat $watchers)" -lt 1024 ] && [ -w $watchers ]; then
  echo 'prepare: allowing 1024 inotify instances a user'
  echo 1024 >$watchers || echo 'prepare: not allowed; kubelets in the lab may say "too many open files"' >&2
fi

if [ ! -x node_modules/.bin/vitest ]; then
  echo 'prepare: installing npm packages'
  # Not npm ci: it insists on packages for other platforms, which not every registry has. The versions are the lock file's all the same.
  npm install --no-save --no-audit --no-fund --loglevel=error
fi

# vitest.config.ts looks in the same places.
install_oracle() {
  local requirements=$1 oracle
  oracle=${KPLAY_CACHE:-/var/cache/kplay}/oracle-$(sha256sum "$requirements" | cut -c 1-12)
  [ ! -e "$oracle/complete" ] || return 0
  echo "prepare: installing $(head -1 "$requirements") (once, a minute or two)"
  rm -rf "$oracle"
  /usr/bin/python3 -m venv "$oracle"
  "$oracle/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  touch "$oracle/complete"
}
if [ "${1:-}" != lab ]; then
  [ -n "${KPLAY_ORACLE:-}" ] || install_oracle test/setup/oracle.txt
  [ -n "${KPLAY_ORACLE_219:-}" ] || install_oracle test/setup/oracle-2.19.txt
fi

# The package brings a Node.js that is new enough for its compiler; Debian's may not be.
PATH=$(echo "$PWD"/node_modules/node-linux-*/bin | tr ' ' :):$PATH npm run --silent build
