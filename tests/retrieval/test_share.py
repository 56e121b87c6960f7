"""Generations for several machines: published into a shared folder, taken over whole or not at all."""

from __future__ import annotations

import logging

import pytest

from assistant.errors import IndexStale, StoreError
from assistant.retrieval.atomic import BUILDING, BuildRunning, lock_builds, write_current
from assistant.retrieval.generation import Manifest, digest_file, name_generation, read_current
from assistant.retrieval.share import fetch_generation, follow_share, publish_generation


@pytest.fixture
def folders(tmp_path):
    """Indexes of the machine that builds, the shared folder, indexes of another machine."""
    here, share, there = (tmp_path / name for name in ("here", "share", "there"))
    here.mkdir()
    there.mkdir()
    return here, share, there


def write_generation(index_dir, text):
    """A generation that holds a text; gives its name."""
    building = index_dir / "new"
    (building / "lexical").mkdir(parents=True)
    for name in ("chunks.json", "lexical/terms.bin"):
        (building / name).write_text(text, encoding="utf-8")
    manifest = Manifest(
        format=2,
        corpus_version=text,
        source_digest="0",
        embedder="hash",
        dim=4,
        n_chunks=1,
        chroma="none",
        files={name: digest_file(building / name) for name in ("chunks.json", "lexical/terms.bin")},
    ).encode()
    (building / "manifest.json").write_bytes(manifest)
    name = name_generation(manifest)
    building.rename(index_dir / name)
    write_current(index_dir, [name, *read_current(index_dir)][:2])
    return name


def list_folders(index_dir):
    return sorted(path.name for path in index_dir.iterdir() if path.is_dir())


def test_what_is_published_arrives(folders):
    here, share, there = folders
    assert fetch_generation(there, share, 2) is None
    name = write_generation(here, "一")
    assert publish_generation(here, share, 2) == name
    assert publish_generation(here, share, 2) is None
    assert fetch_generation(there, share, 2) == name
    assert fetch_generation(there, share, 2) is None
    assert read_current(there) == [name]
    assert (there / name / "lexical" / "terms.bin").read_text(encoding="utf-8") == "一"


def test_old_generations_go_on_both_sides(folders):
    here, share, there = folders
    names = []
    for text in "一二三四":
        names.append(write_generation(here, text))
        publish_generation(here, share, 2)
        fetch_generation(there, share, 3)
    assert (read_current(share), list_folders(share)) == (names[:1:-1], sorted(names[2:]))
    assert (read_current(there), list_folders(there)) == (names[:0:-1], sorted(names[1:]))


@pytest.mark.parametrize("victim", ["chunks.json", "lexical/terms.bin", "manifest.json"])
@pytest.mark.parametrize("harm", ["flipped", "cut", "gone"])
def test_a_damaged_generation_is_not_taken_over(folders, caplog, victim, harm):
    here, share, there = folders
    good = write_generation(here, "一")
    publish_generation(here, share, 2)
    fetch_generation(there, share, 2)
    bad = write_generation(here, "二")
    publish_generation(here, share, 2)
    path = share / bad / victim
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:] if harm == "flipped" else data[:-1])
    with pytest.raises(IndexStale, match=r"损坏|缺少"):
        fetch_generation(there, share, 2)
    with caplog.at_level(logging.WARNING):
        follow_share(there, share, 2)
    assert "was not taken over" in caplog.text
    assert (read_current(there), list_folders(there)) == ([good], [good])
    path.write_bytes(data)
    assert fetch_generation(there, share, 2) == bad


def test_a_generation_named_but_not_there_is_told(folders):
    here, share, there = folders
    write_generation(here, "一")
    publish_generation(here, share, 2)
    write_current(share, ["0123456789abcdef"])
    with pytest.raises(IndexStale):
        fetch_generation(there, share, 2)
    assert read_current(there) == []


def test_leftovers_of_a_killed_copy_go(folders):
    here, share, there = folders
    name = write_generation(here, "一")
    (share / f"{BUILDING}1").mkdir(parents=True)
    (there / f"{BUILDING}2").mkdir()
    publish_generation(here, share, 2)
    fetch_generation(there, share, 2)
    assert list_folders(share) == list_folders(there) == [name]


def test_one_process_fetches_and_the_others_wait_quietly(folders, caplog):
    here, share, there = folders
    write_generation(here, "一")
    publish_generation(here, share, 2)
    with lock_builds(there):
        with pytest.raises(BuildRunning):
            fetch_generation(there, share, 2)
        follow_share(there, share, 2)
    assert caplog.text == ""
    assert read_current(there) == []


def test_a_shared_folder_that_is_away_changes_nothing(folders):
    here, share, there = folders
    name = write_generation(here, "一")
    publish_generation(here, share, 2)
    fetch_generation(there, share, 2)
    share.rename(share.with_name("unmounted"))
    assert fetch_generation(there, share, 2) is None
    assert read_current(there) == [name]
    share.write_text("not a folder", encoding="utf-8")
    with pytest.raises(StoreError):
        publish_generation(here, share, 2)
