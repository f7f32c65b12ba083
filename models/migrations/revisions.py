"""Triggers that hold what a revision is: never changed or deleted, only closed."""

from collections.abc import Sequence

from alembic import op

REFUSAL = "a revision is never changed or deleted, only closed"


def keep_revisions(table: str, columns: Sequence[str]) -> None:
    """Guards every one of `columns`; called again when a table is given a new one."""
    if op.get_context().dialect.name == "sqlite":
        _keep_in_sqlite(table, columns)
    else:
        _keep_in_postgresql(table)


def _keep_in_sqlite(table: str, columns: Sequence[str]) -> None:
    changed = " OR ".join(f'NEW."{column}" IS NOT OLD."{column}"' for column in columns if column != "until")
    for event, condition in (
        ("UPDATE", f"OLD.until IS NOT NULL OR NEW.until IS NULL OR {changed}"),
        ("DELETE", "TRUE"),
    ):
        name = f"{table}_keeps_on_{event.lower()}"
        op.execute(f"DROP TRIGGER IF EXISTS {name}")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _keep_in_postgresql(table: str) -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION keep_revisions() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR OLD.until IS NOT NULL OR NEW.until IS NULL
               OR to_jsonb(NEW) - 'until' <> to_jsonb(OLD) - 'until' THEN
                RAISE EXCEPTION '{REFUSAL}';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        f"CREATE OR REPLACE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION keep_revisions()"
    )
