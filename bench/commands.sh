#!/usr/bin/env bash
# The tutorial (docs/tutorial.md), one command after another.
# usage: bench/commands.sh PROGRAM ROOT
set -euo pipefail
program=$1 root=$2

run() { "$program" "$@" --quiet; }
# The first site has one patient here, too few for three subsets: this status is to be expected.
run_expecting() {
  local expected=$1 status=0
  shift
  run "$@" || status=$?
  [ $status = "$expected" ]
}

run gen_archive_manifest --root_dir "$root/archive" --output_manifest_file "$root/descriptor/archive_manifest.xlsx"
run confirm_pairs --root_dir "$root/archive" --output_dir "$root/grouped" \
  --archive_manifest "$root/descriptor/archive_manifest.xlsx"
run mask_thresholding --root_dir "$root/grouped" --thresh -140.0 1000.0 --output_dir "$root/grouped"
run extract_binary_masks --root_dir "$root/grouped" --label_explanation "$root/descriptor/label_map.yaml"
run small_connected_region_detect --root_dir "$root/grouped" --region_volume_thresh 300.0 \
  --output_manifest "$root/descriptor/small_connected_region_300_manifest.xlsx"
run morphological_open_on_slice_small_region --root_dir "$root/grouped" --output_dir "$root/grouped" \
  --kernel_size 2 2 --filter_halfedge 3 --region_area_thresh 10
run small_connected_region_detect --root_dir "$root/grouped" --region_volume_thresh 300.0 \
  --output_manifest "$root/descriptor/small_connected_region_300_after_modification_manifest.xlsx"
run gen_dataset_manifest --root_dir "$root/grouped" --output_manifest_file "$root/grouped/dataset_manifest.xlsx"

manifest=$root/grouped/dataset_manifest.xlsx splits=$root/grouped/splits
run_expecting 1 make_split --manifest_file "$manifest" --split_name split01_TJ --site TJ \
  --test_ratio 0.4 --val_ratio 0.2 --random_seed 0
run make_split --manifest_file "$manifest" --split_name split02_SYTH --site SYTH --test_ratio 1.0 --val_ratio 0.0
run make_split --manifest_file "$manifest" --split_name split03_XY --site XY --test_ratio 1.0 --val_ratio 0.0
run_expecting 2 extract_split_index_manifest --manifest_file "$manifest" --split_name split01_TJ \
  --output_index_manifest_dir "$splits/split01_TJ" --subsets train val --subsets train --subsets val --subsets test
for split in split02_SYTH split03_XY; do
  run extract_split_index_manifest --manifest_file "$manifest" --split_name $split \
    --output_index_manifest_dir "$splits/$split" --subsets test
done
