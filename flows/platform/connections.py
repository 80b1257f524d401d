"""Where a flow finds its connections: in the environment, or in Prefect blocks."""

from flows.settings import Settings, load_settings


def flow_settings() -> Settings:
    """Return the settings of a flow run, with connections from blocks when they say so.

    Raises BadInput for a wrong setting, KpiError when a block is missing.
    """
    return connected(load_settings())


def connected(settings: Settings) -> Settings:
    """Return the settings with the warehouse, and the keys of S3 when it is used, from blocks.

    Without `connections = blocks` they are as they were. Raises KpiError when a block is missing.
    """
    if settings.connections == "environment":
        return settings
    from flows.platform.orchestration.blocks import s3_of_block, warehouse_of_block

    from_blocks: dict[str, object] = {"database_url": warehouse_of_block()}
    if settings.storage == "s3":
        from_blocks["s3"] = s3_of_block(settings.s3)
    return settings.model_copy(update=from_blocks)
