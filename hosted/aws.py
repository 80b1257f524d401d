"""What AWS says, and what has to be there before a machine of AWS is reached."""

from pathlib import Path

from hosted import program
from hosted.refusal import Refusal

NO_CREDENTIALS = (
    "No AWS credentials were found: run `aws configure` or `aws sso login`, or set AWS_PROFILE "
    "to a profile that has some."
)
# What Terraform or boto3 says, and what to do about it.
SENTENCES = {
    r"No valid credential sources found|Unable to locate credentials": NO_CREDENTIALS,
    r"InvalidClientTokenId|SignatureDoesNotMatch|AuthFailure|ExpiredToken|InvalidAccessKeyId"
    r"|UnrecognizedClient|Token has expired": (
        "AWS does not accept these credentials: log in again, or set AWS_PROFILE to another "
        "profile."
    ),
    r'Could not connect to the endpoint URL: "(.+?)"': (
        "AWS does not answer at {}: look whether this machine's network leads there."
    ),
}
_LOOK = "import boto3, sys; sys.exit(boto3.Session().get_credentials() is None)"


def check_session_manager(python: Path) -> None:
    """Refuses when a machine cannot be reached by Session Manager from here.

    `python` has boto3, which looks for credentials where Ansible will.
    """
    program.found(
        "session-manager-plugin",
        "There is no session-manager-plugin on PATH: install AWS's Session Manager plugin, through "
        "which the machine is reached.",
    )
    if program.run(python, "-c", _LOOK, capture_output=True).returncode:
        raise Refusal(NO_CREDENTIALS)
