"""A phone's day is quickly told: its receipts by device and time, for the daily limits."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("receipt_of_device_by_day", "receipt", ["device_id", "received_at"])
