"""Errors that are sentences: what happened, where, and what to do."""


class KpiError(Exception):
    """Something a user can act on; its text is the whole message, shown without a traceback."""

    exit_code = 1


class BadInput(KpiError):
    """A file, a parameter or a setting is not what the contract asks for; nothing was changed."""

    exit_code = 2


class DataRejected(KpiError):
    """The data broke its contract: the run stops and production stays as it is."""


class PublicationRefused(KpiError):
    """A guard stopped the publication: production stays as it is."""


class StageLost(KpiError):
    """The staged window is not the one this run built and validated: stage it again."""


class PipelineBusy(KpiError):
    """Another run holds the pipeline."""
