"""Errors whose text says what happened, where, and what to do."""


class KpiError(Exception):
    """An error the user can act on; its text is the whole message, shown without a traceback."""

    exit_code = 1


class BadInput(KpiError):
    """A file, parameter or setting does not meet the contract; nothing was changed."""

    exit_code = 2


class DataRejected(KpiError):
    """The data broke its contract: the run stops and production stays as it is."""


class PublicationRefused(KpiError):
    """A guard stopped the publication: production stays as it is."""


class StageLost(KpiError):
    """The staged window is not the one this run built: stage it again."""


class PipelineBusy(KpiError):
    """Another run holds the pipeline."""
