#!/bin/sh
echo "script $1 $HOME"; echo err >&2; exit ${2:-0}
