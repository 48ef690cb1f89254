import os
import zipfile
from pathlib import Path

import pytest

from smartcat.cli.lambda_package import archive
from smartcat.cli.lambda_package.archive import replaced, write_zip


def folder_of(root: Path, *names: str) -> Path:
    """Make files whose content is their name."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    """Neither times, nor modes, nor the order of making, nor the folder's place are in the zip."""
    one = folder_of(tmp_path / "one", "b/x.py", "a.py")
    two = folder_of(tmp_path / "two", "a.py", "b/x.py")
    (two / "a.py").chmod(0o600)
    os.utime(two / "a.py", (0, 0))
    sizes = write_zip(one, tmp_path / "1.zip")
    write_zip(two, tmp_path / "2.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert list(sizes) == ["a.py", "b/x.py"]
    assert sizes["a.py"][0] == 4
    infos = zipfile.ZipFile(tmp_path / "1.zip").infolist()
    assert {(info.date_time, info.external_attr >> 16) for info in infos} == {(archive.ZIP_EPOCH, 0o100644)}


@pytest.mark.parametrize("harm", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_zip_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: BaseException
) -> None:
    """Ctrl-C and a full disk leave what was there, and no half of a file; the error names the zip."""
    root, path = folder_of(tmp_path / "root", "a.py"), tmp_path / "function.zip"
    path.write_text("before")

    def fail(*_: object) -> None:
        raise harm

    monkeypatch.setattr(archive, "add", fail)
    (tmp_path / "function.zip.new").write_text("of a run that was killed")
    with pytest.raises(type(harm)) as caught, replaced(path) as new:
        write_zip(root, new)
    assert path.read_text() == "before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["function.zip", "root"]
    if isinstance(caught.value, OSError):
        assert caught.value.filename == str(path)


def test_the_new_file_is_made_and_not_followed(tmp_path: Path) -> None:
    """A link that lies where the new file is to be made leads nowhere: its target is not written."""
    other, path = tmp_path / "other", tmp_path / "function.zip"
    other.write_text("somebody's")
    (tmp_path / "function.zip.new").symlink_to(other)
    with replaced(path) as new:
        write_zip(folder_of(tmp_path / "root", "a.py"), new)
    assert other.read_text() == "somebody's"
    assert zipfile.ZipFile(path).namelist() == ["a.py"]
    assert not (tmp_path / "function.zip.new").is_symlink()
