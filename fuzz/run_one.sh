#!/usr/bin/env bash
# run_one.sh FOLDER TARGET[:DICTIONARY] SECONDS: runs one target of fuzz/, built in FOLDER, on its seeds and on
# what earlier runs found worth keeping. Exit status 255 after a finding, which lies in FOLDER/findings.
set -euo pipefail
folder=$1 target=${2%%:*} dictionary=${2#"${2%%:*}"} seconds=$3
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder/corpus/$target" "$folder/findings"
options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1
  -artifact_prefix="$folder/findings/$target-")
[ -z "$dictionary" ] || options+=(-dict="$source/${dictionary#:}.dict")
log=$folder/$target.log
if ! "$folder/${target}_fuzz" "${options[@]}" "$folder/corpus/$target" "$folder/../seeds/$target" >"$log" 2>&1; then
  tail -n 60 "$log"
  echo "$target: a finding; $log"
  exit 255
fi
echo "$target: nothing found in $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
