"""The tables are the models', the settings that survive a power cut are really in force, upgrades may race."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from wujin_field.cli import prepared
from wujin_field.config import ConfigError, read_settings
from wujin_field.db import Base, db, from_ms, refuse_unsafe_sqlite, to_ms, utc_now, uuid7, writing
from wujin_field.migrations import upgrade
from wujin_field.models import Area, Checklist, Instance, Person, Unit

UPGRADE = (
    "from wujin_field.cli import prepared\nfrom wujin_field.config import read_settings\nprepared(read_settings())"
)


def test_the_migrations_make_exactly_the_models_tables(app):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_upgrade_changes_nothing(settings):
    app = prepared(settings)
    with app.app_context():
        before = held()
    upgrade(app)
    prepared(settings)
    with app.app_context():
        assert held() == before


def held():
    rows = (db.session.scalars(select(table)).all() for table in (Instance.id, Unit.id, Area.id, Checklist.code))
    return [sorted(row) for row in rows]


def test_four_processes_may_upgrade_one_new_folder_at_once(tmp_path):
    env = {"WUJIN_DATA_DIR": str(tmp_path / "data"), "PATH": ""}
    started = [
        subprocess.Popen([sys.executable, "-c", UPGRADE], env=env, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], "\n".join(said)
    app = prepared(read_settings(env={}, data_dir=tmp_path / "data"))
    with app.app_context():
        assert len(db.session.scalars(select(Instance.id)).all()) == 1
        assert len(db.session.scalars(select(Unit.id)).all()) == 1


def test_both_kinds_of_connection_carry_the_safe_settings(app):
    with app.app_context():
        for options in ({}, {"writing": True}):
            with db.engine.connect().execution_options(**options) as connection:
                assert pragma(connection, "journal_mode") == "wal"
                assert pragma(connection, "synchronous") == 2
                assert pragma(connection, "foreign_keys") == 1


def pragma(connection, name):
    return connection.execute(text(f"PRAGMA {name}")).scalar()


def test_the_database_is_a_file_in_the_data_folder(app, settings):
    assert (settings.data_dir / "wujin.db").read_bytes().startswith(b"SQLite format 3")


def test_a_reference_to_nobody_is_refused(app):
    with app.app_context(), pytest.raises(IntegrityError), writing() as session:
        session.execute(insert(Person).values(name="无单位", field_role="volunteer", access="field", unit_id=uuid7()))


def test_a_failed_write_of_the_desk_leaves_nothing(app):
    with app.app_context():
        with pytest.raises(RuntimeError), writing() as session:
            session.add(Instance(id=uuid7(), made_at=utc_now()))
            session.flush()
            raise RuntimeError("the lights went out")
        assert len(db.session.scalars(select(Instance)).all()) == 1


def test_a_writer_shuts_out_a_second_writer_from_its_first_statement(app):
    with app.app_context(), writing() as session:
        session.execute(select(Instance.id))
        with db.engine.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=1")
            with pytest.raises(Exception, match="locked"):
                other.exec_driver_sql("UPDATE instance SET made_at = 0")


@pytest.mark.parametrize(
    "version", [(3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 4), (3, 50, 6), (3, 51, 1), (3, 51, 2)]
)
def test_a_sqlite_that_can_corrupt_its_log_is_refused_by_name(version):
    with pytest.raises(ConfigError, match=r"SQLite " + r"\.".join(map(str, version))):
        refuse_unsafe_sqlite(version)


@pytest.mark.parametrize("version", [(3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 53, 4), (4, 0, 0)])
def test_a_mended_sqlite_is_welcome(version):
    refuse_unsafe_sqlite(version)


def test_times_are_whole_milliseconds_and_never_naive():
    moment = utc_now().replace(microsecond=123_000)
    assert from_ms(to_ms(moment)) == moment
    with pytest.raises(TypeError):
        to_ms(moment.replace(tzinfo=None))


def test_ids_sort_by_the_time_they_were_made():
    made = [uuid7() for _ in range(50)]
    assert len(set(made)) == 50
    assert [one[:13] for one in made] == sorted(one[:13] for one in made)
    assert {one[14] for one in made} == {"7"}
