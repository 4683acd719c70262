import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.embedded import place
from tests.stack.product import Product


@pytest.fixture
def new_folder() -> Iterator[Callable[[], Path]]:
    """Makes folders that any user can pass through, as a checkout usually is, gone after the test."""
    made: list[Path] = []

    def make() -> Path:
        folder = Path(tempfile.mkdtemp(prefix="safapac-stack-"))
        folder.chmod(0o755)
        made.append(folder)
        return folder

    yield make
    for folder in made:
        shutil.rmtree(folder)


@pytest.fixture
def new_product(new_folder: Callable[[], Path]) -> Iterator[Callable[..., Product]]:
    """Makes products, each in a VAR_DIR of its own unless it is named; all ended after the test."""
    with ExitStack() as stack:

        def make(var_dir: Path | None = None, **environment: str) -> Product:
            product = Product(var_dir or new_folder() / "var", environment=environment)
            stack.callback(place.remove, product.var_dir)
            return stack.enter_context(product)

        yield make


@pytest.fixture
def product(new_product: Callable[..., Product]) -> Product:
    return new_product()
