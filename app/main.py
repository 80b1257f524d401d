"""Entry: `streamlit run app/main.py`. What visitors see is in home.py and views/."""

from starlette.middleware import Middleware
from streamlit.starlette import App

from app.artifact_pages import ROUTE
from app.errors import errors_in_the_app
from app.warm import warm_up
from flows.errors import BadInput
from flows.own_pages import Application, OwnPages
from flows.settings import Settings, load_settings


def own_pages(application: Application) -> OwnPages:
    """Serve under the names that the settings know."""
    try:
        settings = load_settings()
    except BadInput:  # which every page tells
        settings = Settings.model_construct()
    return OwnPages(application, settings.allowed_hosts, [settings.app_url])


app = App(
    "home.py",
    lifespan=warm_up,
    routes=[ROUTE],
    middleware=[Middleware(own_pages)],
    on_script_error=errors_in_the_app,
)
