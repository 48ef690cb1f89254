import io
import zipfile

from smartcat.package import FUNCTION_PACKAGES, HANDLER, function_zip


def test_only_the_function_s_rooms_are_packed() -> None:
    """Training, producers, local AWS and the command line never travel to the Lambda."""
    names = zipfile.ZipFile(io.BytesIO(function_zip())).namelist()
    assert {name.split("/")[0] for name in names} == set(FUNCTION_PACKAGES)


def test_the_handler_is_in_it() -> None:
    """The module that the function's configuration names is packed."""
    module, _, _ = HANDLER.rpartition(".")
    assert module.replace(".", "/") + ".py" in zipfile.ZipFile(io.BytesIO(function_zip())).namelist()


def test_the_same_sources_give_the_same_bytes() -> None:
    """A build that changes nothing must not look like a new version."""
    assert function_zip() == function_zip()
