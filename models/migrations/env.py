"""Alembic's entry: the caller hands over an open connection, so that there is one place that makes engines."""

from alembic import context

from models import delivery, desk, people, record, search  # noqa: F401 - the tables register themselves
from models.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    # SQLite can roll back DDL, and an interrupted first start must leave nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
