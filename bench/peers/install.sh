#!/bin/sh
# Installs the tools that kplay is compared with, once, and prints the folder they are in.
set -eu
cd "$(dirname "$0")"
pins=$(cat requirements.txt ../../test/setup/oracle.txt | sha256sum | cut -c 1-12)
peers=${KPLAY_CACHE:-/var/cache/kplay}/peers-$pins
if [ ! -e "$peers/complete" ]; then
  echo 'bench: installing ansible-core, mitogen and pyinfra (once, a minute or two)' >&2
  rm -rf "$peers"
  /usr/bin/python3 -m venv "$peers"
  "$peers/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt >&2
  touch "$peers/complete"
fi
echo "$peers"
