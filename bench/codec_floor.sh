#!/usr/bin/env bash
# The least that any program has to do: inflate every input once, deflate every output once, two at a time.
# usage: bench/codec_floor.sh INPUTS OUTPUTS    (lists of files: .nii.gz to inflate, .nii to deflate)
set -euo pipefail
{ sed 's/^/-dc /' "$1"; sed 's/^/-1c /' "$2"; } | xargs -P 2 -L 1 sh -c 'igzip "$@" >/dev/null' igzip
