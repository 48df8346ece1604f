"""Alembic's entry: runs the migrations on the engine that `pipelines.store` hands over."""

from alembic import context

from pipelines.store import Base

with context.config.attributes["engine"].connect() as connection:
    # SQLite changes a constraint by making the table anew, which rows that refer to it must not prevent.
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if is_sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.commit()
