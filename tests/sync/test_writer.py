"""One durable commit for many: whoever gets an answer is stored, whoever fails harms nobody else."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from wujin_field.db import db, utc_now, uuid7
from wujin_field.models import AuditRow, Instance
from wujin_field.models.journal import append_audit
from wujin_field.sync.writer import Writer


@pytest.fixture
def engine(app):
    with app.app_context():
        return db.engine


@pytest.fixture
def writer(engine):
    return Writer(engine)


def add(instance_id):
    return lambda connection: (
        connection.execute(insert(Instance).values(id=instance_id, made_at=utc_now())) and instance_id
    )


def stored(engine):
    with engine.connect() as connection:
        return set(connection.execute(select(Instance.id)).scalars())


def together(writer, jobs):
    """Run all jobs in one group: the first one holds the writer until the others are queued."""
    begun, queued = threading.Event(), threading.Event()

    def first(_connection):
        begun.set()
        queued.wait(30)

    with ThreadPoolExecutor(len(jobs) + 1) as threads:
        threads.submit(writer.write, first)
        begun.wait(30)
        waiting = [threads.submit(writer.write, job) for job in jobs]
        while writer._jobs.qsize() < len(jobs):
            pass
        queued.set()
        return [(future.exception(), None if future.exception() else future.result()) for future in waiting]


def test_an_answer_means_stored(writer, engine):
    new = uuid7()
    assert writer.write(add(new)) == new
    assert new in stored(engine)


def test_a_failing_job_raises_at_its_own_caller_and_leaves_nothing(writer, engine):
    new = uuid7()

    def half(connection):
        add(new)(connection)
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        writer.write(half)
    assert new not in stored(engine)


def test_a_failing_job_does_not_hurt_its_neighbours(writer, engine):
    good, twice = [uuid7() for _ in range(5)], uuid7()
    outcomes = together(writer, [add(good[0]), add(twice), add(twice), *map(add, good[1:])])
    faults = [fault for fault, _ in outcomes if fault]
    assert [type(fault) for fault in faults] == [IntegrityError]
    assert {*good, twice} <= stored(engine)


def test_a_failing_commit_fails_all_and_stores_none(writer, engine):
    new = [uuid7() for _ in range(3)]

    def promise_nobody_keeps(connection):
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        connection.execute(text("INSERT INTO person_area (person_id, area_id) VALUES ('nobody', 'nowhere')"))

    outcomes = together(writer, [add(new[0]), promise_nobody_keeps, *map(add, new[1:])])
    assert [type(fault) for fault, _ in outcomes] == [IntegrityError] * 4
    assert not stored(engine) & set(new)


def test_the_writer_lives_on_after_a_failed_commit(writer, engine):
    test_a_failing_commit_fails_all_and_stores_none(writer, engine)
    new = uuid7()
    assert writer.write(add(new)) == new


def test_hundreds_at_once_are_all_stored_and_keep_one_chain(writer, engine):
    def link(number):
        return lambda connection: append_audit(connection, utc_now(), None, "tested", "visit", str(number))

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(writer.write, map(link, range(300))))
    with engine.connect() as connection:
        rows = connection.execute(
            select(AuditRow.subject_id, AuditRow.prev, AuditRow.hash).order_by(AuditRow.seq)
        ).all()
        assert connection.execute(select(func.count(AuditRow.seq))).scalar() == 300
    assert {row.subject_id for row in rows} == set(map(str, range(300)))
    assert [row.prev for row in rows[1:]] == [row.hash for row in rows[:-1]]
