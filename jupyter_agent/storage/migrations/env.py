"""What Alembic runs. The connection, in a transaction, comes from `upgrade`; no configuration file is read, and logging
stays as the server has it."""

from alembic import context

from jupyter_agent.storage.migrations import VERSION_TABLE, include_name
from jupyter_agent.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_name=include_name,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
