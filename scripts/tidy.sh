#!/usr/bin/env bash
# clang-tidy for all of src, some folders at a time: the library headers, which take most of the time, are then looked
# through once for each of these groups. Without clang's analyzer, which ./dev release runs on each file.
# scripts/tidy.sh BUILD_FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
rm -rf "$build/tidy"
mkdir -p "$build/tidy"

# The files of a group as one, since clang-tidy looks for most mistakes in the main file alone. FILE.lines says where each
# begins.
join() {
  local joined=$1 line=1 file
  : > "$joined"
  : > "$joined.lines"
  for file in "${@:2}"; do
    echo "$line $file" >> "$joined.lines"
    cat "$file" >> "$joined"
    line=$((line + $(wc -l < "$file")))
  done
}

# Findings with the file and line that they are of.
located() {
  awk -v joined="$1" '
    FILENAME != "-" { begin[NR] = $1; name[NR] = $2; files = NR; next }
    {
      at = index($0, joined ":")
      if (at == 0) { print; next }
      rest = substr($0, at + length(joined) + 1)
      number = rest + 0
      for (i = files; begin[i] > number; --i) {}
      sub(/^[0-9]+/, number - begin[i] + 1, rest)
      print name[i] ":" rest
    }' "$1.lines" -
}

# fmt's checks of format strings are left to the compiler: clang 14 can crash at them in a file as long as these.
tidy() {
  local joined=$1
  clang-tidy --quiet --checks='-readability-duplicate-include,-clang-analyzer-*' \
    "$joined" -- -std=c++20 -I"$PWD/src" -isystem /usr/include/eigen3 -DFMT_SHARED -DFMT_CONSTEVAL= -DNICOHORT_VERSION='""' -DNICOHORT_RELEASED='""' 2>/dev/null | located "$joined"
}
export -f tidy located

groups=('base deflate table image phantom mask step recipe' 'dataset split archive report run' 'verify propose export doctor view cli')
for group in "${groups[@]}"; do
  files=$(for folder in $group; do ls src/"$folder"/*.cpp; done)
  join "$build/tidy/${group%% *}.cpp" $(grep -L httplib $files)
done
# httplib.h has a macro that is a name in Eigen, so what includes it is for itself, as in the build.
join "$build/tidy/httplib.cpp" $(grep -l httplib src/*/*.cpp)
missing=$(comm -23 <(ls -d src/*/ | sed 's|src/||; s|/||' | sort) <(printf '%s\n' ${groups[@]} | sort))
[ -z "$missing" ] || { echo "scripts/tidy.sh leaves out src/$missing" >&2; exit 1; }
ls -S "$build"/tidy/*.cpp | xargs -P "$(nproc)" -I @ bash -c 'set -o pipefail; tidy @'
