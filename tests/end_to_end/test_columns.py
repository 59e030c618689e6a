"""SPEC 4, routine 02: a column whose name is taken gets the next free `{name}_2`, and nothing is lost."""

import openpyxl
import pytest

import small_archive

PIDS = [f"{number:04}" for number in range(1, 11)]
HEADER = ["PID", "type", "type", "volume", "site", "ID", "subset", "mask", "mask_01_EsoROI", "pid", "szx", "Age", "Age", "info"]
NAMES = ["type_2", "type_3", "volume_2", "site_2", "ID_2", "subset_2", "mask_2", "mask_01_EsoROI", "pid_2", "szx_2", "Age", "Age_2",
         "info_2"]


def value(pid, column):
    return f"{column} of {pid}"


@pytest.fixture
def root(tmp_path):
    small_archive.make(tmp_path, PIDS)
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for pid in PIDS:
        book.active.append([pid, *(value(pid, column) for column in range(1, len(HEADER)))])
    book.save(tmp_path / "archive/data_meta_tongji.xlsx")
    return tmp_path


def rows_of(workbook, sheet=None):
    """[{column: value}] of the rows; every name is there once."""
    book = openpyxl.load_workbook(workbook)
    header, *rows = (book[sheet] if sheet else book.active).values
    assert len(set(header)) == len(header)
    return [dict(zip(header, row)) for row in rows]


def check(rows, names, patient="pid"):
    assert rows
    for row in rows:
        assert [row[name] for name in names] == [value(row[patient], column) for column in range(1, len(HEADER))]


@pytest.mark.parametrize("way", ["run", "commands"])
def test_no_value_is_lost(nicohort, root, way):
    manifest, dataset = root / "descriptor/archive_manifest.xlsx", root / "grouped/dataset_manifest.xlsx"
    if way == "run":
        done = nicohort("run", "--root_dir", root, status=1)
    else:
        done = nicohort("01_gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", manifest, status=1)
        nicohort("02_confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest", manifest)
        nicohort("03_extract_binary_masks", "--root_dir", root / "grouped", "--label_explanation", root / "descriptor/label_map.yaml")
        nicohort("04_gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file", dataset)
        nicohort("05_make_split", "--manifest_file", dataset, "--split_name", "split01_TJ", "--site", "TJ")
    for name, renamed in (("type", "type_2"), ("type", "type_3"), ("volume", "volume_2"), ("Age", "Age_2")):
        assert any(f"`{name}`" in line and f"was renamed to `{renamed}`" in line for line in done.stderr.splitlines()), renamed
    check(rows_of(manifest), NAMES)
    in_dataset = ["mask_01_EsoROI_2" if name == "mask_01_EsoROI" else name for name in NAMES]
    rows = rows_of(dataset, "Manifest")
    check(rows, in_dataset)
    assert {row["volume"] for row in rows} == {f"TJ/{p}/TJ_{pid}_{p}/TJ_{pid}_{p}_volume.nii.gz" for pid in PIDS for p in ("pre", "post")}
    check(rows_of(dataset, "split01_TJ"), in_dataset)
    [info, *_] = sorted(root.glob("grouped/TJ/pre/*/*_info.yaml"))
    assert "\nvolume_2: '3 of 0001'\n" in info.read_text()


def test_columns_of_a_manifest_by_hand(nicohort, root):
    """Also one that gen_archive_manifest did not write."""
    manifest, dataset = root / "descriptor/archive_manifest.csv", root / "grouped/dataset_manifest.xlsx"
    images = [f"tongji/{phase}-therapy/{folder}/TJ_{pid}.nii.gz,TJ,{phase},{pid},{kind},first {pid},second {pid},third {pid}"
              for pid in PIDS for phase in ("pre", "post") for folder, kind in (("images", "v3d"), ("masks", "m3d"))]
    manifest.write_text("\n".join(["file_path,site,phase,pid,type,ID,volume,volume", *images]) + "\n")
    nicohort("02_confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest", manifest)
    nicohort("04_gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file", dataset)
    for row in rows_of(dataset):
        assert f"first {row['pid']}" == row["ID_2"]
        assert [f"second {row['pid']}", f"third {row['pid']}"] == [row["volume_2"], row["volume.1"]]


def test_columns_that_begin_like_those_of_files_are_no_files(nicohort, tmp_path):
    for pid in PIDS:
        small_archive.save(tmp_path, f"{pid}_ct.nii.gz")
        small_archive.save(tmp_path, f"{pid}_seg.nii.gz", "m3d")
    (tmp_path / "archive/m.csv").write_text("id,mask_file,volume_path\n" + "".join(f"{pid},raw/{pid}_seg.nii.gz,raw/{pid}_ct.nii.gz\n" for pid in PIDS))
    (tmp_path / "recipe.yaml").write_text(
        'volume: "{pid}_ct.nii.gz"\nmask: "{pid}_seg.nii.gz"\nlabels: {0: Bg, 1: tumour}\nmetadata: {file: m.csv, key: {id: "{pid}"}}\n'
        "splits: [{name: s, test_ratio: 0.5, val_ratio: 0, subsets: [[train]]}]\n")
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml")
    manifest = tmp_path / "grouped/dataset_manifest.xlsx"
    book = openpyxl.load_workbook(manifest)
    sheet = book["s"]
    at = [cell.value for cell in sheet[1]].index("mask") + 2  # among the columns of files
    sheet.insert_cols(at)
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, at, "note" if row == 1 else "fine")
    book.save(manifest)
    nicohort("extract_split_index_manifest", "--manifest_file", manifest, "--split_name", "s", "--output_index_manifest_dir", tmp_path,
             "--subsets", "train", "--absolute_paths")
    for row in rows_of(tmp_path / "s_train.xlsx"):
        folder = f"{tmp_path}/grouped/{row['ID']}/{row['ID']}"
        assert [row[name] for name in ("info", "volume", "mask", "mask_01_tumour")] == [
            folder + ending for ending in ("_info.yaml", "_volume.nii.gz", "_mask.nii.gz", "_mask_01_tumour.nii.gz")]
        assert [row[name] for name in ("note", "mask_file", "volume_path")] == ["fine", f"raw/{row['ID']}_seg.nii.gz", f"raw/{row['ID']}_ct.nii.gz"]
