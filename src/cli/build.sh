#!/bin/sh
# Makes dist: what does the work, with all its libraries, in one file that is named for what is in it, and two small programs that load it. Run by npm,
# which knows esbuild. A dist that is there is used until the new one is whole.
set -eu
cd "$(dirname "$0")/../.."
new=dist.new
rm -rf $new
trap 'rm -rf $new' EXIT

bundle() {
  esbuild "$@" --bundle --platform=node --target=node22.18 --log-level=warning
}
# ssh2 and nunjucks do without what is external: native code, which not every Node.js can load, and a watcher of files.
bundle src/cli/whole.ts --outdir=$new/cli --format=cjs --entry-names='[name]-[hash]' --out-extension:.js=.cjs \
  --external:'*.node' --alias:cpu-features=./none.node --external:chokidar --alias:yaml=./node_modules/yaml/browser/index.js \
  --define:import.meta.dirname=__dirname --define:import.meta.filename=__filename --define:import.meta.url=__filename
whole=$(basename $new/cli/whole-*.cjs)
if LC_ALL=C grep -n '[^[:print:][:cntrl:]]' "$new/cli/$whole" | grep -v '^[0-9]*: *\(//\|/\*\)' >&2; then
  echo 'It is read as ASCII: what esbuild leaves in a regular expression has to be escaped in its source.' >&2
  exit 1
fi
bundle src/cli/main.ts src/cli/keeper.ts --outdir=$new/cli --format=esm --splitting --external:./whole.ts "--define:WHOLE=\"$whole\""

bundle src/cli/write-help.ts --outdir=$new/help --format=esm --splitting --packages=external
node $new/help/write-help.js $new/cli/help
rm -r $new/help
cp src/lab/kubernetes/*.go $new/cli

rm -rf dist.old
[ ! -e dist ] || mv dist dist.old
mv $new dist
rm -rf dist.old
