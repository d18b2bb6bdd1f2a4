import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import merkle, tiles
from compliance.audit.tiles import Tile
from tests.compliance.audit import naive

LEAVES = [merkle.leaf_hash(str(i).encode()) for i in range(600)]


def get(nodes):
    return [naive.node(level, index, LEAVES) for level, index in nodes]


def test_the_paths_of_the_standard():
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(0, 0, 1).path == "tile/0/000.p/1"
    assert Tile(1, 999, 255).path == "tile/1/999.p/255"
    assert Tile(63, 1000).path == "tile/63/x001/000"


@given(st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_is_read_as_it_was_written(level, index, width):
    tile = Tile(level, index, width)
    assert tiles.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/x000/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/300",
        "tile/64/001",
        "tile/00/001",
        "tile/entries/000",
        "tile/0/../001",
        "tile/0/000\n",
        "tile/0/٠٠٠",
    ],
)
def test_other_spellings_are_no_tiles(path):
    with pytest.raises(tiles.NoSuchTile):
        tiles.parse(path)


def test_a_tile_holds_its_hashes():
    assert tiles.content(Tile(0, 1), 600, get) == b"".join(LEAVES[256:512])
    assert tiles.content(Tile(0, 2, 88), 600, get) == b"".join(LEAVES[512:600])
    assert tiles.content(Tile(1, 0, 2), 600, get) == naive.mth(LEAVES[:256]) + naive.mth(LEAVES[256:512])


@pytest.mark.parametrize("tile", [Tile(0, 2, 89), Tile(0, 3), Tile(1, 0, 3), Tile(1, 0), Tile(2, 0, 1)])
def test_a_tile_beyond_the_tree_is_none(tile):
    with pytest.raises(tiles.NoSuchTile):
        tiles.content(tile, 600, get)


def test_what_to_publish_after_the_tree_grew():
    assert tiles.grown(0, 3) == [Tile(0, 0, 3)]
    assert tiles.grown(3, 3) == [Tile(0, 0, 3)]
    assert tiles.grown(256, 513) == [Tile(0, 1), Tile(0, 2, 1), Tile(1, 0, 2)]
    assert tiles.grown(0, 0) == []
