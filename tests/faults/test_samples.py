"""A small sample of every campaign; the full counts: python tests/faults/run.py all --full (see README.md)."""

import shutil

import pytest
from campaigns import cuts, deliveries, disks, kill, lines, migration, pockets, power, restore, store, waits

PATIENT = {"longest_s": 60}  # two of these run side by side here; the ten seconds are asked for where nothing else runs


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def says(record_property):
    """Put the verdict where the reader of the run sees it (the summary at its end), and hold it to account."""

    def judge(verdict):
        record_property("verdict", str(verdict))
        assert verdict.holds, f"{verdict}\n{verdict.details()}"

    return judge


def test_a_kill_at_any_moment_loses_nothing(folder, says):
    says(kill.run(3, folder))


@pytest.mark.needs("mount")
def test_a_power_cut_loses_nothing(folder, says):
    says(power.run(2, folder))


@pytest.mark.needs("mount")
def test_a_power_cut_would_show_a_careless_server(folder, says):
    says(power.run(1, folder, careless=True))


def test_what_comes_often_and_in_any_order_is_there_once(folder, says):
    says(deliveries.run(300, folder))


def test_what_was_cut_or_changed_on_the_way_is_never_acknowledged(folder, says):
    for verdict in cuts.run(120, 40, 42, folder):
        says(verdict)


@pytest.mark.needs("mount")
def test_a_full_disk_loses_nothing_and_passes(folder, says):
    says(disks.full(1, folder, hold=1, **PATIENT))


@pytest.mark.needs("mount")
def test_a_disk_that_turns_read_only_acknowledges_nothing(folder, says):
    says(disks.read_only(1, folder, hold=1, **PATIENT))


def test_a_held_database_is_waited_for(folder, says):
    says(waits.lock(folder, longest=1, requests=20, **PATIENT))


def test_slow_phones_hold_up_nobody_for_long(folder, says):
    says(waits.slow(12, folder, drip_s=1.5, crowd_s=2, **PATIENT))


@pytest.mark.needs("s3")
def test_a_store_in_trouble_loses_nothing(folder, says):
    says(store.run(3, folder, hold=1, **PATIENT))


def test_an_upgrade_killed_at_a_statement_is_old_or_new(folder, says):
    says(migration.run(folder, every=40))


def test_a_restore_to_an_older_point_gets_everything_back(folder, says):
    says(restore.run(1, folder, kills=1))


@pytest.mark.needs("chromium")
def test_a_killed_phone_keeps_what_it_showed_as_saved(folder, says):
    says(pockets.kill(2, folder))


@pytest.mark.needs("chromium")
@pytest.mark.needs("mount")
def test_a_phone_without_power_keeps_what_it_showed_as_saved(folder, says):
    says(pockets.power(1, folder))


@pytest.mark.needs("chromium")
@pytest.mark.needs("mount")
def test_a_power_cut_would_show_a_careless_phone(folder, says):
    says(pockets.power(1, folder, careless=True))


@pytest.mark.needs("chromium")
def test_a_phone_whose_line_is_cut_anywhere_delivers_everything_once(folder, says):
    says(lines.toggles(8, folder))


@pytest.mark.needs("chromium")
def test_a_hotels_network_is_never_believed(folder, says):
    says(lines.portal(9, folder))


@pytest.mark.needs("chromium")
def test_two_tabs_number_their_claims_once_and_without_a_gap(folder, says):
    says(lines.two_tabs(12, folder))


@pytest.mark.needs("chromium")
def test_a_release_comes_between_visits_and_disturbs_none(folder, says):
    says(lines.update(1, folder))


@pytest.mark.needs("chromium")
def test_a_release_that_arrives_by_half_leaves_the_old_one_whole(folder, says):
    says(lines.install(folder, 2))
