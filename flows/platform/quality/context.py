"""Great Expectations for our storage: where results are kept, and how Data Docs are written."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flows.lazy_imports import quick_imports
from flows.platform.storage.layout import great_expectations_folder
from flows.platform.storage.object_store import bucket_and_key
from flows.settings import Settings

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )

SITE = "data_docs"
_PAGES = "flows.platform.quality.data_docs.pages"
_PAGE = {"module_name": _PAGES, "class_name": "SelfContainedPage"}


@contextmanager
def gx_context(settings: Settings) -> "Iterator[EphemeralDataContext]":
    """Yield Great Expectations with stores in our storage and a site of Data Docs."""
    gx = great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    defaults = InMemoryStoreBackendDefaults()
    defaults.stores[defaults.validation_results_store_name] = {
        "class_name": "ValidationResultsStore",
        "store_backend": _store_backend(settings, "validations"),
    }
    defaults.data_docs_sites = {
        SITE: {
            "module_name": _PAGES,
            "class_name": "SelfContainedSite",
            "show_how_to_buttons": False,
            "store_backend": _store_backend(settings, "data_docs"),
            "site_index_builder": {
                "class_name": "DefaultSiteIndexBuilder",
                "validation_results_limit": settings.data_docs_results,
                "view": _PAGE,
            },
            "site_section_builders": {
                "validations": {"view": _PAGE},
                "expectations": "none",
                "profiling": "none",
            },
        }
    }
    config = DataContextConfig(
        store_backend_defaults=defaults, progress_bars=ProgressBarsConfig(globally=False)
    )
    with _stores(settings):
        yield gx.get_context(mode="ephemeral", project_config=config)


def _stores(settings: Settings) -> AbstractContextManager[None]:
    if settings.storage == "folder":
        return nullcontext()
    from flows.platform.quality.s3_store_backend import stores_in_s3

    return stores_in_s3(settings)


def _store_backend(settings: Settings, name: str) -> dict[str, Any]:
    folder = great_expectations_folder(settings) / name
    if settings.storage == "folder":
        return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}
    bucket, key = bucket_and_key(settings, folder)
    return {
        "module_name": "flows.platform.quality.s3_store_backend",
        "class_name": "S3StoreBackend",
        "bucket": bucket,
        "folder": key,
        "suppress_store_backend_id": True,
    }


def great_expectations() -> Any:
    """Import it without Spark, S3 and Google; statistics and charts load on first use."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import
    with quick_imports(
        when_used=("altair", "scipy.stats"), absent=("boto3", "botocore", "google", "pyspark")
    ):
        return import_module("great_expectations")


def our_expectations() -> dict[str, Any]:
    """Return our own expectations, by name; importing them registers them."""
    from flows.platform.quality.exact_bounds_expectation import ExactBoundsExpectation
    from flows.platform.quality.single_query_expectation import SingleQueryExpectation

    return {kind.__name__: kind for kind in (ExactBoundsExpectation, SingleQueryExpectation)}
