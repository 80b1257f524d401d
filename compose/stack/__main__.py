"""The commands behind the Makefile's targets: `python -m compose.stack COMMAND`."""

import argparse
import os
import sys
from pathlib import Path

from compose.stack import commands
from compose.stack.configure import configure
from compose.stack.lock import alone
from compose.stack.paths import FOLDER
from compose.stack.runs.airflow import USUAL_DAG, dag_status, run_dag
from compose.stack.runs.prefect import run_deployment
from compose.stack.speech import Refusal, complain
from compose.stack.start import build, init, prepare, start

DEPLOYMENTS = {
    "crypto-run": "crypto-events/daily",
    "churn-run": "churn-training/on-change",
    "drift-run": "churn-drift-monitor/weekly",
}
INTERRUPTED = 130


def main() -> int:
    """Run the command; what a user can act on ends as one sentence and an exit code."""
    options = _parser().parse_args()
    try:
        _run(options, options.env_file.absolute())
    except Refusal as error:
        complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _run(options: argparse.Namespace, file: Path) -> None:
    """What changes the platform has it alone; everything else looks at what runs."""
    if options.command in (
        "ps",
        "logs",
        "psql",
        "check",
        "data-docs",
        "dag-run",
        "dag-status",
        *DEPLOYMENTS,
    ):
        _use(options, file)
    else:
        with alone(file):
            _change(options, file)


def _change(options: argparse.Namespace, file: Path) -> None:
    """What writes the environment file, builds, starts, stops or deletes."""
    match options.command:
        case "up":
            start(prepare(file, options.profile, build=options.build))
        case "init":
            init(prepare(file, options.profile, build=True))
        case "reset":
            commands.values_of(file)
            # What cannot start again is not deleted.
            build(prepare(file, options.profile, build=options.build))
            commands.destroy(file, force=options.force)
            start(prepare(file, None, build=options.build))
        case "configure":
            configure(file, options.profile, options.values)
        case "build":
            build(prepare(file, None, build=True, starts=False))
        case "down":
            commands.down(file)
        case "destroy":
            commands.destroy(file, force=options.force)
        case "deploy":
            commands.deploy(file)


def _use(options: argparse.Namespace, file: Path) -> None:
    """What a platform that was started before is asked for."""
    match options.command:
        case "ps":
            commands.ps(file)
        case "logs":
            commands.logs(file, options.services, follow=options.follow)
        case "psql":
            commands.psql(file, options.arguments)
        case "check":
            commands.check(file)
        case "data-docs":
            commands.data_docs(file)
        case "dag-run":
            run_dag(commands.values_where_it_runs(file, "airflow-api", "airflow"), options.dag)
        case "dag-status":
            dag_status(commands.values_where_it_runs(file, "airflow-api", "airflow"), options.dag)
        case name:
            run_deployment(commands.values_where_it_runs(file, "prefect"), DEPLOYMENTS[name])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="compose.stack", description=__doc__)
    parser.add_argument(
        "--env-file",
        type=Path,
        default=os.environ.get("KPI_STACK_ENV") or FOLDER / ".env",
        help="the file with passwords and settings (or KPI_STACK_ENV; else compose/.env)",
    )
    names = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (
        ("init", "check the machine, write compose/.env once, build, make databases and buckets"),
        ("up", "do that, and start everything"),
        ("reset", "destroy, then up"),
    ):
        command = names.add_parser(name, help=text)
        command.add_argument("--profile", help="core, spark, airflow, tools or full; with commas")
        if name == "init":
            continue
        command.add_argument(
            "--no-build", dest="build", action="store_false", help="start with the images there are"
        )
        if name == "reset":
            _add_force(command)
    setting = names.add_parser("configure", help="set variables, and start nothing")
    setting.add_argument("--profile", help="core, spark, airflow, tools or full; with commas")
    setting.add_argument("values", nargs="*", metavar="NAME=VALUE", help="what is to be set")
    names.add_parser("build", help="check the machine and build the images, and start nothing")
    names.add_parser("down", help="stop and remove the containers; the data stays")
    _add_force(names.add_parser("destroy", help="delete containers and data"))
    names.add_parser("ps", help="list the containers")
    logs = names.add_parser("logs", help="show what services say")
    logs.add_argument("services", nargs="*", metavar="SERVICE")
    logs.add_argument("-f", "--follow", action="store_true", help="and what they will say")
    psql = names.add_parser("psql", help="open the warehouse")
    psql.add_argument("arguments", nargs="*", metavar="-- ARGUMENT", help="what psql is to be told")
    names.add_parser("deploy", help="register the deployments with Prefect's server")
    names.add_parser("check", help="ask what must have happened and has not")
    names.add_parser("data-docs", help="make Data Docs anew from the stored results")
    dag = names.add_parser("dag-run", help="run a DAG of Airflow and wait for it")
    dag.add_argument("dag", nargs="?", default=USUAL_DAG, metavar="DAG", help=f"else {USUAL_DAG}")
    dag = names.add_parser("dag-status", help="show how Airflow's DAGs, or the runs of one, are")
    dag.add_argument("dag", nargs="?", metavar="DAG", help="else all of them")
    for name, deployment in DEPLOYMENTS.items():
        names.add_parser(name, help=f"run the deployment {deployment} and wait for it")
    return parser


def _add_force(command: argparse.ArgumentParser) -> None:
    command.add_argument("--force", action="store_true", help="delete without asking")


if __name__ == "__main__":
    sys.exit(main())
