#!/usr/bin/env bash
# Makes a demonstration archive and runs the tutorial (docs/tutorial.md) on it.
# usage: scripts/demo.sh PROGRAM FOLDER
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: scripts/demo.sh PROGRAM FOLDER" >&2
  exit 2
fi
program=$1 root=$2
mark=$root/.demo

# Only what an earlier demo made is removed.
if [ -e "$root" ] && [ ! -d "$root" ]; then
  echo "$root is not a folder; choose another one" >&2
  exit 2
fi
if [ -d "$root" ] && [ -n "$(ls -A "$root")" ]; then
  others=$(ls -A "$root" | grep -vxE 'archive|descriptor|grouped|report|\.demo|\.nicohort-demo' || true)
  if [ ! -e "$mark" ] || [ -n "$others" ]; then
    echo "$root contains files that are not from a demo; choose another folder" >&2
    exit 2
  fi
  rm -rf -- "$root/archive" "$root/descriptor" "$root/grouped" "$root/report" "$root/.nicohort-demo"
fi
mkdir -p "$root"
touch "$mark"

# Shows the command as one would type it, and runs it.
nicohort() {
  printf '\n$ nicohort'
  printf ' %q' "$@"
  printf '\n'
  "$program" "$@"
}

nicohort demo "$root" --patients 12

nicohort gen_archive_manifest --root_dir "$root/archive" \
  --output_manifest_file "$root/descriptor/archive_manifest.xlsx"
nicohort confirm_pairs --root_dir "$root/archive" --output_dir "$root/grouped" \
  --archive_manifest "$root/descriptor/archive_manifest.xlsx"
nicohort mask_thresholding --root_dir "$root/grouped" --thresh -140.0 1000.0 --output_dir "$root/grouped"
nicohort extract_binary_masks --root_dir "$root/grouped" \
  --label_explanation "$root/descriptor/label_map.yaml"
nicohort small_connected_region_detect --root_dir "$root/grouped" --region_volume_thresh 300.0 \
  --output_manifest "$root/descriptor/small_connected_region_300_manifest.xlsx"
nicohort morphological_open_on_slice_small_region --root_dir "$root/grouped" --output_dir "$root/grouped" \
  --kernel_size 2 2 --filter_halfedge 3 --region_area_thresh 10
nicohort small_connected_region_detect --root_dir "$root/grouped" --region_volume_thresh 300.0 \
  --output_manifest "$root/descriptor/small_connected_region_300_after_modification_manifest.xlsx"
nicohort gen_dataset_manifest --root_dir "$root/grouped" \
  --output_manifest_file "$root/grouped/dataset_manifest.xlsx"
nicohort make_split --manifest_file "$root/grouped/dataset_manifest.xlsx" --split_name split01_TJ \
  --site TJ --test_ratio 0.4 --val_ratio 0.2 --random_seed 0
nicohort make_split --manifest_file "$root/grouped/dataset_manifest.xlsx" --split_name split02_SYTH \
  --site SYTH --test_ratio 1.0 --val_ratio 0.0
nicohort make_split --manifest_file "$root/grouped/dataset_manifest.xlsx" --split_name split03_XY \
  --site XY --test_ratio 1.0 --val_ratio 0.0
nicohort extract_split_index_manifest --manifest_file "$root/grouped/dataset_manifest.xlsx" \
  --split_name split01_TJ --output_index_manifest_dir "$root/grouped/splits/split01_TJ" \
  --subsets train val --subsets train --subsets val --subsets test
nicohort extract_split_index_manifest --manifest_file "$root/grouped/dataset_manifest.xlsx" \
  --split_name split02_SYTH --output_index_manifest_dir "$root/grouped/splits/split02_SYTH" --subsets test
nicohort extract_split_index_manifest --manifest_file "$root/grouped/dataset_manifest.xlsx" \
  --split_name split03_XY --output_index_manifest_dir "$root/grouped/splits/split03_XY" --subsets test

nicohort report --root_dir "$root"

cat <<END

Results:
  $root/archive                                    the archive, as received
  $root/descriptor/archive_manifest.xlsx           list of its images
  $root/descriptor/small_connected_region_*.xlsx   small regions before and after cleaning
  $root/grouped                                    the dataset: one folder for each sample
  $root/grouped/dataset_manifest.xlsx              its manifest, with the splits as worksheets
  $root/grouped/splits                             index manifests for training
  $root/report/index.html                          the report; open it in a browser
END
