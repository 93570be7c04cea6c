# SPDX-License-Identifier: MIT
"""Fixtures: the image, unpacked once, and for each test a machine that runs containers of it."""

import pathlib
import tempfile

import pytest

from certificates import Authority
from container import Network
from image import FOLDER, Image
from machine import Machine


@pytest.fixture(scope="session")
def image():
    # Beside the image, where bundles may be links to its files.
    with tempfile.TemporaryDirectory(prefix="unpacked-", dir=FOLDER) as scratch:
        yield Image(pathlib.Path(scratch))


@pytest.fixture(scope="session")
def network():
    network = Network()
    yield network
    network.remove()


@pytest.fixture
def machine(image, network):
    with tempfile.TemporaryDirectory(prefix="machine-", dir=FOLDER) as scratch:
        machine = Machine(image, network, pathlib.Path(scratch))
        try:
            yield machine
        finally:
            machine.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    """Signs the certificates of this run."""
    return Authority(tmp_path_factory.mktemp("authority"))
