#!/usr/bin/env bash
# Makes the portable tarball: the program with its libraries and the loader of these, for any x86-64 Linux.
# usage: packaging/portable.sh BUILD_FOLDER OUTPUT_FOLDER
set -euo pipefail
build=$1 output=$2
name=nicohort-$("$build/nicohort" --version | sed -n '1s/nicohort //p')-linux-x86_64
rm -rf "$build/portable"
root=$build/portable/$name
cmake --install "$build" --prefix "$root" --strip >/dev/null
libraries=$root/lib/nicohort
mkdir -p "$libraries" "$root/share/doc/nicohort/libraries"
mv "$root/bin/nicohort" "$libraries/program"
cp "$build/launcher/nicohort" "$root/bin/nicohort"
mv "$root/share/bash-completion/completions/nicohort" "$root/share/bash-completion/completions/nicohort.bash"

# Under the names that the program asks for. Each comes with the licence of its package.
ldd "$libraries/program" | grep -o '/[^ ]*' | while read -r library; do
  cp -L "$library" "$libraries/$(basename "$library")"
  package=$(dpkg-query -S "*/x86_64-linux-gnu/$(basename "$(realpath "$library")")" | head -1 | cut -d: -f1)
  cp -L "/usr/share/doc/$package/copyright" "$root/share/doc/nicohort/libraries/$package.txt"
done

# oneTBB asks for these, and would take those of the machine. Without what it looks for in them it does without.
for unwanted in libirml.so.1 libiomp5.so libtbbmalloc.so.2; do
  gcc -shared -nostdlib -x c /dev/null -o "$libraries/$unwanted"
done

mkdir -p "$output"
# The same files give the same bytes.
# No entries for folders: those that are there already, such as ~/.local, keep their permissions and times.
(cd "$build/portable" && find "$name" ! -type d | LC_ALL=C sort) |
  tar -C "$build/portable" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime=@0 --no-recursion -T - -c |
  gzip -9n >"$output/$name.tar.gz"
